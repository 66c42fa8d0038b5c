"""The settings of the test run: the real ones, in the environment that tests want.

Servers of its own (not those of a running demo), fast instead of durable; nothing rings, nothing
is sent. A DATABASE_URL from outside is respected: that is how other versions of PostgreSQL are
tested.
"""

import os

import embedded

os.environ["PAYSTORY_LOCAL_DIR"] = os.environ.get("PAYSTORY_TEST_LOCAL_DIR") or str(
    embedded.BASE_DIR / ".local" / "test"
)
os.environ["PAYSTORY_LOCAL_FAST"] = "1"
for name, value in {
    "DEBUG": "0",
    "DEMO": "1",
    "HTTPS": "0",
    "COLLECTED_STATIC": "0",
    "SECRET_KEY": "only-for-tests-" + "x" * 50,
    "PUBLIC_URL": "http://testserver",
    "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
    "PAYSTORY_DOORBELL": "0",
    "LOG_LEVEL": "WARNING",
    "CONN_MAX_AGE": "0",
}.items():
    os.environ[name] = value

from config.settings import *  # noqa: E402, F403
from config.settings import CACHES, REDIS_URL  # noqa: E402

# Each worker of pytest-xdist has a Redis database of its own, so that clearing one is not felt
# by the others (0 stays free for anything that is not a test).
worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 15 + 1
REDIS_URL = f"{REDIS_URL.removesuffix('/0')}/{worker}"
CACHES["default"]["LOCATION"] = REDIS_URL
CELERY_BROKER_URL = REDIS_URL

# Hashing is slow on purpose; tests log in thousands of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

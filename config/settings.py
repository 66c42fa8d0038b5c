"""Settings, by environment only.

With neither ``DATABASE_URL`` nor ``REDIS_URL`` set, the servers of ``embedded``
are used; they are started there and say their addresses. Every variable that is read
here is listed, with its meaning, in .env.example.
"""

from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

import embedded
from core.logs import configure_structlog, logging_config, structlog_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- what kind of installation this is --------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
# Demo data, the sandboxes of Stripe and QuickBooks, and links that log a visitor in.
DEMO = env.bool("DEMO", default=False)
# Everything is on this machine: nobody gave us a database.
LOCAL = not env.str("DATABASE_URL", default="")
# Production speaks HTTPS only; on loopback there is no certificate.
HTTPS = env.bool("HTTPS", default=not (DEBUG or DEMO or LOCAL))

SECRET_KEY = env.str("SECRET_KEY", default="") or embedded.local_secret_key()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Keys for secrets at rest (provider tokens), newest first; see core.secrets.
PAYSTORY_SECRET_KEYS = env.list("PAYSTORY_SECRET_KEYS", default=[])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# The address that e-mails and portal links carry.
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}")

# --- apps -------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "anymail",
    "csp",
    "django_htmx",
    "django_structlog",
    "heroicons",
    "pgtrigger",
    "core",
    "activity",
    "accounts",
    "ui",
    "workorders",
    "invoicing",
    "payments",
    "importing",
    "audit",
    "demo",
    "console",
    "sandbox",
]

MIDDLEWARE = [
    "config.health.HealthMiddleware",
    "core.logs.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.BrandMiddleware",
    "config.timeouts.TimeoutMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "console.shell.shell",
            ],
            "builtins": [
                "ui.templatetags.paystory",
                "ui.templatetags.boxes",
                "ui.templatetags.form_token",
            ],
        },
    }
]

# --- data -------------------------------------------------------------------------------------


def _database(url: str) -> dict[str, Any]:
    config: dict[str, Any] = env.db_url_config(url)
    # libpq's way to name a socket directory, moved to where Django's own tools look for it.
    host = config.get("OPTIONS", {}).pop("host", None)
    if host is not None:
        config["HOST"] = host
    return {
        **config,
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        # Behind PgBouncer in transaction mode, server side cursors must be off.
        "DISABLE_SERVER_SIDE_CURSORS": env.bool("PGBOUNCER", default=False),
    }


DATABASES = {
    "default": _database(env.str("DATABASE_URL", default="") or embedded.database_url()),
}
# How long a web request waits for a lock, and for one statement; see config.timeouts.
WEB_LOCK_TIMEOUT_MS = env.int("WEB_LOCK_TIMEOUT_MS", default=5_000)
WEB_STATEMENT_TIMEOUT_MS = env.int("WEB_STATEMENT_TIMEOUT_MS", default=30_000)

REDIS_URL = env.str("REDIS_URL", default="")
if not REDIS_URL:
    if env.str("DATABASE_URL", default="") and not (DEBUG or DEMO):
        raise ImproperlyConfigured("REDIS_URL is not set; production brings its own Redis.")
    REDIS_URL = embedded.redis_url()
CACHES = {
    "default": {
        "BACKEND": "config.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "paystory",
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1},
    }
}
# In the database: a restart of Redis logs nobody out.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = env.int("SESSION_COOKIE_AGE", default=60 * 60 * 24 * 14)
MESSAGE_STORAGE = "django.contrib.messages.storage.fallback.FallbackStorage"

# --- language and time ------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

# --- static files -----------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Production collects (hashed names, compressed, cached for ever); on this machine files are
# served from where they are.
COLLECTED_STATIC = env.bool("COLLECTED_STATIC", default=not (DEBUG or DEMO or LOCAL))
STATIC_ROOT: Path | None = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
if not COLLECTED_STATIC:
    STATIC_ROOT = None
WHITENOISE_USE_FINDERS = not COLLECTED_STATIC
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if COLLECTED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- login: e-mail and password, TOTP; accounts are made by admins, nobody signs up -----------

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
LOGOUT_REDIRECT_URL = "account_login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
ACCOUNT_ADAPTER = "accounts.adapter.StaffAdapter"
MFA_ADAPTER = "accounts.adapter.StaffMFAAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "10/m/ip,3/m/key",
    "reset_password_from_key": "10/m/ip",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}
# How many proxies of ours stand in front; without it rate limits would count the proxy.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Paystory"
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True

# --- headers ----------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = False
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # The QR code of the TOTP set-up is a data: image.
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- e-mail -----------------------------------------------------------------------------------

EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.console.EmailBackend")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Paystory <billing@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 10
if env.str("EMAIL_URL", default=""):
    # smtp+tls://user:password@host:587, for those without a provider that anymail knows.
    globals().update(env.email_url("EMAIL_URL"))
# A provider's settings as JSON, e.g. {"POSTMARK_SERVER_TOKEN": "…"}.
ANYMAIL: dict[str, Any] = env.json("ANYMAIL", default={})

# --- background work --------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
# The broker is a doorbell: results and state live in PostgreSQL.
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "global_keyprefix": "paystory:",
}
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ALWAYS_EAGER = env.bool("CELERY_TASK_ALWAYS_EAGER", default=False)
# Whether a write rings for the projector (tests do not want to be heard).
PAYSTORY_DOORBELL = env.bool("PAYSTORY_DOORBELL", default=True)
# /readyz says no when the oldest change waits longer than this to be read.
READY_MAX_BACKLOG_SECONDS = env.int("READY_MAX_BACKLOG_SECONDS", default=300)

# --- logs -------------------------------------------------------------------------------------

LOG_JSON = env.bool("LOG_JSON", default=not (DEBUG or DEMO or LOCAL))
configure_structlog()
LOGGING = logging_config(json=LOG_JSON, level=env.str("LOG_LEVEL", default="INFO"))
globals().update(structlog_settings(json=LOG_JSON))

# Every process that has settings has the Celery app too: without it, a task that is sent from a
# command or a view would go to Celery's default broker, silently.
from config import celery as _celery  # noqa: E402, F401

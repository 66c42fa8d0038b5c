"""A process that loads the web application limits its waits; any other does not."""

import os
import subprocess
import sys

import pytest

from config.checks import BASE_DIR

SHOW = "from django.db import connections; print(connections.settings['default'].get('OPTIONS'))"


def options_after(imports: str) -> str:
    """The database's options in a fresh process that ran ``imports``."""
    done = subprocess.run(
        [sys.executable, "-c", f"{imports}; {SHOW}"],
        cwd=BASE_DIR,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PAYSTORY_NO_EMBEDDED": "1",
            "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nowhere",
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "WEB_LOCK_TIMEOUT_MS": "1234",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize(
    ("imports", "is_limited"), [("import config.wsgi", True), ("import config.celery", False)]
)
def test_only_web_servers_give_up_waiting(imports: str, is_limited: bool) -> None:
    assert ("lock_timeout=1234" in options_after(imports)) is is_limited

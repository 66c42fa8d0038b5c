"""What every test gets: no network beyond this machine, an empty cache, a browser where asked."""

import os
import shutil
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

from invoicing.models.tripwire import SETTLED_AT_COMMIT, Unsettled

LOOPBACK = ("127.", "::1", "localhost")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def pytest_configure(config: pytest.Config) -> None:
    """Let Playwright's synchronous API and Django's ORM live in one thread (browser tests)."""
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def browser_path() -> str | None:
    """Return Debian's Chromium, or another that is installed."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip browser tests, saying why, on a machine without a browser."""
    if browser_path() is None:
        skip = pytest.mark.skip(reason="no Chromium on this machine; see 'make test'")
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(skip)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser, for Playwright's ``executable_path``."""
    path = browser_path()
    if path is None:
        pytest.skip("no Chromium on this machine")
    return path


@pytest.fixture(autouse=True)
def _only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that would reach a real provider fails at the attempt."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"a test tried to reach {address}")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """No test sees another's rate limits."""
    yield
    cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _may_empty_tracked_tables() -> Iterator[None]:
    """Tests with real transactions empty all tables afterwards: that is a reset, and says so."""
    real = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, *args: Any, **kwargs: Any) -> list[str]:
        return ["SELECT set_config('paystory.resetting', 'on', true)", *real(self, *args, **kwargs)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


@pytest.fixture
def unwatched(db: None) -> Iterator[None]:
    """For tests of what is captured or guarded, which write rows past every verb."""
    # Its hint says an instance; it takes, and migrations give it, the model.
    name = SETTLED_AT_COMMIT.get_pgid(Unsettled)  # type: ignore[arg-type]
    table = Unsettled._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    yield
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {name}")

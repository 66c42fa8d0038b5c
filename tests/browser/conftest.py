"""A browser, a server and a few jobs of the demo in a database that only browser tests see.

The jobs are loaded once per worker into a copy of the test database. Tests that only read share
it; a test that writes asks for ``own_copy`` and has a copy to itself, so that no order of tests
can matter.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, connections
from django.test import Client
from playwright.sync_api import Browser, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker

from tests.browser import jobs
from tests.browser.site import Profiles, Site

PEOPLE = {"dana": "dana@demo.paystory.test", "marcus": "admin@demo.paystory.test"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser, and needs the test database to be made."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db)


def _use(name: str) -> None:
    """Let this thread and those of the server talk to the database ``name``."""
    connections.close_all()
    connections.settings["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


@contextmanager
def _copy(of: str, name: str) -> Iterator[str]:
    connections.close_all()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{of}" STRATEGY FILE_COPY')
    yield name
    connections.close_all()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="package")
def loaded_jobs(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[str, dict[str, str]]]:
    """Name of the database that holds the jobs, and the session key of each person."""
    empty = connection.settings_dict["NAME"]
    with django_db_blocker.unblock(), _copy(empty, f"{empty}_browser") as name:
        _use(name)
        try:
            jobs.load()
            sessions = {who: _session(email) for who, email in PEOPLE.items()}
        finally:
            _use(empty)
        yield name, sessions


def _session(email: str) -> str:
    client = Client()
    client.force_login(get_user_model().objects.get(email=email))
    return client.cookies["sessionid"].value


@pytest.fixture
def own_copy() -> None:
    """Asked for by tests that write: see ``_django_db_helper``."""


@pytest.fixture
def _django_db_helper(
    request: pytest.FixtureRequest,
    loaded_jobs: tuple[str, dict[str, str]],
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """The jobs, for this test's own queries and for the server.

    Replaces pytest-django's fixture of this name, which would give the test a transaction
    that the server cannot see, or empty every table afterwards.
    """
    before, (shared, _) = connection.settings_dict["NAME"], loaded_jobs
    with django_db_blocker.unblock():
        try:
            if "own_copy" in request.fixturenames:
                with _copy(shared, f"{shared}_own") as name:
                    _use(name)
                    yield
            else:
                _use(shared)
                yield
        finally:
            _use(before)


@pytest.fixture(scope="package")
def server() -> Iterator[LiveServer]:
    """The whole site on a free port of this machine."""
    live = LiveServer("localhost")
    live._live_server_modified_settings.enable()
    yield live
    live.stop()
    live._live_server_modified_settings.disable()


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser per worker; see ``profiles``."""
    expect.set_options(timeout=10_000)  # a busy machine is slow, not wrong
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="package")
def profiles(browser: Browser) -> Profiles:
    """One for each kind of visitor, shared by the tests of a worker."""
    return {}


@pytest.fixture
def site(
    _django_db_helper: None,
    server: LiveServer,
    browser: Browser,
    profiles: Profiles,
    loaded_jobs: tuple[str, dict[str, str]],
) -> Iterator[Site]:
    """Opens pages; what a page complains about in its console fails the test."""
    opened = Site(browser, server.url, loaded_jobs[1], profiles)
    yield opened
    assert opened.close() == []

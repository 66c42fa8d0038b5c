"""The style guide: every component in every state, never in production."""

import pytest
from django.conf import LazySettings
from django.test import Client as Browser

from tests.factories import MembershipFactory

PAGE = "/styleguide/"


@pytest.fixture
def browser(db: None, client: Browser) -> Browser:
    client.force_login(MembershipFactory().user)
    return client


def test_production_has_none(browser: Browser, settings: LazySettings) -> None:
    settings.DEBUG = settings.DEMO = False

    assert browser.get(PAGE).status_code == 404


def test_it_shows_every_component(browser: Browser, settings: LazySettings) -> None:
    settings.DEMO = True

    html = browser.get(PAGE).content.decode()

    for part in ("equation-figure", "confirm-page", "<dialog", "pill tone-failed", "field-error"):
        assert part in html
    assert "¥1,235" in html and "KWD" in html

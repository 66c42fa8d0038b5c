"""The page that asks before a verb is carried out."""

import re
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.test import RequestFactory

from ui.confirm import confirm_page

WORDS = {"title": "Void $75.00?", "text": "It counts for nothing.", "button": "Void $75.00"}


class Reason(forms.Form):
    reason = forms.CharField()


@pytest.fixture
def page(rf: RequestFactory) -> Any:
    def show(context: dict[str, Any], **options: Any) -> str:
        request = rf.get("/b/fhi/payments/FHI624-P-3/void/")
        request.user, request.session = AnonymousUser(), SessionStore()
        html = confirm_page(request, {**WORDS, **context}, back="/b/fhi/", **options).content
        return html.decode()

    return show


def test_it_says_what_happens_with_the_amount_on_the_button(page: Any) -> None:
    html = page({"form": Reason(), "danger": True}, about="FHI624-P-3 · check 1234 · $75.00")

    assert "<h1" in html and "Void $75.00?" in html
    assert "FHI624-P-3 · check 1234 · $75.00" in html
    assert 'name="reason"' in html
    button = re.search(
        r'<button class="button button-danger" type="submit"\s*>(.*?)</button>', html
    )
    assert button is not None and button[1] == "Void $75.00"


def test_there_is_always_a_way_to_leave_it_as_it_is(page: Any) -> None:
    assert '<a class="button" href="/b/fhi/">Keep as it is</a>' in page({})
    assert '<a class="button" href="/b/fhi/">Keep it</a>' in page({}, keep="Keep it")


def test_a_verb_that_is_not_possible_says_why_and_offers_no_button(page: Any) -> None:
    html = page({"refused": "It is void already.", "back_to": "Back to P-3", "form": Reason()})

    assert "It is void already." in html
    assert "Back to P-3</a>" in html
    assert 'name="reason"' not in html and "Void $75.00</button>" not in html


def test_crumbs_lead_to_the_places_above_and_end_with_the_page(page: Any) -> None:
    html = page({"subject": "FHI624-P-3"}, crumbs=[("FHI624", "/b/fhi/FHI624/")], here="Void")

    assert '<a href="/b/fhi/FHI624/">FHI624</a> / Void</p>' in html
    assert "<title>Void · FHI624-P-3" in html


def test_without_a_place_of_its_own_the_title_is_the_last_crumb(page: Any) -> None:
    assert "<title>Void $75.00?" in page({})


def test_what_the_button_means_is_posted_with_it(page: Any) -> None:
    assert '<input type="hidden" name="publish" value="1">' in page({"hidden": {"publish": "1"}})


def test_words_are_escaped(page: Any) -> None:
    assert "<b>Dana</b>" not in page({"text": "<b>Dana</b>"})


def test_a_room_shows_more_of_the_thing_above_the_form(page: Any) -> None:
    more = {"state": "attention", "text": "Two jobs share it.", "form": Reason()}

    html = page(more, details="components/notice.html")

    assert html.index('class="notice tone-attention"') < html.index('name="reason"')
    assert "&lt;div" not in html

"""The one reader of query strings: what it cannot read gives the default, never an error page."""

from datetime import UTC, date, datetime

import pytest
from django.db.models import Q
from django.http import QueryDict
from django.test import RequestFactory

from accounts.models import User
from tests.factories import UserFactory
from ui.lists import Params, between, link, paged, pager, whole

ODD = ["", "\x00", "-1", "1.5", "٣", "²", "9" * 40, "1e3", "{}", "' or 1=1", "é" * 300]
WAYS = {"open": "Open", "done": "Done"}


def _params(query: str) -> Params:
    return Params(QueryDict(query))


def test_what_can_be_read_is_read() -> None:
    params = _params("q=+two++words+&show=done&since=2026-05-04&n=P-12&ids=3,1&ids=3&flat=1")

    assert params.text("q") == "two words"
    assert params.choice("show", WAYS) == "done"
    assert params.day("since") == date(2026, 5, 4)
    assert params.number("n", prefix="P-") == 12
    assert params.numbers("ids", 10) == [3, 1]
    assert params.flag("flat")
    assert params.errors == {}


def test_nothing_given_is_the_default_and_no_error() -> None:
    params = _params("")

    assert params.choice("show", WAYS, "open") == "open"
    assert params.day("since") is None
    assert params.number("n") is None
    assert params.numbers("ids", 10) == []
    assert params.is_first_page
    assert params.errors == {}


@pytest.mark.parametrize("value", ODD)
def test_what_cannot_be_read_gives_the_default_and_is_named(value: str) -> None:
    query = QueryDict(mutable=True)
    query.update(dict.fromkeys(("show", "since", "n", "ids", "after"), value))
    params = Params(query)

    assert params.choice("show", WAYS, "open") == "open"
    assert params.day("since") is None
    assert params.number("n", "a payment of this job") is None
    assert params.numbers("ids", 10) == []
    named = {"show", "since", "n"} if value else set()
    assert set(params.errors) == named
    if value:
        assert params.errors["n"].endswith("is not a payment of this job")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "4 May 2026"])
def test_a_day_that_no_brand_has_is_none(day: str) -> None:
    params = _params(f"since={day}")

    assert params.day("since") is None
    assert "write it like" in params.errors["since"]


def test_a_number_has_no_more_digits_than_a_key() -> None:
    assert whole("9" * 18) == 10**18 - 1
    assert whole("9" * 19) is None
    assert whole("1234567", digits=6) is None


def test_at_most_so_many_numbers_are_read() -> None:
    assert _params("ids=" + ",".join(map(str, range(100)))).numbers("ids", 3) == [0, 1, 2]


def test_free_text_is_cut_and_has_no_null() -> None:
    query = QueryDict(mutable=True)
    query["q"] = "a\x00b" + "x" * 500

    assert Params(query).text("q") == "ab" + "x" * 118


def test_days_are_the_brands_and_the_last_one_is_included() -> None:
    wanted = between("at", date(2026, 3, 2), date(2026, 3, 2), "America/Denver")

    assert wanted == Q(at__gte=datetime(2026, 3, 2, 7, tzinfo=UTC)) & Q(
        at__lt=datetime(2026, 3, 3, 7, tzinfo=UTC)
    )
    assert between("at", None, None, "UTC") == Q()


def test_a_link_changes_a_filter_and_goes_to_the_first_page(rf: RequestFactory) -> None:
    request = rf.get("/b/fhi/payments/", {"q": "Dana", "after": "abc", "entry": "7", "open": "3"})

    assert link(request) == "?q=Dana"
    assert link(request, status="failed") == "?q=Dana&status=failed"
    assert link(request, q=None) == "/b/fhi/payments/"


@pytest.mark.parametrize("cursor", ODD)
def test_a_broken_cursor_shows_the_first_page(db: None, rf: RequestFactory, cursor: str) -> None:
    for number in range(2):
        UserFactory(email=f"{number}@example.com")
    request = rf.get("/", {"after": cursor})

    page = paged(request, User.objects.all(), ["id"])

    assert [user.email for user in page.rows] == ["0@example.com", "1@example.com"]
    assert pager(request, page) == {"older_url": "", "newer_url": ""}

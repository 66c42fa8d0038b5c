"""What of a feed is shown: read from a URL, and as a condition on entries."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q
from django.http import QueryDict

from console.feed.filters import ALL_SHOWS, FIGURE_SHOWS, PAYMENT_SHOWS, Filters, parse, sources

SHOWS = {**PAYMENT_SHOWS, **FIGURE_SHOWS}


def test_a_url_is_read_whole() -> None:
    query = "show=refunds&source=staff&state=failed&payment=P-2&since=2026-05-04&ref=+pi_1+&flat=1"

    filters = parse(QueryDict(query), SHOWS)

    assert filters == Filters(
        show="refunds",
        source="staff",
        state="failed",
        payment="2",
        since=date(2026, 5, 4),
        reference="pi_1",
        flat=True,
    )
    assert filters.narrows and filters.refined


def test_nothing_asked_hides_nothing() -> None:
    filters = parse(QueryDict(""), SHOWS)

    assert not filters.narrows
    assert filters.condition(SHOWS, UTC) == Q()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("show", "people"),
        ("source", "nobody"),
        ("state", "odd"),
        ("payment", "P-1234567"),
        ("payment", "FHI624"),
        ("since", "yesterday"),
        ("until", "2026-13-01"),
    ],
)
def test_what_cannot_be_read_is_named_and_left_out(name: str, value: str) -> None:
    query = QueryDict(mutable=True)
    query[name] = value

    filters = parse(query, SHOWS)

    assert set(filters.errors) == {name}
    assert not filters.narrows


def test_a_chip_of_one_feed_is_none_of_the_other() -> None:
    assert parse(QueryDict("show=notes"), ALL_SHOWS).show == "notes"
    assert parse(QueryDict("show=notes"), SHOWS).show == ""


def test_days_are_the_brands() -> None:
    filters = Filters(since=date(2026, 3, 2), until=date(2026, 3, 2))

    assert filters.condition(SHOWS, ZoneInfo("America/Denver")) == Q(
        occurred_at__gte=datetime(2026, 3, 2, 7, tzinfo=UTC)
    ) & Q(occurred_at__lt=datetime(2026, 3, 3, 7, tzinfo=UTC))


def test_a_payment_is_its_own_rows_and_those_of_what_hangs_under_it() -> None:
    wanted = Filters(payment="2").condition(SHOWS, UTC)

    assert wanted == Q(thread__kind="payment", thread__data__number=2) | Q(
        thread__parent__kind="payment", thread__parent__data__number=2
    )


def test_the_menu_of_sources_has_providers_between_people_and_machines() -> None:
    assert list(sources().values()) == [
        "Staff",
        "Client",
        "Guardian",
        "FlexFund",
        "Stripe",
        "System",
        "Import",
        "API",
        "Database",
    ]

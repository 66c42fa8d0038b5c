"""The template vocabulary: money, states, times, sources, queries."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.template import engines
from django.test import RequestFactory

from core import clock
from ui import icons
from ui.templatetags import paystory

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


@dataclass
class Row:
    source: str = "Dana Whitfield"
    source_kind: str = "staff"
    imported: bool = False
    technical: bool = False


@dataclass
class Thread:
    rows: list[Row]
    hidden_rows: int = 0
    children: tuple[object, ...] = ()


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def render(source: str, **context: object) -> str:
    return engines["django"].from_string(source).render(context, RequestFactory().get("/?a=1&b=2"))


@pytest.mark.parametrize(
    ("amount", "currency", "money", "figure"),
    [
        (Decimal("1234.5"), "USD", "$1,234.50", "1,234.50"),
        (Decimal("-211.14"), "USD", "\u2212$211.14", "\u2212211.14"),
        (Decimal("1234.5"), "CAD", "CA$1,234.50", "1,234.50"),
        (Decimal(1235), "JPY", "¥1,235", "1,235"),
        (Decimal(-1235), "JPY", "\u2212¥1,235", "\u22121,235"),
        (Decimal("1.234"), "KWD", "KWD\xa01.234", "1.234"),
        (Decimal("-0.001"), "USD", "$0.00", "0.00"),
        (Decimal("0.125"), "USD", "$0.13", "0.13"),
        (Decimal("0.135"), "USD", "$0.14", "0.14"),
        ("340.52", "USD", "$340.52", "340.52"),
        (0, "USD", "$0.00", "0.00"),
        (Decimal("123456789012.34"), "USD", "$123,456,789,012.34", "123,456,789,012.34"),
        (None, "USD", "—", "—"),
        ("", "USD", "—", "—"),
    ],
)
def test_money_has_the_decimals_of_its_currency(
    amount: Decimal | int | str | None, currency: str, money: str, figure: str
) -> None:
    assert paystory.money(amount, currency) == money
    assert paystory.figure(amount, currency) == figure


def test_money_is_never_a_float() -> None:
    with pytest.raises(TypeError, match="never a float"):
        paystory.money(1.5, "USD")  # type: ignore[arg-type]


def test_negated_turns_the_sign() -> None:
    assert paystory.negated(Decimal("211.14")) == Decimal("-211.14")
    assert paystory.negated(None) is None


@pytest.mark.parametrize(
    ("state", "tone"),
    [
        ("succeeded", "succeeded"), ("pending", "pending"), ("unknown", "attention"),
        ("Declined", "failed"), ("charged back", "failed"), ("partially_refunded", "refunded"),
        ("voided", "voided"), ("never heard of", "neutral"), ("", "neutral"),
    ],
)  # fmt: skip
def test_each_state_has_a_tone(state: str, tone: str) -> None:
    assert paystory.tone(state) == tone


def test_tones_differ_by_shape() -> None:
    states = ["succeeded", "pending", "attention", "failed", "disputed", "refunded", "voided"]

    shapes = {icons.appearance(state).icon for state in states}

    assert len(shapes) == len(states)


def test_every_shape_exists() -> None:
    unknown = icons.svg("no-such-icon")

    for name in {seen.icon for seen in icons.APPEARANCES.values()} | set(
        icons.SOURCE_ICONS.values()
    ):
        assert icons.svg(name) != unknown


def test_an_unknown_icon_is_a_question_mark_and_no_error() -> None:
    assert paystory.icon("<script>") == paystory.icon("question-mark-circle")
    assert 'aria-hidden="true"' in paystory.icon("no-such-icon")


def test_pill_shows_a_word_and_a_shape_and_escapes_the_word() -> None:
    assert "partially refunded</span>" in paystory.pill("partially_refunded")
    assert "&lt;b&gt;" in paystory.pill("failed", "<b>")
    assert "<svg" in paystory.pill("failed")


def test_when_shows_absolute_and_relative_time_in_the_brands_zone() -> None:
    html = paystory.when(datetime(2026, 5, 4, 21, 42, tzinfo=UTC), "America/Boise")

    assert 'datetime="2026-05-04T15:42:00-06:00"' in html
    assert 'title="Mon 4 May 2026, 3:42 PM MDT"' in html
    assert '<span class="when-at">3:42 PM</span>' in html
    assert "<span data-ago>6 months ago</span>" in html


def test_when_of_nothing_is_nothing() -> None:
    assert paystory.when(None) == ""
    assert paystory.day(None) == ""
    assert paystory.ago(None) == ""


def test_when_can_name_the_day_and_leave_the_rest() -> None:
    html = paystory.when(NOW, "UTC", date=True, relative=False)

    assert "Fri 20 Nov 2026, 6:00 PM</span>" in html
    assert "data-relative" not in html


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=10), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=23), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=30), "1 month ago"),
        (timedelta(days=364), "11 months ago"),
        (timedelta(days=366), "1 year ago"),
        (timedelta(days=-3), "in 3 days"),
    ],
)
def test_ago(passed: timedelta, words: str) -> None:
    assert paystory.ago(NOW - passed) == words


def test_day_heading() -> None:
    assert paystory.day(date(2026, 10, 14)) == "Wed 14 Oct 2026"


def test_midnight_and_noon_differ() -> None:
    assert paystory.clock_time(datetime(2026, 1, 1, 0, 5, tzinfo=UTC), "UTC") == "12:05 AM"
    assert paystory.clock_time(datetime(2026, 1, 1, 12, 5, tzinfo=UTC), "UTC") == "12:05 PM"


def test_source_names_who_and_marks_what_was_imported() -> None:
    html = paystory.source(Row(imported=True))

    assert '<span class="sr-only">Staff: </span>' in html
    assert "Dana Whitfield" in html
    assert "imported</span>" in html


def test_source_of_a_client_says_client() -> None:
    assert "Client · Priya Raman" in paystory.source(Row("Priya Raman", "client"))
    assert ">Client<" in paystory.source(Row("", "client"))


def test_source_escapes_names() -> None:
    assert "<i>" not in paystory.source(Row("<i>x</i>", "api"))


def test_a_thread_of_one_event_is_single() -> None:
    assert paystory.is_single(Thread([Row()]))  # type: ignore[arg-type]
    assert not paystory.is_single(Thread([Row()], hidden_rows=1))  # type: ignore[arg-type]
    assert not paystory.is_single(Thread([Row(), Row()]))  # type: ignore[arg-type]


def test_technical_rows_fold_apart() -> None:
    rows = [Row(), Row(technical=True)]

    assert paystory.plain(rows) == rows[:1]
    assert paystory.technical(rows) == rows[1:]


def test_query_changes_and_removes_parameters() -> None:
    assert render("{% query a=3 b=None %}") == "?a=3"
    assert render("{% query a=None b=None %}") == "?"
    assert render("{% query q='a&b' %}") == "?a=1&amp;b=2&amp;q=a%26b"


def test_panel_wraps_a_block_and_escapes_its_title() -> None:
    html = render('{% panel title url="/x/" %}<b>in</b>{% endpanel %}', title="<Charges>")

    assert "&lt;Charges&gt;" in html
    assert "<b>in</b>" in html
    assert 'href="/x/"' in html


def test_counted_adds_the_counts_of_navigation() -> None:
    assert paystory.counted([{"count": 2}, {"count": None}, {}, {"count": 3}]) == 5

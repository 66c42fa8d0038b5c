"""Entries and threads in words: rows, folded runs, pills. From unsaved rows, without a database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from activity.models import Entry, Thread
from console.feed.build import Place, fold, outcome, row_view, thread_view

AT = datetime(2026, 3, 3, 6, 30, tzinfo=UTC)  # 2 March, 11:30 PM in Denver
PLACE = Place("USD", ZoneInfo("America/Denver"), "/b/fhi/work-orders/FHI624/")


def _entry(pk: int = 1, **values: Any) -> Entry:
    plain = {"code": "nobody.words", "kind": "note", "actor_kind": "staff", "actor_label": "Dana"}
    return Entry(pk=pk, **{"occurred_at": AT, "recorded_at": AT, "data": {}, **plain, **values})


def _thread(**values: Any) -> Thread:
    return Thread(pk=9, **{"kind": "note", "last_at": AT, "entry_count": 1, "data": {}, **values})


def test_a_row_shows_its_day_only_under_the_heading_of_another() -> None:
    assert not row_view(_entry(), PLACE, date(2026, 3, 2)).show_date
    assert row_view(_entry(), PLACE, date(2026, 3, 3)).show_date


def test_an_entry_received_later_shows_when_in_the_brands_time() -> None:
    late = _entry(recorded_at=AT + timedelta(hours=1))

    assert row_view(late, PLACE, None).details == [
        ("Received here", "3 Mar 2026 00:30:00 MST", "text")
    ]
    assert row_view(_entry(), PLACE, None).details == []
    late.imported = True
    assert row_view(late, PLACE, None).details[0][0] == "Imported"


def test_a_row_has_an_address_of_its_own() -> None:
    assert row_view(_entry(pk=7), PLACE, None).url == f"{PLACE.url}?entry=7#e-7"


@pytest.mark.parametrize(("kind", "rows"), [("provider", 1), ("staff", 3)])
def test_equal_steps_of_a_machine_fold_and_those_of_people_do_not(kind: str, rows: int) -> None:
    entries = [_entry(pk=n, actor_kind=kind) for n in (1, 2, 3)]

    folded = list(fold(row_view(entry, PLACE, None) for entry in entries))

    assert len(folded) == rows
    assert sum(row.folded_count for row in folded) == 3
    assert folded[0].id == (3 if kind == "provider" else 1)


def test_a_long_thread_shows_five_rows_and_counts_the_others() -> None:
    entries = [_entry(pk=n) for n in range(8, 0, -1)]
    thread = _thread(entry_count=8)

    view = thread_view(thread, entries, PLACE, date(2026, 3, 2), whole=False)
    whole = thread_view(thread, entries, PLACE, date(2026, 3, 2), whole=True)

    assert [row.id for row in view.rows] == [8, 7, 6, 5, 4]
    assert (view.hidden_rows, whole.hidden_rows, len(whole.rows)) == (3, 0, 8)


def test_without_a_headline_of_its_own_the_newest_row_is_the_headline() -> None:
    entries = [_entry(pk=2, state="failed"), _entry(pk=1)]

    view = thread_view(_thread(), entries, PLACE, date(2026, 3, 2), whole=True)

    assert (view.title, view.state, view.hot) == (view.rows[0].headline, "failed", True)


def test_oldest_first_turns_the_rows_and_not_the_headline() -> None:
    place = Place("USD", PLACE.zone, PLACE.url, oldest_first=True)
    entries = [_entry(pk=2, state="failed"), _entry(pk=1)]

    view = thread_view(_thread(), entries, place, date(2026, 3, 2), whole=True)

    assert [row.id for row in view.rows] == [1, 2]
    assert view.state == "failed"


@pytest.mark.parametrize(
    ("back", "word"), [((), ""), (("40.00",), "partly refunded"), (("40.00", "60.00"), "refunded")]
)
def test_refunded_is_derived_from_what_went_back(back: tuple[str, ...], word: str) -> None:
    thread = _thread(kind="payment", status="completed", state="succeeded")
    thread.data = {"amount": "100.00"}
    refunds = [_thread(kind="refund", status="completed", data={"amount": a}) for a in back]
    refunds.append(_thread(kind="refund", status="failed", data={"amount": "100.00"}))

    pill = outcome(thread, refunds, PLACE)

    assert pill.state == ("refunded" if back else "succeeded")
    if back:
        assert pill.state_word == word

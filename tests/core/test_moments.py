"""Days and times in the brand's zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from core import clock, moments

DENVER = "America/Denver"
# 2 March, 11:30 PM in Denver; already 3 March in UTC.
LATE = datetime(2026, 3, 3, 6, 30, tzinfo=UTC)


def test_the_day_is_the_brands_and_not_utcs() -> None:
    assert moments.day_of(LATE, DENVER) == date(2026, 3, 2)
    assert moments.day_of(LATE, UTC) == date(2026, 3, 3)


def test_today_is_where_the_brand_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: LATE)

    assert moments.today(DENVER) == date(2026, 3, 2)
    assert moments.today(ZoneInfo("Asia/Tokyo")) == date(2026, 3, 3)


def test_a_typed_day_is_now_for_today_and_noon_for_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "now", lambda: LATE)

    assert moments.instant_of(date(2026, 3, 2), DENVER) == LATE
    assert moments.instant_of(date(2026, 3, 1), DENVER) == datetime(2026, 3, 1, 19, tzinfo=UTC)


def test_a_day_begins_by_the_brands_clock() -> None:
    assert moments.start_of(date(2026, 3, 2), DENVER) == datetime(2026, 3, 2, 7, tzinfo=UTC)
    # After the clocks went forward.
    assert moments.start_of(date(2026, 3, 9), DENVER) == datetime(2026, 3, 9, 6, tzinfo=UTC)


def test_a_day_in_words() -> None:
    day = date(2026, 11, 9)

    assert moments.day_text(day) == "9 Nov 2026"
    assert moments.day_text(day, weekday=True) == "Mon 9 Nov 2026"
    assert moments.day_text(day, year=False) == "9 Nov"
    assert moments.stored_day_text("2026-04-09") == "9 Apr 2026"


def test_midnight_and_noon_are_twelve() -> None:
    assert moments.time_text(LATE, DENVER) == "11:30 PM"
    assert moments.time_text(datetime(2026, 1, 1, 0, 5, tzinfo=UTC), UTC) == "12:05 AM"
    assert moments.time_text(datetime(2026, 1, 1, 12, 5, tzinfo=UTC), UTC) == "12:05 PM"


def test_an_exact_instant_names_its_zone() -> None:
    assert moments.moment_text(LATE, DENVER) == "2 Mar 2026 23:30:00 MST"
    assert moments.moment_text(LATE, DENVER, seconds=False) == "2 Mar 2026 23:30 MST"
    later = LATE.replace(second=7)
    assert moments.moment_text(later, DENVER, seconds=False) == "2 Mar 2026 23:30:07 MST"


def test_without_a_zone_the_one_that_the_request_activated_counts() -> None:
    assert moments.moment_text(LATE) == "3 Mar 2026 06:30:00 UTC"
    with timezone.override(ZoneInfo(DENVER)):
        assert moments.moment_text(LATE) == "2 Mar 2026 23:30:00 MST"
        assert moments.time_text(LATE, "") == "11:30 PM"


def test_a_stored_instant_is_read_whatever_offset_it_carries() -> None:
    assert moments.stored_moment_text("2026-03-02T09:15:00-07:00") == "2 Mar 2026 16:15:00 UTC"
    assert moments.stored_moment_text("soon") == "soon"

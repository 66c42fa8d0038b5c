"""Entries of many jobs under day headings, each leading to the page that shows it."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Brand
from activity.models import Entry
from console.feed.rows import by_day
from tests.factories import WorkOrderFactory

ZONE = ZoneInfo("America/Denver")
LATE = datetime(2026, 3, 3, 6, 30, tzinfo=UTC)  # 2 March in Denver
NEXT = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)


def _entry(pk: int, at: datetime, **values: Any) -> Entry:
    plain = {"code": "nobody.words", "actor_kind": "staff", "data": {}, "payment_view": True}
    return Entry(pk=pk, occurred_at=at, recorded_at=at, **{**plain, **values})


@pytest.fixture
def job_id(brand: Brand) -> int:
    return int(WorkOrderFactory(brand=brand, number="FHI624").pk)


def test_days_are_the_brands_and_in_the_order_given(brand: Brand, job_id: int) -> None:
    entries = [_entry(2, NEXT, work_order_id=job_id), _entry(1, LATE, work_order_id=job_id)]

    days = by_day(brand, entries, ZONE)

    assert [(day.isoformat(), [r.row.id for r in rows]) for day, rows in days] == [
        ("2026-03-03", [2]),
        ("2026-03-02", [1]),
    ]


def test_a_row_leads_to_the_feed_that_shows_it(brand: Brand, job_id: int) -> None:
    entries = [
        _entry(3, NEXT, work_order_id=job_id),
        _entry(2, NEXT, work_order_id=job_id, payment_view=False),
        _entry(1, NEXT),
    ]

    [(_, rows)] = by_day(brand, entries, ZONE)

    assert [row.job_number for row in rows] == ["FHI624", "FHI624", ""]
    assert [row.row.url.split("?")[0] for row in rows] == [
        "/b/fhi/work-orders/FHI624/",
        "/b/fhi/work-orders/FHI624/activity/",
        "/b/fhi/activity/",
    ]


def test_the_numbers_of_all_jobs_cost_one_query(
    brand: Brand, job_id: int, django_assert_num_queries: Any
) -> None:
    other = WorkOrderFactory(brand=brand)
    entries = [_entry(2, NEXT, work_order_id=job_id), _entry(1, NEXT, work_order_id=other.pk)]

    with django_assert_num_queries(1):
        by_day(brand, entries, ZONE)

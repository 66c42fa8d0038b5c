"""Entries of many jobs as plain chronology: the client's page and the whole brand's feed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.urls import reverse

from accounts.models import Brand
from activity.models import Entry
from console.feed.build import Place, RowView, row_view
from core import moments
from workorders.models import WorkOrder


@dataclass(frozen=True)
class FeedRow:
    """One row with the job that it belongs to; ``job_number`` is empty for the brand's own."""

    row: RowView
    job_number: str


FeedDay = tuple[date, list[FeedRow]]


def by_day(brand: Brand, entries: Iterable[Entry], zone: ZoneInfo) -> list[FeedDay]:
    """``entries`` in their order under day headings; one query for the numbers of their jobs."""
    entries = list(entries)
    jobs = {e.work_order_id for e in entries if e.work_order_id is not None}
    rows = WorkOrder.objects.filter(brand=brand, pk__in=jobs).values_list("pk", "number")
    numbers: dict[int | None, str] = dict(rows) if jobs else {}
    days: list[FeedDay] = []
    for entry in entries:
        day = moments.day_of(entry.occurred_at, zone)
        if not days or days[-1][0] != day:
            days.append((day, []))
        number = numbers.get(entry.work_order_id, "")
        place = Place(brand.currency, zone, _page(brand, entry, number))
        days[-1][1].append(FeedRow(row_view(entry, place, None), number))
    return days


def _page(brand: Brand, entry: Entry, number: str) -> str:
    """Where an entry is seen among its neighbours; a row adds its own anchor."""
    if not number:
        return reverse("brand_activity", args=[brand.slug])
    name = "work_order" if entry.payment_view else "work_order_activity"
    return reverse(name, args=[brand.slug, number])

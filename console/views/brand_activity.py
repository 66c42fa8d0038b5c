"""Everything that happened in a brand, newest first."""

from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import BrandRequest, brand_view
from accounts.models import Brand
from activity.models import Entry
from activity.reading import read_through_brand
from console.feed import rows
from console.feed.filters import ALL_SHOWS, STATES, Filters, parse, sources
from ui.lists import Chip, Params, link, paged, pager

NEWEST_FIRST = ["-occurred_at", "-id"]


@brand_view()
def brand_activity(request: BrandRequest) -> HttpResponse:
    """One flat feed of all jobs and of what belongs to none (team, catalogue, unmatched orders)."""
    brand, zone = request.brand, ZoneInfo(request.brand.time_zone)
    pending = read_through_brand(brand.pk)
    filters = parse(request.GET, ALL_SHOWS)
    wanted = filters.condition(ALL_SHOWS, zone)
    if not filters.narrows:
        wanted &= Q(technical=False)
    entries = Entry.objects.filter(wanted, brand_id=brand.pk).select_related("thread")
    at = _linked(request, brand)
    page = paged(request, entries if at is None else _from(entries, at), NEWEST_FIRST)
    context = {
        "days": rows.by_day(brand, page.rows, zone),
        "filter": filters,
        "filters": _chips(request, filters),
        "filter_sources": sources(),
        "filter_states": {str(key): word for key, word in STATES.items()},
        "clear_url": request.path,
        "tz_name": brand.time_zone,
        "pending_count": pending,
        **pager(request, page),
    }
    return render(request, "console/brand_activity.html", context)


def _linked(request: BrandRequest, brand: Brand) -> Entry | None:
    """The entry of a deep link: the page starts with it."""
    number = Params(request.GET).number("entry")
    return Entry.objects.filter(brand_id=brand.pk, pk=number).first() if number else None


def _from(entries: QuerySet[Entry], at: Entry) -> QuerySet[Entry]:
    return entries.filter(
        Q(occurred_at__lt=at.occurred_at) | Q(occurred_at=at.occurred_at, id__lte=at.pk)
    )


def _chips(request: BrandRequest, filters: Filters) -> list[Chip]:
    """Without counts: over ten years of a brand they cost more than they are worth."""
    every = Chip("All", link(request, show=None), not filters.show)
    return [every] + [
        Chip(label, link(request, show=key), key == filters.show)
        for key, (label, _) in ALL_SHOWS.items()
    ]

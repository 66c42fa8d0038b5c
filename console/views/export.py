"""A job's feed as a file: the filtered view, every row, as CSV or JSON."""

import json
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.http import Http404, StreamingHttpResponse

from accounts.access import BrandRequest, brand_view
from activity.projection import Feed
from activity.reading import read_through
from console.feed.build import Place, RowView
from console.feed.filters import parse
from console.feed.pages import flat_rows
from console.views.work_order import find_work_order, tab_of
from core import csvout, moments

CHUNK = 500
COLUMNS = ["occurred_at", "label", "headline", "second", "state", "source", "imported", "details"]
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@brand_view()
def work_order_export(request: BrandRequest, number: str, form: str) -> StreamingHttpResponse:
    """The rows that the page's filters show, oldest first. ``form`` is csv or json."""
    if form not in TYPES:
        raise Http404("Exports are csv or json")
    job = find_work_order(request, number)
    tab = tab_of(job, "work_order_activity" if request.GET.get("all") else "work_order")
    read_through(Feed(job.brand_id, job.pk))
    zone = ZoneInfo(job.brand.time_zone)
    place = Place(job.brand.currency, zone, request.build_absolute_uri(tab.url))
    wanted = parse(request.GET, tab.shows).condition(tab.shows, zone)
    entries = tab.scope.entries().filter(wanted).order_by("occurred_at", "id")
    rows = (row for e in entries.iterator(CHUNK) for row in flat_rows([e], place))
    write = _csv if form == "csv" else _json
    response = StreamingHttpResponse(write(rows, place), content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{job.number}-activity.{form}"'
    return response


def _record(row: RowView, place: Place) -> dict[str, str | bool]:
    return {
        "occurred_at": moments.local(row.occurred_at, place.zone).isoformat(),
        "label": row.label,
        "headline": row.headline,
        "second": row.second,
        "state": row.state_word or row.state,
        "source": f"{row.source_kind}: {row.source}",
        "imported": row.imported,
        "details": "; ".join(f"{label}: {value}" for label, value, _ in row.details),
    }


def _csv(rows: Iterator[RowView], place: Place) -> Iterator[str]:
    records = (_record(row, place) for row in rows)
    return csvout.lines(COLUMNS, (tuple(record[c] for c in COLUMNS) for record in records))


def _json(rows: Iterator[RowView], place: Place) -> Iterator[str]:
    start = "[\n"
    for row in rows:
        yield start + json.dumps(_record(row, place), ensure_ascii=False)
        start = ",\n"
    yield "]\n" if start == ",\n" else "[]\n"

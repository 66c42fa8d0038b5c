"""All payments of a brand, on screen and as a spreadsheet."""

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.access import BrandRequest, brand_view
from console.lists import payments as payment_list
from console.lists.payments import FOLLOW_UP, NEWEST_FIRST, RECONCILED, PaymentFilters
from core import csvout, moments
from payments.models import Method, PaymentStatus
from payments.providers import registry
from ui.boxes import Boxes
from ui.lists import Chip, link, paged, pager

CLEARED = (
    "q", "status", "method", "provider", "reconciled", "follow_up", "since", "until",
)  # fmt: skip


@brand_view()
def payments(request: BrandRequest) -> HttpResponse:
    """The filtered list with its sums."""
    filters = payment_list.parse(request.GET)
    rows = payment_list.payments(request.brand, filters)
    page = paged(request, rows.select_related("work_order__client"), NEWEST_FIRST)
    boxes = Boxes(brand=request.brand.pk)
    boxes.add("totals", lambda: _totals(payment_list.sums(request.brand, rows)))
    boxes.add("chips", lambda: {"chips": _status_chips(request, filters)})
    context = {
        "filter": filters,
        "payments": page.rows,
        "today": moments.today(request.brand.time_zone),
        "currency": request.brand.currency,
        "methods": Method.choices,
        "providers": registry.choices(),
        "reconciled": RECONCILED.items(),
        "follow_ups": FOLLOW_UP.items(),
        "clear_url": link(request, **dict.fromkeys(CLEARED)),
        "csv_url": reverse("payments_export", args=[request.brand.slug])
        + link(request).removeprefix(request.path),
        "tz_name": request.brand.time_zone,
        **boxes.context,
        **pager(request, page),
    }
    return render(request, "console/payments.html", context)


def _totals(sums: payment_list.Sums) -> dict[str, Any]:
    return {"figures": _figures(sums), "count": sums.count, "foreign": sums.foreign}


def _figures(sums: payment_list.Sums) -> list[dict[str, Any]]:
    return [
        {"label": "Received", "amount": sums.received, "note": "incl. disputed, fees included"},
        {"label": "Refunded", "amount": sums.refunded, "note": "of these payments"},
        {"label": "Pending", "amount": sums.pending, "note": "not counted as received"},
        {"label": "Brought nothing", "amount": sums.other, "note": "failed, voided, unknown …"},
    ]


def _status_chips(request: BrandRequest, filters: PaymentFilters) -> list[Chip]:
    counts = payment_list.status_counts(
        payment_list.payments(request.brand, filters, any_status=True)
    )
    every = Chip("All", link(request, status=None), not filters.status, sum(counts.values()))
    return [every] + [
        Chip(label, link(request, status=key), key == filters.status, counts.get(key, 0))
        for key, label in PaymentStatus.choices
        if counts.get(key) or key == filters.status
    ]


@brand_view()
def payments_export(request: BrandRequest) -> StreamingHttpResponse:
    """The filtered list as CSV, streamed."""
    filters = payment_list.parse(request.GET)
    rows = payment_list.csv_rows(request.brand, payment_list.payments(request.brand, filters))
    response = StreamingHttpResponse(
        csvout.lines(payment_list.CSV_HEADER, rows), content_type="text/csv; charset=utf-8"
    )
    name = f"payments-{request.brand.slug}-{moments.today(request.brand.time_zone):%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

"""The work order list and the search over everything."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.access import BrandRequest, brand_view
from console.lists import jobs as job_list
from console.lists.jobs import ALL, ATTENTION, PUBLISHED, VIEWS, JobFilters
from console.lists.search import (
    by_reference,
    job_by_number,
    matching_jobs,
    matching_payments,
)
from invoicing.queries import balances, to_bill
from payments.models import Payment
from payments.queries import REASONS, attention_counts, find_payment
from ui.boxes import BROKEN, Boxes
from ui.lists import Chip, Params, link, paged, pager
from workorders.models import Origin, WorkOrder, WorkOrderStatus
from workorders.queries import clients_matching
from workorders.queries import work_orders as jobs_of

# How many of each kind the search page shows before it leads to the list.
GROUP = 10


@brand_view()
def work_orders(request: BrandRequest) -> HttpResponse:
    """Jobs, opening on those that need somebody."""
    brand, filters = request.brand, job_list.parse(request.GET)
    page = paged(request, job_list.jobs(brand, filters), filters.order)
    boxes = Boxes(brand=brand.pk)
    boxes.add("jobs", lambda: {"rows": job_list.rows(brand, page.rows)})
    boxes.add("views", lambda: _ways(request, filters))
    boxes.add("inspectors", lambda: {"inspectors": job_list.inspectors(brand)})
    context = {
        "filter": filters,
        "quiet": QUIET.get(filters.view),
        "statuses": WorkOrderStatus.choices,
        "origins": Origin.choices,
        "published": PUBLISHED.items(),
        "clear_url": link(request, **dict.fromkeys(CLEARED)),
        "all_url": link(request, view=ALL, reason=None),
        "first_page": Params(request.GET).is_first_page,
        "search_query": filters.text,
        **boxes.context,
        **pager(request, page),
    }
    return render(request, "console/work_orders.html", context)


def _ways(request: BrandRequest, filters: JobFilters) -> dict[str, Any]:
    """The views and the reasons to choose from, with their counts."""
    counts = attention_counts(request.brand)
    return {
        "views": _views(request, filters, counts[""]),
        "chips": _reason_chips(request, filters, counts) if filters.view == ATTENTION else [],
    }


CLEARED = ("q", "reason", "status", "origin", "published", "inspector", "since", "until")


# What an empty list of balances says.
QUIET = {
    balances.OUTSTANDING: ("Nothing is outstanding", "Every issued invoice is paid."),
    balances.OVERPAID: ("Nothing is overpaid", "No job holds more money than it is billed."),
    balances.UNCOLLECTED: (
        "No fee is missing",
        "Every card payment brought its technology fee, or somebody waived it.",
    ),
    to_bill.TO_BILL: (
        "Nothing waits to be billed",
        "Every charge is on an issued invoice. Drafts and void bills appear here.",
    ),
}


def _views(request: BrandRequest, filters: JobFilters, waiting: int) -> list[dict[str, Any]]:
    """The ways to look at the list; those that are work to do count."""
    counted = {ATTENTION: waiting, **balances.counts(request.brand)}
    counted[to_bill.TO_BILL] = to_bill.count(request.brand)
    return [
        {
            "label": label,
            "url": link(request, view=key, reason=None),
            "active": key == filters.view,
            "count": counted.get(key),
        }
        for key, label in VIEWS.items()
    ]


def _reason_chips(request: BrandRequest, filters: JobFilters, counts: dict[str, int]) -> list[Chip]:
    """One chip per reason. A job with two reasons is counted under both."""
    view = filters.view if filters.text else None
    every = Chip(
        "Any reason", link(request, view=view, reason=None), not filters.reason, counts[""]
    )
    return [every] + [
        Chip(
            label,
            link(request, view=view, reason=key),
            key == filters.reason,
            counts[key],
        )
        for key, label in REASONS.items()
    ]


@brand_view()
def search(request: BrandRequest) -> HttpResponse:
    """One exact hit leads to its page; anything else is a list of jobs, clients and payments."""
    text = job_list.parse(request.GET).text
    exact = _exact(request, text) if text else None
    if exact is not None:
        return exact
    context: dict[str, Any] = {"search_query": text, "text": text}
    if text:
        context |= _groups(request, text)
    return render(request, "console/search.html", context)


def _exact(request: BrandRequest, text: str) -> HttpResponse | None:
    job = job_by_number(request.brand, text)
    if job is not None:
        return redirect("work_order", request.brand.slug, job.number)
    payment = find_payment(request.brand, text)
    if payment is not None:
        number = f"{payment.work_order.number}-P-{payment.number}"
        return redirect("payment", request.brand.slug, number)
    reference = by_reference(request.brand, text)
    if reference is None or len(reference.job_ids) != 1:
        return None
    job = WorkOrder.objects.get(brand=request.brand, pk=min(reference.job_ids))
    messages.info(request, f"Found by {reference.kind} {reference.text}: {job.number}.")
    return redirect("work_order", request.brand.slug, job.number)


def _groups(request: BrandRequest, text: str) -> dict[str, Any]:
    """What is found, by kind: one that fails costs itself."""
    boxes = Boxes(brand=request.brand.pk)
    boxes.add("jobs", lambda: _found_jobs(request, text))
    boxes.add("clients", lambda: _found_clients(request, text))
    boxes.add("payments", lambda: _found_payments(request, text))
    found = boxes.context
    is_any = any(found.get(name) for name in (BROKEN, "rows", "clients", "payments"))
    return found | {"nothing": not is_any}


def _found_jobs(request: BrandRequest, text: str) -> dict[str, Any]:
    matches = jobs_of(request.brand).filter(matching_jobs(request.brand, text))
    jobs = list(matches.order_by(*job_list.NEWEST_FIRST)[: GROUP + 1])
    rows = job_list.rows(request.brand, jobs[:GROUP], reasons=False)
    return {"rows": rows, "more_jobs": len(jobs) > GROUP}


def _found_clients(request: BrandRequest, text: str) -> dict[str, Any]:
    clients = list(clients_matching(request.brand, text).order_by("name", "id")[: GROUP + 1])
    return {"clients": clients[:GROUP], "more_clients": len(clients) > GROUP}


def _found_payments(request: BrandRequest, text: str) -> dict[str, Any]:
    payments = Payment.objects.filter(brand=request.brand)
    payments = payments.filter(matching_payments(request.brand, text)).select_related("work_order")
    paid = list(payments.order_by("-happened_at", "-id")[: GROUP + 1])
    return {"payments": paid[:GROUP], "more_payments": len(paid) > GROUP}

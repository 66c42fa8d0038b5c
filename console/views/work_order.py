"""The work order page: the summary of the job on top, its timeline below."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.access import BrandRequest, brand_view
from accounts.models import Brand
from activity.models import Entry, Thread
from activity.projection import Feed
from activity.reading import read_through
from console.feed import live, pages
from console.feed.build import Action, Place
from console.feed.filters import (
    ALL_SHOWS,
    FIGURE_SHOWS,
    PAYMENT_SHOWS,
    STATES,
    Filters,
    counts,
    parse,
    sources,
)
from console.job import equation
from console.job.page import job_page
from invoicing.queries.settlements import job_settlement
from ui.boxes import Boxes
from ui.lists import PAGING, Chip, Params, link, pager
from workorders.models import WorkOrder
from workorders.queries import is_numbered

ORDER_COOKIE = "timeline_order"
ORDERS = ("newest", "oldest")
MAX_POLLED_THREADS = 60
MAX_OPENED = 20


@dataclass(frozen=True)
class Tab:
    """One of the two feeds of a job."""

    name: str
    title: str
    scope: pages.Scope
    shows: Mapping[str, tuple[str, Q]]
    url: str


def find_work_order(request: BrandRequest, number: str) -> WorkOrder:
    """The brand's job of that number, or 404."""
    rows = WorkOrder.objects.select_related("client", "brand")
    return get_object_or_404(rows, is_numbered(number), brand=request.brand)


def tab_of(work_order: WorkOrder, name: str) -> Tab:
    """The feed that the page called ``name`` shows."""
    payments = name == "work_order"
    return Tab(
        name=name,
        title="Payment activity" if payments else "Activity",
        scope=pages.Scope(work_order.brand_id, work_order.pk, payment_view=payments),
        shows={**PAYMENT_SHOWS, **FIGURE_SHOWS} if payments else ALL_SHOWS,
        url=reverse(name, args=[work_order.brand.slug, work_order.number]),
    )


@brand_view()
def work_order(request: BrandRequest, number: str) -> HttpResponse:
    """Services & Payments: charges, payments and the Payment activity timeline."""
    return _page(request, number, "work_order")


@brand_view()
def work_order_activity(request: BrandRequest, number: str) -> HttpResponse:
    """The whole feed of a job, messages and notes included."""
    return _page(request, number, "work_order_activity")


def _page(request: BrandRequest, number: str, name: str) -> HttpResponse:
    job = find_work_order(request, number)
    if job.number != number:  # typed in another case: a page has one address
        url = reverse(name, args=[job.brand.slug, job.number])
        query = request.GET.urlencode()
        return HttpResponseRedirect(f"{url}?{query}" if query else url)
    tab = tab_of(job, name)
    pending = read_through(Feed(job.brand_id, job.pk))
    seen = live.snapshot()
    params = Params(request.GET)
    show = params.choice("show", FIGURE_SHOWS) if name == "work_order" else ""
    page = job_page(job, request.membership, name, show)
    may = page.context.get("payment_actions", {})
    page.add("feed", lambda: feed_context(request, tab, job.brand, may))
    context = page.context | {"snapshot": seen, "pending_count": pending, "tab": tab}
    context |= {"tz": ZoneInfo(job.brand.time_zone), "tz_name": job.brand.time_zone}
    context |= _exports(request, job, name)
    response = render(request, "console/work_order.html", context)
    if order := params.choice("order", ORDERS):
        # A person who turns the timeline round wants it so on every job: kept for a year.
        response.set_cookie(ORDER_COOKIE, order, max_age=31536000, httponly=True, samesite="Lax")
    return response


def _exports(request: BrandRequest, job: WorkOrder, name: str) -> dict[str, str]:
    """Links to the filtered view as a file."""
    params = request.GET.copy()
    for name in (*PAGING, "flat", "order"):
        params.pop(name, None)
    if name == "work_order_activity":
        params["all"] = "1"
    query = f"?{params.urlencode()}" if params else ""
    args = [job.brand.slug, job.number]
    return {
        "export_url": reverse("work_order_export", args=[*args, "csv"]) + query,
        "export_json_url": reverse("work_order_export", args=[*args, "json"]) + query,
    }


def feed_context(
    request: HttpRequest, tab: Tab, brand: Brand, actions: Mapping[int, Sequence[Action]]
) -> dict[str, Any]:
    """What templates/timeline/timeline.html asks for."""
    zone = ZoneInfo(brand.time_zone)
    filters = parse(request.GET, tab.shows)
    order = Params(request.GET).choice("order", ORDERS, request.COOKIES.get(ORDER_COOKIE, ""))
    oldest_first = order == "oldest"
    place = Place(brand.currency, zone, tab.url, oldest_first=oldest_first, actions=actions)
    wanted = filters.condition(tab.shows, zone)
    page = _feed_page(request, tab, place, filters, wanted)
    counted = counts(tab.scope.entries(), tab.shows)
    return {
        "days": page.days,
        "thread_ids": ",".join(str(pk) for pk in page.thread_ids),
        "filters": _chips(request, tab, filters, counted),
        "filter": filters,
        "filter_sources": sources(),
        "filter_states": STATES,
        "oldest_first": place.oldest_first,
        "title": tab.title,
        "new_url": tab.url,
        **_empty(tab, filters, counted[""]),
        **pager(request, page),
    }


def _empty(tab: Tab, filters: Filters, total: int) -> dict[str, str]:
    """What an empty feed says: what is hidden, or what will be shown here."""
    if not filters.narrows:
        return {
            "empty_title": "Nothing has happened yet",
            "empty_text": "Every attempt, payment, refund and change to an invoice appears here.",
        }
    return {
        "empty_title": "Nothing matches these filters",
        "empty_text": f"{total} event{'' if total == 1 else 's'} hidden by the filters.",
        "empty_url": tab.url,
        "empty_action": "Show everything",
    }


def _feed_page(
    request: HttpRequest, tab: Tab, place: Place, filters: Filters, wanted: Q
) -> pages.FeedPage:
    params = Params(request.GET)
    after, before = params.after, params.before
    if filters.flat:
        return pages.flat_page(tab.scope, place, wanted, after=after, before=before)
    opened, at = frozenset(params.numbers("open", MAX_OPENED)), None
    linked = _linked_thread(request, tab.scope)
    if linked is not None:
        top = linked.parent or linked
        opened = opened | {linked.pk, top.pk}
        at = None if _on_first_page(tab.scope, place, wanted, top) else top
    return pages.threads_page(
        tab.scope, place, wanted, after=after, before=before, opened=opened, at=at
    )


def _linked_thread(request: HttpRequest, scope: pages.Scope) -> Thread | None:
    number = Params(request.GET).number("entry")
    if number is None:
        return None
    entry = scope.entries().filter(pk=number).select_related("thread__parent").first()
    return entry.thread if entry else None


def _on_first_page(scope: pages.Scope, place: Place, wanted: Q, thread: Thread) -> bool:
    """Whether the ordinary first page shows the thread: then a deep link needs no other page."""
    order = ["last_at", "id"] if place.oldest_first else ["-last_at", "-id"]
    first = scope.threads().order_by(*order)[: pages.THREADS_PER_PAGE]
    return not wanted and thread.pk in [t.pk for t in first]


def _chips(
    request: HttpRequest, tab: Tab, filters: Filters, counted: Mapping[str, int]
) -> list[Chip]:
    # The figures themselves are their chips, until one of them is chosen.
    shown = [key for key in tab.shows if key not in FIGURE_SHOWS or key == filters.show]
    every = Chip("All", link(request, show=None), not filters.show, counted[""])
    return [every] + [
        Chip(tab.shows[key][0], link(request, show=key), key == filters.show, counted[key])
        for key in shown
    ]


@brand_view()
def work_order_updates(request: BrandRequest, number: str) -> HttpResponse:
    """What changed since the page was shown: the number of new events, pills, figures."""
    job = find_work_order(request, number)
    tab = tab_of(job, "work_order_activity" if request.GET.get("all") else "work_order")
    since = request.GET.get("since", "")
    if not live.is_snapshot(since):
        return HttpResponse("since: not a snapshot", status=400, content_type="text/plain")
    read_through(Feed(job.brand_id, job.pk))
    place = Place(job.brand.currency, ZoneInfo(job.brand.time_zone), tab.url)
    shown = Params(request.GET).numbers("threads", MAX_POLLED_THREADS)
    context = {
        "new_count": live.unseen(tab.scope.entries(), since).count(),
        "new_url": tab.url,
        "currency": job.brand.currency,
    }
    boxes = Boxes(work_order=job.pk)
    boxes.add("outcomes", lambda: {"outcomes": pages.outcomes(tab.scope, shown, place)})
    boxes.add("balance", lambda: {"figures": equation.figures(job, job_settlement(job).whole)})
    return render(request, "console/work_order_updates.html", context | boxes.context)


@brand_view()
def entry(request: BrandRequest, entry_id: int) -> HttpResponse:
    """A permalink: leads to the entry on the page of its job (or brand)."""
    row = get_object_or_404(Entry, pk=entry_id, brand_id=request.brand.pk)
    if row.work_order_id is None:
        url = reverse("brand_activity", args=[request.brand.slug])
    else:
        job = get_object_or_404(WorkOrder, brand=request.brand, pk=row.work_order_id)
        name = "work_order" if row.payment_view else "work_order_activity"
        url = reverse(name, args=[request.brand.slug, job.number])
    return HttpResponseRedirect(f"{url}?entry={row.pk}#e-{row.pk}")

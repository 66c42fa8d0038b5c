"""A brand's items: unpaid, with a deposit, ready to order; and saying that they were ordered."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access import BrandRequest, brand_view
from accounts.models import Brand
from invoicing.domain import items as verbs
from invoicing.models import Fulfilment, Item
from invoicing.queries import items as reads
from ui.confirm import confirm_page
from ui.lists import Params, paged
from workorders.models import WorkOrder
from workorders.queries import job_numbered

Verb = Callable[[Brand, Iterable[int]], list[Item]]
# What an empty list says.
QUIET = {
    "unpaid": ("Nothing is unpaid", "Everything that is invoiced has a deposit or is paid."),
    "deposits": ("No open deposits", "No invoiced item is paid in part."),
    "ready": (
        "Nothing to order",
        "An item appears here by itself as soon as its client has paid for it in full.",
    ),
    "hold": ("Nothing is on hold", "Everything that waits to be ordered is still paid in full."),
    "ordered": ("Nothing is on its way", "Items appear here once they are marked as ordered."),
    "delivered": (
        "Nothing was delivered yet",
        "Items appear here once they are marked as delivered.",
    ),
    "not_issued": ("Everything is invoiced", "Every charge is on an issued invoice."),
}
# What a list is, where its name does not say it all.
NOTES = {
    "unpaid": "Invoiced, and nothing covers them: never paid, or everything went back.",
    "deposits": "Paid in part.",
    "ready": "Paid in full and not ordered. The longest waiting first.",
    "hold": "Were paid in full, but money went back before they were ordered.",
    "ordered": "Ordered and not delivered. The longest waiting first.",
    "delivered": "Done. The newest first.",
    "not_issued": "On no issued invoice: on a draft, or of a void invoice. The newest first.",
}
# What may be done to the items of a list: URL name and words.
ACTIONS = {"ready": ("items_ordered", "ordered"), "ordered": ("items_delivered", "delivered")}


@brand_view()
def items(request: BrandRequest) -> HttpResponse:
    """One of the brand's lists of items; opens on what can be ordered."""
    name = Params(request.GET).choice("show", reads.LISTS, "ready")
    listing, known = reads.LISTS[name], reads.overview(request.brand)
    rows = paged(request, reads.listed(request.brand, name), listing.order)
    action = ACTIONS.get(name)
    context = {
        "show": name,
        "page": rows,
        "tabs": _tabs(request.brand, name, known),
        "sum": known.lists[name],
        "summary": known.summary,
        "note": NOTES[name],
        "quiet": QUIET[name],
        "listing": listing,
        "action_url": reverse(action[0], args=[request.brand.slug]) if action else "",
        "action": action[1] if action else "",
    }
    return render(request, "invoicing/items.html", context)


def _tabs(brand: Brand, shown: str, known: reads.Overview) -> list[dict[str, Any]]:
    url = reverse("items", args=[brand.slug])
    return [
        {
            "label": listing.label,
            "url": f"{url}?show={name}",
            "active": name == shown,
            "count": known.lists[name].count,
        }
        for name, listing in reads.LISTS.items()
    ]


@brand_view()
def items_ordered(request: BrandRequest) -> HttpResponse:
    """Asks, then marks the chosen items as ordered: there is no way back."""
    return _mark(request, Fulfilment.ORDERED, verbs.mark_ordered, "ready")


@brand_view()
def items_delivered(request: BrandRequest) -> HttpResponse:
    """Asks, then marks the chosen items as delivered: there is no way back."""
    return _mark(request, Fulfilment.DELIVERED, verbs.mark_delivered, "ordered")


def _mark(request: BrandRequest, to: Fulfilment, verb: Verb, show: str) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    # One more than may be marked: the verb then says that they are too many.
    ids = Params(asked).numbers("item", verbs.MAX_AT_ONCE + 1)
    job = _job(request, asked.get("job", ""))
    back = _back(request.brand, show, job)
    if request.method == "POST":
        return _do(request, verb, ids, back)
    items = reads.chosen(request.brand, ids[: verbs.MAX_AT_ONCE])
    if not items:
        messages.error(request, "Choose at least one item.")
        return redirect(back)
    refused = {i.pk: why for i in items if (why := verbs.refusal(i, to, request.brand))}
    items = [item for item in items if item.pk not in refused]
    what = "this item" if len(items) == 1 else f"{len(items)} items" if items else "items"
    word = to.label.lower()
    context = {
        "items": items,
        "refusals": refused.values(),
        "title": f"Mark {what} as {word}",
        "button": f"Mark as {word}" if items else "",
        "hidden": {"job": job.number} if job else {},
        "currency": request.brand.currency,
    }
    place = job.number if job else f"Items: {reads.LISTS[show].label.lower()}"
    return confirm_page(
        request,
        context,
        back=back,
        crumbs=[(place, back)],
        here=f"Mark as {word}",
        details="invoicing/items_mark.html",
    )


def _do(request: BrandRequest, verb: Verb, ids: list[int], back: str) -> HttpResponse:
    try:
        moved = verb(request.brand, ids)
    except ValidationError as error:
        for problem in error.messages:
            messages.error(request, problem)
    else:
        what = "1 item is" if len(moved) == 1 else f"{len(moved)} items are"
        messages.success(
            request, f"{what} marked as {Fulfilment(moved[0].fulfilment).label.lower()}."
        )
    return redirect(back)


def _job(request: BrandRequest, number: str) -> WorkOrder | None:
    """The job whose page the visitor came from, if any."""
    return job_numbered(request.brand, number)


def _back(brand: Brand, show: str, job: WorkOrder | None) -> str:
    if job is not None:
        return reverse("work_order", args=[brand.slug, job.number])
    return f"{reverse('items', args=[brand.slug])}?show={show}"

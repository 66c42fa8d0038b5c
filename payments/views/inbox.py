"""Exceptions about payments: what a person must decide, in one inbox."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.access import BrandRequest, brand_view
from accounts.models import Role
from core.forms import show_errors
from payments.forms.manual import AttachForm, ResolveForm
from payments.ingest.exceptions import resolve
from payments.ingest.receive import events_of
from payments.ingest.waiting import attach_order
from payments.models import ExceptionKind, PaymentException
from ui.lists import Params, paged
from workorders.queries import job_numbered

# What each kind is about, and what helps.
HELP = {
    ExceptionKind.UNMATCHED: "A provider reported an order, but this brand has no such job. "
    "Attach the order to its job, and its whole history moves there.",
    ExceptionKind.CONFLICT: "The provider sent an event again with other content. The first one "
    "counts; compare the two, and ask the provider which is right.",
    ExceptionKind.UNFOLDABLE: "An event was saved but could not be processed. It is tried "
    "again automatically; if it stays here, contact support.",
    ExceptionKind.AMOUNT: "The provider’s amounts contradict each other. What does not match "
    "was not recorded as money; ask the provider.",
    ExceptionKind.CURRENCY: "Money came in another currency than this brand’s, so no balance "
    "counts it. Record by hand what it is worth in the brand’s currency, or refund it at the "
    "provider.",
}


@brand_view(role=Role.BILLING)
def exceptions(request: BrandRequest) -> HttpResponse:
    """Open exceptions, oldest first; ``?show=resolved`` for those that are done, newest first."""
    is_done = Params(request.GET).choice("show", ["resolved"]) == "resolved"
    rows = PaymentException.objects.filter(brand=request.brand, resolved_at__isnull=not is_done)
    listed = paged(
        request,
        rows.select_related("work_order", "event", "payment__work_order"),
        ["-resolved_at", "-id"] if is_done else ["happened_at", "id"],
    )
    url = reverse("exceptions", args=[request.brand.slug])
    context = {
        "page": listed,
        "is_done": is_done,
        "url": url,
        "is_admin": request.membership.at_least(Role.ADMIN),
        "tabs": [
            {"label": "Open", "url": url, "active": not is_done},
            {"label": "Resolved", "url": f"{url}?show=resolved", "active": is_done},
        ],
    }
    return render(request, "payments/exceptions.html", context)


@brand_view(role=Role.BILLING)
def exception(request: BrandRequest, exception_id: int) -> HttpResponse:
    """One exception: what came, what it is about, and the two ways out."""
    rows = PaymentException.objects.select_related("work_order", "event", "payment__work_order")
    exception = get_object_or_404(rows, brand=request.brand, pk=exception_id)
    attach = AttachForm(request.POST if _asks(request, "attach") else None)
    decide = ResolveForm(request.POST if _asks(request, "resolve") else None)
    is_done = (_asks(request, "attach") and _attach(request, exception, attach)) or (
        _asks(request, "resolve") and _resolve(request, exception, decide)
    )
    if is_done:
        return redirect("exceptions", request.brand.slug)
    event = exception.event
    context: dict[str, Any] = {
        "exception": exception,
        "event": event,
        "help": HELP[ExceptionKind(exception.kind)],
        "attach": attach if exception.kind == ExceptionKind.UNMATCHED and event else None,
        "decide": decide,
        "events": events_of(request.brand, event.provider, event.order_id) if event else [],
        "can_decide": exception.resolved_at is None,
    }
    return render(request, "payments/exception.html", context)


def _asks(request: BrandRequest, name: str) -> bool:
    return request.method == "POST" and request.POST.get("do") == name


def _attach(request: BrandRequest, exception: PaymentException, form: AttachForm) -> bool:
    if not form.is_valid() or exception.event is None:
        return False
    if exception.resolved_at is not None:
        text = f"Already resolved by {exception.resolved_by}; nothing was attached."
        messages.error(request, text)
        return False
    number = form.cleaned_data["work_order"].strip()
    job = job_numbered(request.brand, number)
    if job is None:
        form.add_error("work_order", f"{request.brand} has no job {number}.")
        return False
    event = exception.event
    try:
        attach_order(request.brand, event.provider, event.order_id, job, by=str(request.user))
    except ValidationError as error:
        show_errors(form, error)
        return False
    messages.success(request, f"Order {event.order_id} is on {job.number} now.")
    return True


def _resolve(request: BrandRequest, exception: PaymentException, form: ResolveForm) -> bool:
    if not form.is_valid():
        return False
    try:
        with transaction.atomic():
            resolve(exception, by=str(request.user), note=form.cleaned_data["note"])
    except ValidationError as error:
        show_errors(form, error)
        return False
    messages.success(request, "The exception is resolved.")
    return True

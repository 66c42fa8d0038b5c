"""Returned by the bank: the page that shows what it comes to, and the way back from a mistake."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.access import BrandRequest, brand_view
from core.forms import Form, show_errors
from payments.domain import returns
from payments.domain.status import why_not
from payments.forms.manual import ReasonForm
from payments.forms.returns import ReturnForm
from payments.models import Payment
from payments.timeline.labels import full_number, means, money_text
from payments.views.payment import payment_or_404
from ui.confirm import confirm_page


@brand_view()
def payment_return(request: BrandRequest, number: str) -> HttpResponse:
    """The bank returned it: on which day, why, and what each job comes to."""
    payment = payment_or_404(request, number)
    form = ReturnForm(request.POST or None, payment=payment)
    if request.method == "POST" and form.is_valid():
        try:
            returns.return_payment(payment, form.returned(), expected=request.POST.get("shown", ""))
        except ValidationError as error:
            show_errors(form, error)
        else:
            messages.success(request, f"{_name(payment)} is returned by the bank.")
            return redirect("payment", request.brand.slug, _name(payment))
    sum_ = money_text(payment.amount, payment.currency)
    shown = returns.preview_return(payment)
    context = {
        "form": form,
        "title": f"Did the bank return {sum_}?",
        "text": "It counts for nothing from then on, and what it paid is due again. The payment "
        "stays on the timeline.",
        "button": f"{means(payment)} was returned: {sum_}",
        "danger": True,
        "refused": returns.why_not_return(payment),
        "jobs": shown.jobs,
        "currency": payment.currency,
        "hidden": {"shown": shown.fingerprint},
    }
    return _page(request, payment, form, context, details="payments/return_preview.html")


@brand_view()
def payment_undo_return(request: BrandRequest, number: str) -> HttpResponse:
    """It was not returned after all: it counts again as before."""
    payment = payment_or_404(request, number)
    form = ReasonForm(request.POST or None)
    sum_ = money_text(payment.amount, payment.currency)
    if request.method == "POST" and form.is_valid():
        try:
            row = returns.undo_return(payment, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            show_errors(form, error)
        else:
            state = row.get_status_display().lower()
            messages.success(request, f"{_name(payment)} is not returned: {state}.")
            return redirect("payment", request.brand.slug, _name(payment))
    context = {
        "form": form,
        "title": f"Was {sum_} not returned after all?",
        "text": "The payment counts again as it did before. A bank fee that was billed for it "
        "stays a charge of the job; remove it there.",
        "button": f"{sum_} was not returned",
        "refused": why_not("undo_return", payment),
    }
    return _page(request, payment, form, context)


def _name(payment: Payment) -> str:
    return full_number(payment.work_order.number, payment.number)


def _page(
    request: BrandRequest, payment: Payment, form: Form, context: dict[str, Any], details: str = ""
) -> HttpResponse:
    name, slug, job = _name(payment), request.brand.slug, payment.work_order
    page = reverse("payment", args=[slug, name])
    about = (name, means(payment), money_text(payment.amount, payment.currency), payment.payer_name)
    return confirm_page(
        request,
        {**context, "subject": name, "back_to": f"Back to {name}"},
        back=page,
        crumbs=[(job.number, reverse("work_order", args=[slug, job.number])), (name, page)],
        about=" · ".join(part for part in about if part),
        here="Returned by the bank",
        details=details,
    )

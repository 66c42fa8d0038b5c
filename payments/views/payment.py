"""One payment: all that is known of it, and what may be done to it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access import BrandRequest, brand_view
from accounts.models import Role
from core import moments
from core.forms import show_errors
from payments import queries
from payments.domain import record
from payments.domain.status import is_returnable, why_not
from payments.forms.manual import (
    ConfirmForm,
    CorrectForm,
    NoteForm,
    ReasonForm,
    ReconcileForm,
)
from payments.models import (
    AttemptStatus,
    DisputeStatus,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from payments.providers.registry import explain_decline
from payments.refunds.preview import why_not_refund
from payments.refunds.verbs import refund_why_not
from payments.timeline.labels import full_number, means, money_text
from ui.confirm import confirm_page

RETURNED = "Returned by the bank"
# A payment's status as the seven tones of every page.
TONES = {
    PaymentStatus.REQUIRES_ACTION: "attention",
    PaymentStatus.COMPLETED: "succeeded",
    PaymentStatus.UNKNOWN: "attention",
}
ATTEMPT_TONES = {
    AttemptStatus.CREATED: "pending",
    AttemptStatus.REQUIRES_ACTION: "attention",
    AttemptStatus.UNKNOWN: "attention",
}
REFUND_TONES = {RefundStatus.COMPLETED: "refunded"}
DISPUTE_TONES = {
    DisputeStatus.OPEN: "disputed",
    DisputeStatus.WON: "succeeded",
    DisputeStatus.LOST: "charged_back",
    DisputeStatus.WITHDRAWN: "voided",
}


def payment_or_404(request: BrandRequest, number: str) -> Payment:
    """The brand's payment with its full number, like FHI624-P-2."""
    payment = queries.find_payment(request.brand, number)
    if payment is None:
        raise Http404("No such payment")
    payment.brand = request.brand
    return payment


@brand_view()
def payment(request: BrandRequest, number: str) -> HttpResponse:
    """The payment's own page."""
    payment = payment_or_404(request, number)
    code = payment.failure_code
    decline = explain_decline(payment.provider, code) if code else None
    context: dict[str, Any] = {
        "payment": payment,
        "number": _full(payment),
        "means": means(payment),
        "job": payment.work_order,
        "tone": TONES.get(PaymentStatus(payment.status), payment.status),
        "decline": decline,
        "actions": _actions(request, payment),
        "allocations": payment.allocations.select_related("work_order").order_by("id"),
        "attempts": [
            {"row": a, "tone": ATTEMPT_TONES.get(AttemptStatus(a.status), a.status)}
            | {
                "decline": explain_decline(a.provider, a.decline_code or a.failure_code)
                if a.failure_code
                else None
            }
            for a in payment.attempts.order_by("number")
        ],
        "refunds": [
            {"row": r, "tone": REFUND_TONES.get(RefundStatus(r.status), r.status)}
            | {"actions": _refund_actions(request, r)}
            for r in payment.refunds.order_by("number")
        ],
        "disputes": [
            {"row": d, "tone": DISPUTE_TONES[DisputeStatus(d.status)]}
            for d in payment.disputes.order_by("happened_at")
        ],
        "events": payment.provider_events.order_by("-happened_at", "-id")[:100],
        "can_decide": request.membership.at_least(Role.BILLING),
        "exceptions": payment.exceptions.filter(resolved_at=None).order_by("happened_at"),
    }
    return render(request, "payments/payment.html", context)


def _full(payment: Payment) -> str:
    return full_number(payment.work_order.number, payment.number)


def _actions(request: BrandRequest, payment: Payment) -> list[dict[str, str]]:
    """Buttons where the eye is: what is allowed now, and why something is not."""
    args = [request.brand.slug, _full(payment)]
    words = [
        ("confirm", "Confirm received", "check-circle"),
        ("correct", "Correct", "pencil-square"),
    ]
    is_billing = request.membership.at_least(Role.BILLING)
    if is_billing:
        words.append(("reconcile", "Reconcile", "scale"))
    if is_returnable(payment):
        is_returned = payment.status == PaymentStatus.RETURNED
        back = ("undo_return", "Not returned after all") if is_returned else ("return", RETURNED)
        words.append((*back, "arrow-uturn-left"))
    words.append(("void", "Void", "no-symbol"))
    refusals = {verb: why_not(verb, payment) for verb, *_ in words}
    shown = [
        {"label": label, "url": reverse(f"payment_{verb}", args=args), "icon": icon}
        | {"why_not": refusals[verb]}
        | {"kind": "primary" if verb == "confirm" else ""}
        for verb, label, icon in words
        if verb != "confirm" or not refusals[verb]
    ]
    note = {"label": "Note and follow-up", "url": reverse("payment_note", args=args)}
    refund = {"label": "Refund", "url": reverse("refund_new", args=args), "kind": ""}
    why = why_not_refund(payment) if is_billing else "Refunding is for Billing."
    shown.insert(-1, {**refund, "icon": "arrow-uturn-left", "why_not": why})
    return [*shown, {**note, "icon": "bell", "kind": "", "why_not": ""}]


REFUND_VERBS = (
    ("complete", "refund_complete", "It was refunded…"),
    ("fail", "refund_fail", "It failed…"),
    ("cancel", "refund_cancel", "Call it off…"),
)


def _refund_actions(request: BrandRequest, refund: Refund) -> list[dict[str, str]]:
    """What this member may say of a refund now."""
    if not request.membership.at_least(Role.BILLING):
        return []
    return [
        {"label": label, "url": reverse(name, args=[request.brand.slug, refund.pk])}
        for verb, name, label in REFUND_VERBS
        if not refund_why_not(verb, refund)
    ]


# --- verbs ------------------------------------------------------------------------------------

RECONCILED_BEFORE = "This payment is reconciled. With another amount it has to be reconciled again."


def _verb(
    request: BrandRequest,
    payment: Payment,
    form: forms.Form,
    do: Callable[[], object],
    context: dict[str, Any],
    names: dict[str, str] | None = None,
) -> HttpResponse:
    """Show the form of a verb, or carry it out: its refusal is shown at the field it names."""
    if request.method == "POST" and form.is_valid():
        try:
            do()
        except ValidationError as error:
            show_errors(form, error, names)
        else:
            messages.success(request, context["done"])
            return redirect("payment", request.brand.slug, _full(payment))
    verb, number, job = context.get("verb", ""), _full(payment), payment.work_order
    page = reverse("payment", args=[request.brand.slug, number])
    refused = why_not(verb, payment) if verb else ""
    about = (number, means(payment), _gross(payment), payment.payer_name)
    return confirm_page(
        request,
        {"form": form, "subject": number, "refused": refused, "back_to": f"Back to {number}"}
        | context,
        back=page,
        crumbs=[
            (job.number, reverse("work_order", args=[request.brand.slug, job.number])),
            (number, page),
        ],
        about=" · ".join(part for part in about if part),
        details=context.get("details", ""),
    )


def _gross(payment: Payment) -> str:
    return money_text(payment.amount, payment.currency)


@brand_view()
def payment_confirm(request: BrandRequest, number: str) -> HttpResponse:
    """The check cleared, the wire arrived."""
    payment = payment_or_404(request, number)
    form = ConfirmForm(
        request.POST or None, initial={"confirmed_on": moments.today(request.brand.time_zone)}
    )

    def do() -> None:
        at = moments.instant_of(form.cleaned_data["confirmed_on"], request.brand.time_zone)
        record.confirm(payment, by=str(request.user), at=at)

    words = {
        "verb": "confirm",
        "title": f"Is {_gross(payment)} here?",
        "text": "From then on it counts as received.",
        "button": f"Confirm {_gross(payment)} received",
        "done": f"{_full(payment)} is received.",
    }
    return _verb(request, payment, form, do, words, {"happened_at": "confirmed_on"})


@brand_view()
def payment_correct(request: BrandRequest, number: str) -> HttpResponse:
    """Put right what was written down wrong, with a reason."""
    payment = payment_or_404(request, number)
    shares = list(payment.allocations.select_related("work_order").order_by("id"))
    form = CorrectForm(request.POST or None, payment=payment, shares=shares)

    def do() -> None:
        reason = form.cleaned_data["reason"]
        record.correct(payment, form.correction(), reason=reason)

    words = {
        "verb": "correct",
        "title": f"Correct {_full(payment)}",
        "text": f"Recorded as {_gross(payment)}. The earlier values stay on the timeline.",
        "notice": RECONCILED_BEFORE if payment.reconciled_at else "",
        "button": "Save the correction",
        "done": f"{_full(payment)} is corrected.",
    }
    return _verb(request, payment, form, do, words, form.names)


@brand_view()
def payment_void(request: BrandRequest, number: str) -> HttpResponse:
    """Entered by mistake: it stays on the timeline and counts for nothing."""
    payment = payment_or_404(request, number)
    form = ReasonForm(request.POST or None)
    words = {
        "verb": "void",
        "title": f"Void {_gross(payment)}?",
        "text": "Void is for what was entered by mistake. The payment and its history stay on the "
        "timeline; it is no longer counted.",
        "details": "payments/void_or_return.html",
        "return_url": _return_url(request, payment),
        "button": f"Void {_gross(payment)}",
        "danger": True,
        "done": f"{_full(payment)} is void.",
    }

    def do() -> None:
        record.void(payment, reason=form.cleaned_data["reason"])

    return _verb(request, payment, form, do, words)


def _return_url(request: BrandRequest, payment: Payment) -> str:
    """Where the bank's return of it is written down; "" where no bank returns it."""
    if not is_returnable(payment) or why_not("return", payment):
        return ""
    return reverse("payment_return", args=[request.brand.slug, _full(payment)])


@brand_view(role=Role.BILLING)
def payment_reconcile(request: BrandRequest, number: str) -> HttpResponse:
    """Mark a payment as seen on a bank statement."""
    payment = payment_or_404(request, number)
    form = ReconcileForm(request.POST or None)

    def do() -> None:
        record.reconcile(payment, note=form.cleaned_data["note"], by=str(request.user))

    words = {
        "verb": "reconcile",
        "title": f"Reconcile {_gross(payment)}",
        "text": "You found this money on a bank statement or in a payout.",
        "button": f"Mark {_gross(payment)} reconciled",
        "done": f"{_full(payment)} is reconciled.",
    }
    return _verb(request, payment, form, do, words)


@brand_view()
def payment_note(request: BrandRequest, number: str) -> HttpResponse:
    """A note and a date to come back: the check is in the mail."""
    payment = payment_or_404(request, number)
    initial = {"note": payment.note, "follow_up_on": payment.follow_up_on}
    form = NoteForm(request.POST or None, initial=initial)

    def do() -> None:
        data = form.cleaned_data
        record.annotate(payment, note=data["note"], follow_up_on=data["follow_up_on"])

    words = {
        "title": "Note and follow-up",
        "text": "Clear the fields to remove them.",
        "button": "Save the note",
        "done": f"The note on {_full(payment)} is saved.",
    }
    return _verb(request, payment, form, do, words)

"""Money back: the form of a refund, and what becomes of one."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.access import BrandRequest, brand_view
from accounts.models import Role
from core import moments
from core.forms import show_errors
from core.money import ZERO
from core.refusal import refusal
from invoicing.queries.settlements import job_settlement
from invoicing.settlement import explain
from payments.forms.refunds import (
    DONE,
    RefundCancelForm,
    RefundDoneForm,
    RefundFailedForm,
    RefundForm,
    reference_label,
)
from payments.models import Payment, Refund
from payments.refunds import preview as refunding
from payments.refunds.preview import Owes, RefundPreview, why_not_refund
from payments.refunds.undo import Outdated, Undoing, cancel_refund, preview_cancel, preview_failure
from payments.refunds.verbs import (
    complete_refund,
    fail_refund,
    refund_why_not,
    refundable,
)
from payments.timeline.labels import full_number, means, money_text
from payments.views.payment import payment_or_404
from ui.confirm import confirm_page
from workorders.models import WorkOrder

NAMES = {"at": "done_on"}


@brand_view(role=Role.BILLING)
def refund_new(request: BrandRequest, number: str) -> HttpResponse:
    """Refund a payment: how much, what it means for the bill, how it goes.

    One page: a change of the amount shows what it comes to, and only what was shown is done.
    """
    payment = payment_or_404(request, number)
    why_not = why_not_refund(payment)
    if why_not:
        context = _of(payment, payment.work_order) | {"refused": why_not}
        return render(request, "payments/refund.html", context)
    return _Asking(request, payment).answer()


class _Asking:
    """One request of the refund's form."""

    def __init__(self, request: BrandRequest, payment: Payment) -> None:
        self.request, self.payment = request, payment
        rows = payment.allocations.select_related("work_order").order_by("id")
        self.shares = list(rows)
        self.job = self._job()
        self.job.brand = payment.brand
        self.left = refundable(payment, self.job)
        self.preview: RefundPreview | None = None
        self.refusal = refusal("services", "Enter an amount.")
        self.form = self._form()
        self.notice = ""

    def _job(self) -> WorkOrder:
        """The job whose share it is about: the one that was chosen, else the payment's own."""
        chosen = self.request.POST.get("job") or self.request.GET.get("job", "")
        jobs = {str(share.work_order_id): share.work_order for share in self.shares}
        return (
            jobs.get(chosen) or jobs.get(str(self.payment.work_order_id)) or self.payment.work_order
        )

    def _form(self) -> RefundForm:
        suggested = refunding.suggested(self.payment, self.job)
        start = {"job": self.job.pk, "services": suggested}
        data = self.request.POST if self.request.method == "POST" else None
        form = RefundForm(data, payment=self.payment, shares=self.shares, initial=start)
        if not self.left.services:
            form.only_fee()
        services = suggested if data is None else self._typed(form)
        try:
            if services is not None:
                self.preview = refunding.preview_refund(self.payment, self.job, services)
        except ValidationError as error:
            self.refusal = error
        if self.preview is not None and self.preview.asks:
            form.ask(self.preview.asks)
        else:
            form.no_question()
        return form

    def _typed(self, form: RefundForm) -> Any:
        if not self.left.services:
            return ZERO
        try:
            return form.fields["services"].clean(self.request.POST.get("services", ""))
        except forms.ValidationError:
            return None

    def answer(self) -> HttpResponse:
        if self.request.headers.get("HX-Request"):
            return self._look()
        if self.request.method == "POST" and (done := self._post()):
            return done
        return self._page("payments/refund.html")

    def _look(self) -> HttpResponse:
        """While the amount is typed: what it comes to; nothing else is complained of yet."""
        self.form.errors.clear()
        if self.preview is None:
            show_errors(self.form, self.refusal)
        return self._page("payments/refund_sum.html")

    def _post(self) -> HttpResponse | None:
        previewed = self.preview
        is_shown = previewed is not None and self.request.POST.get("shown") == previewed.fingerprint
        if not self.form.is_valid() or previewed is None:
            if previewed is None and not self.form.errors:
                show_errors(self.form, self.refusal)
            return None
        if not is_shown:
            self.notice = "Nothing has gone back yet: look at what it comes to, then confirm."
            return None
        return self._refund(previewed)

    def _refund(self, previewed: RefundPreview) -> HttpResponse | None:
        data = self.form.cleaned_data
        try:
            row = refunding.refund(
                self.payment,
                self.job,
                previewed.services,
                owes=Owes(data["owes"]) if data.get("owes") else None,
                reason=data["reason"],
                by=str(self.request.user),
                done=self.form.done(),
                expected=previewed.fingerprint,
            )
        except ValidationError as error:
            show_errors(self.form, error, NAMES)
            return None
        _say(self.request, self.job, row)
        return redirect("work_order", self.request.brand.slug, self.job.number)

    def _page(self, template: str) -> HttpResponse:
        if self.form.is_bound and not self.form.errors and self.preview is None:
            show_errors(self.form, self.refusal)
        sum_ = money_text(self.preview.total, self.payment.currency) if self.preview else ""
        context = _of(self.payment, self.job) | {
            "form": self.form,
            "left": self.left,
            "preview": self.preview,
            "over": max(ZERO, -self.preview.before.balance) if self.preview else ZERO,
            "outcomes": _outcomes(self.preview) if self.preview else [],
            "button": f"Refund {sum_}" if sum_ else "Show what it comes to",
            "notice": self.notice,
            "done": DONE,
            "currency": self.payment.currency,
        }
        return render(self.request, template, context)


def _outcomes(preview: RefundPreview) -> list[dict[str, Any]]:
    """What the job comes to, by the answer."""
    if not preview.asks:
        return [{"label": "Balance afterwards", "settlement": preview.after[Owes.AGAIN]}]
    return [
        {"label": "If they owe less", "settlement": preview.after[Owes.LESS]},
        {"label": "If they owe it again", "settlement": preview.after[Owes.AGAIN]},
    ]


def _of(payment: Payment, job: WorkOrder) -> dict[str, Any]:
    settlement = job_settlement(job).whole
    return {
        "payment": payment,
        "number": full_number(payment.work_order.number, payment.number),
        "job": job,
        "means": means(payment),
        "settlement": settlement,
        "why": explain.explain(settlement, job.brand.currency),
        "currency": job.brand.currency,
    }


def _say(request: BrandRequest, job: WorkOrder, refund: Refund) -> None:
    """What happened, and what the job's balance is now."""
    sum_ = money_text(refund.amount, refund.currency)
    to = f" to {refund.destination}" if refund.destination else ""
    how = {
        "queued": f"{sum_} is queued to go back{to}.",
        "completed": f"{sum_} went back{to}.",
        "failed": f"{sum_} did not go back; it counts as received again.",
        "cancelled": f"The refund of {sum_} is called off.",
    }
    it = job_settlement(job).whole
    balance = money_text(it.balance, job.brand.currency)
    messages.success(
        request, f"{how[refund.status]} {job.number}: balance {balance}, {it.word.value.lower()}."
    )


# --- what becomes of it -----------------------------------------------------------------------


def refund_or_404(request: BrandRequest, refund_id: int) -> Refund:
    """The brand's refund."""
    rows = Refund.objects.select_related("payment__work_order", "work_order")
    refund = get_object_or_404(rows, brand=request.brand, pk=refund_id)
    refund.payment.brand = refund.work_order.brand = request.brand
    return refund


def _verb(
    request: BrandRequest,
    refund: Refund,
    verb: str,
    form: forms.Form,
    do: Callable[[], Refund],
    words: dict[str, Any],
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            row = do()
        except ValidationError as error:
            show_errors(form, error, NAMES)
        else:
            _say(request, refund.work_order, row)
            return redirect("work_order", request.brand.slug, refund.work_order.number)
    slug, name = request.brand.slug, f"R-{refund.number}"
    job, payer = refund.work_order, refund.payment
    number = full_number(payer.work_order.number, payer.number)
    page = reverse("work_order", args=[slug, job.number])
    about = (name, refund.destination, _gross(refund))
    context = words | {
        "form": form,
        "subject": number,
        "about_state": refund.status,
        "about_word": refund.get_status_display(),
        "refused": refund_why_not(verb, refund) or words.get("refused", ""),
        "back_to": f"Back to {job.number}",
    }
    return confirm_page(
        request,
        context,
        back=page,
        crumbs=[(job.number, page), (number, reverse("payment", args=[slug, number]))],
        here=name,
        about=" · ".join(part for part in about if part),
        details="payments/refund_undo.html" if "planned" in words else "",
    )


def _gross(refund: Refund) -> str:
    return money_text(refund.amount, refund.currency)


@brand_view(role=Role.BILLING)
def refund_complete(request: BrandRequest, refund_id: int) -> HttpResponse:
    """It was refunded at the provider, or the check went out."""
    refund = refund_or_404(request, refund_id)
    form = RefundDoneForm(
        request.POST or None, initial={"done_on": moments.today(request.brand.time_zone)}
    )
    form.fields["reference"].label = reference_label(refund.payment)

    def do() -> Refund:
        data = form.cleaned_data
        at = moments.instant_of(data["done_on"], request.brand.time_zone)
        return complete_refund(refund, reference=data["reference"], at=at)

    words = {
        "title": f"Did {_gross(refund)} go back?",
        "text": "It counts as refunded already; this says that it is done, and under what name.",
        "button": f"Confirm {_gross(refund)} refunded",
    }
    return _verb(request, refund, "complete", form, do, words)


@brand_view(role=Role.BILLING)
def refund_fail(request: BrandRequest, refund_id: int) -> HttpResponse:
    """It did not arrive: the money is still here. Its credit note stays."""
    refund = refund_or_404(request, refund_id)
    form = RefundFailedForm(request.POST or None)
    words = {
        "title": f"Did {_gross(refund)} come back?",
        "text": "Then the money is still here, and counts as received again.",
        "button": f"Mark {_gross(refund)} as failed",
        "danger": True,
        **_comes_to(preview_failure(refund), refund, goes=False),
    }
    return _verb(
        request,
        refund,
        "fail",
        form,
        lambda: fail_refund(refund, why=form.cleaned_data["why"]),
        words,
    )


@brand_view(role=Role.BILLING)
def refund_cancel(request: BrandRequest, refund_id: int) -> HttpResponse:
    """It is not wanted after all; only while it is queued. Its credit note goes with it."""
    refund = refund_or_404(request, refund_id)
    form = RefundCancelForm(request.POST or None)
    planned = preview_cancel(refund)
    words = {
        "title": f"Call off the refund of {_gross(refund)}?",
        "text": "The money stays.",
        "button": f"Call off {_gross(refund)}",
        "danger": True,
        "refused": planned.refused,
        **_comes_to(planned, refund, goes=True),
    }

    def do() -> Refund:
        try:
            return cancel_refund(
                refund,
                reason=form.cleaned_data["reason"],
                expected=request.POST.get("shown", planned.fingerprint),
            )
        except Outdated as error:
            words.update(_comes_to(error.preview, refund, goes=True))
            raise

    return _verb(request, refund, "cancel", form, do, words)


def _comes_to(planned: Undoing, refund: Refund, *, goes: bool) -> dict[str, Any]:
    """What the page shows of it: the balance before and after, and what becomes of the notes."""
    return {
        "planned": planned,
        "goes": goes,
        "currency": refund.work_order.brand.currency,
        "hidden": {"shown": planned.fingerprint},
    }

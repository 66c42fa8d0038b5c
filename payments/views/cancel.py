"""Cancelling a work order: two questions, the equation before and after, one button."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.access import BrandRequest, brand_view
from accounts.models import Role
from core import clock
from core.forms import show_errors
from invoicing.domain.issuing import Notes
from invoicing.models import ClientCredit, CreditKind
from invoicing.queries.settlements import job_settlement
from invoicing.settlement import equation, explain
from payments.cancelling import cancel
from payments.cancelling.cancel import Held, Outdated, Plan, Preview, Remains
from payments.forms.cancel import CancelForm
from payments.timeline.labels import money_text
from workorders.domain.charges import tax_total
from workorders.models import Service, ServiceType, WorkOrder
from workorders.queries import is_numbered

# What the buttons of the two pages post.
LOOK, CONFIRM, CHANGE = "look", "confirm", "change"


@brand_view()
def job_cancel(request: BrandRequest, number: str) -> HttpResponse:
    """Ask, show what it comes to, then cancel; a job without charges and money in one step."""
    rows = WorkOrder.objects.select_related("client")
    job = get_object_or_404(rows, is_numbered(number), brand=request.brand)
    job.brand = request.brand
    if refused := cancel.why_not_cancel(job):
        return render(request, "payments/cancel.html", {"job": job, "refused": refused})
    return _Cancelling(request, job).answer()


class _Cancelling:
    """One request of these pages."""

    def __init__(self, request: BrandRequest, job: WorkOrder) -> None:
        self.request, self.job = request, job
        self.now = job_settlement(job).whole
        self.step = request.POST.get("step", "") if request.method == "POST" else ""
        self.charges = list(job.charges.all())
        self.held = self.now.received - self.now.refunded > 0 or self.now.credits > 0
        # Nothing is billed, nothing came, nothing is under way: there is nothing to preview.
        self.is_bare = not self.charges and not self.held and not self.now.pending
        self.form = self._form()

    def _form(self) -> CancelForm:
        services = Service.objects.filter(
            brand=self.job.brand, service_type=ServiceType.CANCELLATION, is_active=True
        ).select_related("tax_rate")
        offered = list(services.order_by("name"))
        posted = self.request.POST if self.step else None
        data = posted if self.step in (LOOK, CONFIRM) else None
        return CancelForm(
            data,
            initial=posted.dict() if posted else self._start(offered),
            work_order=self.job,
            services=offered,
            billed=self.now.services,
            held=self.held,
            may_return=self._may_return(),
            notes=self._notes(),
        )

    def _notes(self) -> list[ClientCredit]:
        """What credit notes give that were made from the job's bills and lower them now."""
        rows = ClientCredit.objects.filter(
            brand=self.job.brand, work_order=self.job, kind=CreditKind.CREDIT_NOTE, used__gt=0
        )
        return list(rows.order_by("pk"))

    def _may_return(self) -> bool:
        return self.request.membership.at_least(Role.BILLING)

    def _start(self, offered: list[Service]) -> dict[str, Any]:
        """What is likely: nothing, or a fee where the day has come already."""
        is_late = self.job.scheduled_for is not None and self.job.scheduled_for <= clock.now()
        remains = Remains.FEE if is_late or self.job.published_at else Remains.NOTHING
        money = Held.REFUND if self._may_return() else Held.KEEP
        return {
            "remains": (Remains.NOTHING if self.is_bare else remains).value,
            "service": offered[0].pk if offered else "",
            "money": money.value,
            "notes": Notes.VOID.value,
        }

    def answer(self) -> HttpResponse:
        if self.step not in (LOOK, CONFIRM) or not self.form.is_valid():
            return self._questions()
        plan = self.form.plan()
        if self.step == CONFIRM:
            return self._cancel(plan, self.request.POST.get("expected", ""))
        try:
            previewed = cancel.preview(self.job, plan)
        except ValidationError as error:
            show_errors(self.form, error)
            return self._questions()
        if self.is_bare and plan.remains == Remains.NOTHING and not previewed.warnings:
            return self._cancel(plan, previewed.fingerprint)
        return self._preview(plan, previewed)

    def _cancel(self, plan: Plan, expected: str) -> HttpResponse:
        request, job = self.request, self.job
        try:
            done = cancel.cancel_job(
                request.brand, job.pk, plan, expected=expected, by=str(request.user)
            )
        except Outdated as error:
            return self._preview(plan, error.preview, error.messages[0])
        except ValidationError as error:
            show_errors(self.form, error)
            return self._questions()
        it = done.after
        parts = [f"{job.number} is cancelled."]
        if done.refunded:
            parts.append(f"{self._text(done.refunded)} is queued to go back.")
        if done.to_credit:
            parts.append(f"{self._text(done.to_credit)} is the client’s credit now.")
        parts.append(f"Balance {self._text(it.balance)}, {it.word.value.lower()}.")
        messages.success(request, " ".join(parts))
        return redirect("work_order", request.brand.slug, job.number)

    def _text(self, amount: object) -> str:
        return money_text(str(amount), self.job.brand.currency)

    def _questions(self) -> HttpResponse:
        context = {
            "form": self.form,
            "bare": self.is_bare,
            "charges": self.charges,
            "settlement": self.now,
            "why": explain.explain(self.now, self.job.brand.currency),
            "may_return": self._may_return(),
            "tax": tax_total(self.charges, self.job.brand.currency),
            "fee": self.now.fee.kept + self.now.fee.due,
            "net": self.now.received - self.now.refunded,
            "button": f"Cancel {self.job.number}" if self.is_bare else "See what it comes to",
        }
        return render(self.request, "payments/cancel.html", self._page() | context)

    def _preview(self, plan: Plan, previewed: Preview, notice: str = "") -> HttpResponse:
        context = {
            "form": self.form,
            "plan": plan,
            "preview": previewed,
            "rows": equation.before_and_after(previewed.before, previewed.after),
            "why": explain.explain(previewed.after, self.job.brand.currency),
            "button": self._button(previewed),
            "notice": notice,
            "asked": {k: v for k, v in self.request.POST.items() if k in self.form.fields},
        }
        return render(self.request, "payments/cancel_preview.html", self._page() | context)

    def _page(self) -> dict[str, Any]:
        return {"job": self.job, "currency": self.job.brand.currency}

    def _button(self, previewed: Preview) -> str:
        """``Cancel FHI624, bill $125.00, refund $211.14``."""
        after = previewed.after
        parts = [f"bill {self._text(after.services)}" if after.services else "bill nothing"]
        if previewed.refunded:
            parts.append(f"refund {self._text(previewed.refunded)}")
        if previewed.to_credit:
            parts.append(f"keep {self._text(previewed.to_credit)} as credit")
        if after.balance < 0:
            parts.append(f"hold {self._text(-after.balance)}")
        return f"Cancel {self.job.number}, {', '.join(parts)}"

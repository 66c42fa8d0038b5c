"""Recording a payment by hand: of one job, or one check over several."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.access import BrandRequest, brand_view
from core.forms import show_errors
from payments import queries
from payments.domain import record
from payments.forms.manual import ManyForm, RecordForm, ShareFormSet, shares_of
from payments.models import Payment
from payments.timeline.labels import money_text
from workorders.models import WorkOrder

NAMES = {"happened_at": "happened_on"}


@brand_view()
def payment_record(request: BrandRequest, number: str) -> HttpResponse:
    """A payment of one job; the amount starts as what is due and not yet on its way."""
    jobs = WorkOrder.objects.select_related("client", "brand")
    job = get_object_or_404(jobs, brand=request.brand, number=number)
    initial = {
        "amount": queries.still_to_pay(job),
        "payer_name": job.client.name,
    }
    form = RecordForm(request.POST or None, brand=request.brand, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            payment = record.record_payment(
                request.brand,
                job,
                form.cleaned_data["amount"],
                form.manual(),
                by=str(request.user),
            )
        except ValidationError as error:
            show_errors(form, error, NAMES)
        else:
            _say(request, payment)
            return redirect("work_order", request.brand.slug, job.number)
    return render(request, "payments/record.html", {"form": form, "job": job})


def _say(request: BrandRequest, payment: Payment) -> None:
    what = f"{payment.get_method_display()} of {money_text(payment.amount, payment.currency)}"
    state = payment.get_status_display().lower()
    messages.success(request, f"{what} is recorded as {payment.short_number}: {state}.")


@brand_view()
def payment_record_many(request: BrandRequest) -> HttpResponse:
    """One check over several jobs; ``?job=FHI1&job=FHI2`` fills in rows."""
    form = ManyForm(request.POST or None, brand=request.brand)
    rows = ShareFormSet(
        request.POST or None,
        prefix="jobs",
        initial=[{"work_order": number} for number in request.GET.getlist("job")[:50]],
        form_kwargs={"brand": request.brand},
    )
    if request.method == "POST" and all([form.is_valid(), rows.is_valid()]):
        payment = _record_over(request, form, rows)
        if payment is not None:
            _say(request, payment)
            return redirect("payment", request.brand.slug, _full(payment))
    context: dict[str, Any] = {"form": form, "formset": rows, "problems": rows.non_form_errors()}
    return render(request, "payments/record_many.html", context)


def _record_over(request: BrandRequest, form: ManyForm, rows: Any) -> Payment | None:
    try:
        return record.record_check_over(
            request.brand,
            shares_of(rows),
            form.manual(),
            by=str(request.user),
            total=form.cleaned_data["total"],
        )
    except ValidationError as error:
        show_errors(form, error, {**NAMES, "amount": "total"})
        return None


def _full(payment: Payment) -> str:
    return f"{payment.work_order.number}-{payment.short_number}"

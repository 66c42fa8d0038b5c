"""Recording a payment by hand: of one job, or one check over several."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.access import BrandRequest, brand_view
from core.forms import show_errors
from core.refusal import Asks
from payments import queries
from payments.domain import record
from payments.forms.manual import ManyForm, RecordForm, ShareFormSet, shares_of
from payments.models import Payment
from payments.timeline.labels import money_text
from ui.confirm import answer_of, ask_page
from workorders.models import WorkOrder
from workorders.queries import is_numbered

NAMES = {"happened_at": "happened_on"}


@brand_view()
def payment_record(request: BrandRequest, number: str) -> HttpResponse:
    """A payment of one job; the amount starts as what is due and not yet on its way."""
    jobs = WorkOrder.objects.select_related("client", "brand")
    job = get_object_or_404(jobs, is_numbered(number), brand=request.brand)
    initial = {
        "amount": queries.still_to_pay(job),
        "payer_name": job.client.name,
    }
    form = RecordForm(request.POST or None, brand=request.brand, initial=initial)
    answer = answer_of(request)
    if request.method == "POST" and answer is not None and form.is_valid():
        amount = form.cleaned_data["amount"]
        try:
            payment = record.record_payment(
                request.brand, job, amount, form.manual(), by=str(request.user), answer=answer
            )
        except Asks as asks:
            page = reverse("work_order", args=[request.brand.slug, job.number])
            return _ask(request, asks, amount, page, [(job.number, page)])
        except ValidationError as error:
            show_errors(form, error, NAMES)
        else:
            _say(request, payment)
            return redirect("work_order", request.brand.slug, job.number)
    return render(request, "payments/record.html", {"form": form, "job": job})


def _ask(
    request: BrandRequest, asks: Asks, amount: Decimal, back: str, crumbs: list[tuple[str, str]]
) -> HttpResponse:
    """The page that shows what is here already, or how much is too much."""
    words = money_text(amount, request.brand.currency)
    return ask_page(
        request,
        asks,
        title=f"Record {words} all the same?",
        button=f"Record {words}",
        back=back,
        crumbs=crumbs,
        here="Record a payment",
    )


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
    answer = answer_of(request)
    if request.method == "POST" and answer is not None and all([form.is_valid(), rows.is_valid()]):
        done = _record_over(request, form, rows, answer)
        if done is not None:
            return done
    context: dict[str, Any] = {"form": form, "formset": rows, "problems": rows.non_form_errors()}
    return render(request, "payments/record_many.html", context)


def _record_over(
    request: BrandRequest, form: ManyForm, rows: Any, answer: str
) -> HttpResponse | None:
    """Record it, or ask; None where it was refused, which the form shows."""
    total = form.cleaned_data["total"]
    try:
        payment = record.record_check_over(
            request.brand,
            shares_of(rows),
            form.manual(),
            by=str(request.user),
            total=total,
            answer=answer,
        )
    except Asks as asks:
        page = reverse("work_orders", args=[request.brand.slug])
        return _ask(request, asks, total, page, [("Work orders", page)])
    except ValidationError as error:
        show_errors(form, error, {**NAMES, "amount": "total"})
        return None
    _say(request, payment)
    return redirect("payment", request.brand.slug, _full(payment))


def _full(payment: Payment) -> str:
    return f"{payment.work_order.number}-{payment.short_number}"

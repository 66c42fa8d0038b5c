"""The charges and the people of a job: one form each, any number of rows."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import BrandRequest, brand_view
from core.money import display
from workorders import queries
from workorders.charge_forms import ChargeFormSet, charge_rows
from workorders.domain import charges, hooks, people
from workorders.domain.charges import ChargeLine
from workorders.domain.fingerprint import CHANGED
from workorders.forms import ContactFormSet, ReasonForm, RowFormSet, contact_rows
from workorders.models import Charge, WorkOrder
from workorders.views.jobs import job_or_404, to_job


@brand_view()
def charges_edit(request: BrandRequest, number: str) -> HttpResponse:
    """What is billed: add, change and remove lines, all at once or not at all."""
    job = job_or_404(request, number)
    before = list(job.charges.all())
    rates = queries.offered_tax_rates(request.brand)
    services = queries.offered_services(
        request.brand, {c.service_id for c in before if c.service_id is not None}
    )
    options = {
        "currency": request.brand.currency,
        "services": services,
        "rates": rates,
        "taxed": bool(rates) or any(c.tax_percent for c in before),
    }
    reason = ReasonForm(request.POST or None, required=hooks.is_issued(job))

    def rows(data: Any = None) -> RowFormSet:
        made = ChargeFormSet(data, initial=charge_rows(before, rates), form_kwargs=options)
        assert isinstance(made, RowFormSet)
        return made

    def save(formset: RowFormSet, expected: str) -> str:
        return _replace_charges(job, formset.lines(), expected, reason.cleaned_data["reason"])

    context = {**_totals(before, request.brand.currency), "taxed": options["taxed"]}
    seen = charges.charges_fingerprint(before)
    return _edit(request, job, rows, save, seen, "workorders/charges_edit.html", context, reason)


def _replace_charges(
    job: WorkOrder, lines: Sequence[ChargeLine], expected: str, reason: str
) -> str:
    """Save the lines; what to tell whoever did."""
    saved = charges.replace_charges(job.brand, job.pk, lines, expected=expected, reason=reason)
    currency = job.brand.currency
    return f"Charges on {job.number}: {display(_totals(saved, currency)['total'], currency)}."


def _totals(lines: Sequence[ChargeLine] | Sequence[Charge], currency: str) -> dict[str, Any]:
    services, tax = charges.total(lines, currency), charges.tax_total(lines, currency)
    return {"services": services, "tax": tax, "total": services + tax}


@brand_view()
def contacts_edit(request: BrandRequest, number: str) -> HttpResponse:
    """Who is on the job, and who gets invoices."""
    job = job_or_404(request, number)
    before = list(job.contacts.all())

    def rows(data: Any = None) -> RowFormSet:
        made = ContactFormSet(data, initial=contact_rows(before))
        assert isinstance(made, RowFormSet)
        return made

    def save(formset: RowFormSet, expected: str) -> str:
        people.replace_contacts(request.brand, job.pk, formset.lines(), expected=expected)
        return f"The contacts of {job.number} are updated."

    seen = people.contacts_fingerprint(before)
    return _edit(request, job, rows, save, seen, "workorders/contacts_edit.html", {})


def _edit(
    request: BrandRequest,
    job: WorkOrder,
    rows: Callable[..., RowFormSet],
    save: Callable[[RowFormSet, str], str],
    seen: str,
    template: str,
    context: dict[str, Any],
    reason: ReasonForm | None = None,
) -> HttpResponse:
    """Show, check and save a form of rows; an outdated one starts over from what is there."""
    formset, problems = rows(), []
    if request.method == "POST":
        expected = request.POST.get("fingerprint", "")
        formset = rows(request.POST)
        if expected != seen:
            formset, problems = rows(), [CHANGED]
        elif formset.is_valid() & (reason is None or reason.is_valid()):
            try:
                messages.success(request, save(formset, expected))
                return to_job(request, job)
            except ValidationError as error:
                problems = _beside_reason(error, reason)
        else:
            problems = [str(error) for error in formset.non_form_errors()]
    context |= {"job": job, "formset": formset, "problems": problems, "fingerprint": seen}
    if reason is not None:
        required = reason.fields["reason"].required
        context |= {"reason_form": reason, "reason_required": required or bool(reason.errors)}
    return render(request, template, context)


def _beside_reason(error: ValidationError, form: ReasonForm | None) -> list[str]:
    """Put what is wrong with the reason beside it; what else is wrong."""
    if form is None or not hasattr(error, "error_dict"):
        return error.messages
    if "reason" in error.error_dict:
        form.fields["reason"].required = True
        form.add_error("reason", error.error_dict["reason"])
    others = [errors for name, errors in error.error_dict.items() if name != "reason"]
    return [message for errors in others for one in errors for message in one.messages]

"""The charges and the people of a job: one form each, any number of rows."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import BrandRequest, brand_view
from core.money import display
from workorders import queries
from workorders.domain import charges, people
from workorders.domain.fingerprint import CHANGED
from workorders.forms import (
    ChargeFormSet,
    ContactFormSet,
    RowFormSet,
    charge_rows,
    contact_rows,
)
from workorders.models import WorkOrder
from workorders.views.jobs import job_or_404, to_job


@brand_view()
def charges_edit(request: BrandRequest, number: str) -> HttpResponse:
    """What is billed: add, change and remove lines, all at once or not at all."""
    job = job_or_404(request, number)
    before = list(job.charges.all())
    currency = request.brand.currency
    services = queries.offered_services(
        request.brand, {c.service_id for c in before if c.service_id is not None}
    )
    options = {"currency": currency, "services": services}

    def rows(data: Any = None) -> RowFormSet:
        made = ChargeFormSet(data, initial=charge_rows(before), form_kwargs=options)
        assert isinstance(made, RowFormSet)
        return made

    def save(formset: RowFormSet, expected: str) -> str:
        lines = formset.lines()
        charges.replace_charges(request.brand, job.pk, lines, expected=expected)
        return f"Billed on {job.number}: {display(charges.total(lines, currency), currency)}."

    context = {"total": charges.total(before, currency)}
    seen = charges.charges_fingerprint(before)
    return _edit(request, job, rows, save, seen, "workorders/charges_edit.html", context)


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
) -> HttpResponse:
    """Show, check and save a form of rows; an outdated one starts over from what is there."""
    formset, problems = rows(), []
    if request.method == "POST":
        expected = request.POST.get("fingerprint", "")
        formset = rows(request.POST)
        if expected != seen:
            formset, problems = rows(), [CHANGED]
        elif formset.is_valid():
            try:
                messages.success(request, save(formset, expected))
                return to_job(request, job)
            except ValidationError as error:
                problems = error.messages
        else:
            problems = [str(error) for error in formset.non_form_errors()]
    context |= {"job": job, "formset": formset, "problems": problems, "fingerprint": seen}
    return render(request, template, context)

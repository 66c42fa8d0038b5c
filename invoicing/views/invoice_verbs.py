"""What is done to an invoice: issue, bill again or separately, change the due date, void."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access import BrandRequest, brand_view
from accounts.models import Role
from core.forms import show_errors
from core.money import display, total
from invoicing.domain import client_credit, follow_charges, issuing, revisions
from invoicing.forms.due_date import DueDateForm
from invoicing.forms.void import VoidForm
from invoicing.models import ClientCredit, Invoice, InvoiceStatus
from invoicing.queries import credits
from invoicing.views.invoices import document_of, invoice_or_404, why_not_again, why_not_issue
from ui.confirm import confirm_page
from workorders.charge_forms import ChargeFormSet
from workorders.domain.charges import charges_fingerprint
from workorders.forms import RowFormSet
from workorders.queries import offered_services, offered_tax_rates


def _standard(request: BrandRequest, number: str) -> Invoice:
    """An invoice that asks for money; a credit note's verbs are its own."""
    invoice = invoice_or_404(request, number)
    if invoice.is_credit_note:
        raise Http404("A credit note")
    return invoice


def _verb(
    request: BrandRequest,
    invoice: Invoice,
    form: forms.Form,
    do: Callable[[], Invoice],
    context: dict[str, Any],
) -> HttpResponse:
    """Show a verb's form, or carry it out: a refusal is shown next to the field that it names."""
    if request.method == "POST" and form.is_valid():
        try:
            done = do()
        except ValidationError as error:
            show_errors(form, error)
        else:
            messages.success(request, context["done"].format(number=done.number))
            return redirect("invoice", request.brand.slug, done.number)
    page = reverse("invoice", args=[request.brand.slug, invoice.number])
    job = invoice.work_order
    context |= {"invoice": invoice, "form": form, "subject": invoice.number}
    context |= {"back_to": f"Back to {invoice.number}"}
    return confirm_page(
        request,
        context,
        back=page,
        crumbs=[
            (job.number, reverse("work_order", args=[request.brand.slug, job.number])),
            (f"Invoice {invoice.number}", page),
        ],
        here=context["crumb"],
        details="invoicing/invoice_verb.html",
    )


@brand_view()
def invoice_issue(request: BrandRequest, document: str) -> HttpResponse:
    """Issue a draft; after a void, bill again what is not billed: as another invoice."""
    invoice = _standard(request, document)
    again = invoice.status == InvoiceStatus.VOID
    documents = follow_charges.read(invoice.work_order)
    lines = documents.to_issue()
    amount = display(revisions.sum_of(lines, invoice.currency), invoice.currency)
    words = {
        "title": "Bill again?" if again else f"Issue {invoice.number}?",
        "crumb": "Bill again" if again else "Issue",
        "text": f"{invoice.number} stays void. What it billed goes on an invoice of its own."
        if again
        else "From then on it is owed. Changing it later asks why and makes a new revision.",
        "button": f"Bill {amount} again" if again else f"Issue {invoice.number}, {amount}",
        "refused": _why_not_issue(invoice),
        "lines": lines,
        "amount": amount,
        "done": "{number} is issued.",
    }
    return _verb(
        request,
        invoice,
        forms.Form(request.POST if request.method == "POST" else None),
        lambda: _issued(request, invoice),
        words,
    )


def _why_not_issue(invoice: Invoice) -> str:
    if invoice.status == InvoiceStatus.ISSUED:
        return f"{invoice.number} is issued already."
    if invoice.status == InvoiceStatus.VOID:
        return why_not_again(invoice)
    return why_not_issue(document_of(invoice))


def _issued(request: BrandRequest, invoice: Invoice) -> Invoice:
    if refusal := _why_not_issue(invoice):
        raise ValidationError(refusal)
    return issuing.issue_bill(request.brand, invoice.work_order_id)


@brand_view(role=Role.BILLING)
def invoice_due(request: BrandRequest, document: str) -> HttpResponse:
    """Give the client more or less time."""
    invoice = _standard(request, document)
    form = DueDateForm(
        request.POST or None, initial={"due_on": invoice.due_on}, not_before=invoice.invoice_date
    )
    words = {
        "title": f"When is {invoice.number} due?",
        "crumb": "Due date",
        "text": "The client’s invoice shows the new date.",
        "button": "Change the due date",
        "refused": issuing.why_no_due_date(invoice),
        "done": "The due date of {number} is changed.",
    }

    def do() -> Invoice:
        data = form.cleaned_data
        return issuing.set_due_date(
            request.brand, invoice.pk, data["due_on"], reason=data["reason"]
        )

    return _verb(request, invoice, form, do, words)


@brand_view(role=Role.BILLING)
def invoice_void(request: BrandRequest, document: str) -> HttpResponse:
    """Take it out of the world: asks why, and says what returns to the client."""
    invoice = _standard(request, document)
    seen = document_of(invoice)
    made = issuing.made_from(invoice)
    form = VoidForm(request.POST or None, invoice=invoice, notes=made)
    billed = total((line.amount + line.tax_amount for line in seen.lines), invoice.currency)
    words = {
        "title": f"Void {invoice.number}?",
        "crumb": "Void",
        "text": "It stays on the timeline and asks for nothing. The charges stay on the job and "
        "can be billed again, under another number.",
        "button": f"Void {invoice.number}, {display(billed, invoice.currency)}",
        "danger": True,
        "refused": issuing.why_not_void(seen),
        "returns": _returns(invoice, made),
        "drafts": _drafts(invoice),
        "settlement": seen.settlement,
        "done": "{number} is void.",
    }

    def do() -> Invoice:
        why = form.cleaned_data["reason"]
        return issuing.void_invoice(request.brand, invoice.pk, reason=why, notes=form.chosen)

    return _verb(request, invoice, form, do, words)


def _drafts(invoice: Invoice) -> list[Invoice]:
    """Drafts of credit notes from the invoice: nothing is left that they could give back."""
    return [n for n in credits.notes_on(invoice) if n.status == InvoiceStatus.DRAFT]


def _returns(invoice: Invoice, made: Sequence[ClientCredit]) -> list[dict[str, Any]]:
    """Credits on the invoice, which the void gives back to the client; ``made`` are asked about."""
    ids = invoice.entries.exclude(credit=None).values_list("credit_id", flat=True)
    rows = ClientCredit.objects.filter(brand=invoice.brand, pk__in=set(ids)).order_by("pk")
    used = [(row, client_credit.applied_to(row, invoice.pk)) for row in rows]
    asked = {note.pk for note in made}
    return [
        {"credit": row, "amount": amount, "is_asked": row.pk in asked}
        for row, amount in used
        if amount > 0
    ]


@brand_view()
def invoice_separate(request: BrandRequest, document: str) -> HttpResponse:
    """Bill extra work on an invoice of its own; this one stays as it is."""
    invoice = _standard(request, document)
    job = invoice.work_order
    seen = charges_fingerprint(list(job.charges.all()))
    rates = offered_tax_rates(request.brand)
    options = {
        "currency": request.brand.currency,
        "services": offered_services(request.brand, set()),
        "rates": rates,
        "taxed": bool(rates),
    }
    formset = ChargeFormSet(request.POST or None, form_kwargs=options)
    assert isinstance(formset, RowFormSet)
    problems: list[str] = []
    if request.method == "POST" and formset.is_valid():
        try:
            draft = issuing.bill_separately(
                request.brand,
                job.pk,
                formset.lines(),
                expected=request.POST.get("fingerprint", ""),
            )
        except ValidationError as error:
            problems = error.messages
        else:
            messages.success(request, f"{draft.number} is drafted. {invoice.number} is unchanged.")
            return redirect("invoice", request.brand.slug, draft.number)
    context = {"invoice": invoice, "job": job, "formset": formset, "problems": problems}
    context |= {"fingerprint": seen, "draft": follow_charges.read(job).draft}
    return render(request, "invoicing/invoice_separate.html", context)

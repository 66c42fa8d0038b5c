"""Credit notes: made from an invoice, looked over, issued, voided."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access import BrandRequest, brand_view
from accounts.models import Role
from core.money import display
from core.refusal import Asks
from invoicing.domain import credit_notes as verbs
from invoicing.forms.credits import EditCreditNoteForm, IssueForm, NewCreditNoteForm, ReasonForm
from invoicing.models import ClientCredit, Invoice, InvoiceBalance, InvoiceStatus
from invoicing.queries import credits as reads
from invoicing.queries.settlements import current_revisions
from invoicing.views.invoices import billed_to, invoice_or_404
from ui.confirm import confirm_page

STATES = {
    InvoiceStatus.DRAFT: "not_issued",
    InvoiceStatus.ISSUED: "succeeded",
    InvoiceStatus.VOID: "voided",
}


def tried(form: forms.Form, do: Callable[[], object], names: dict[str, str] | None = None) -> bool:
    """Carry a verb out; what it refuses is shown at the field it names, else above the form.

    What it asks first (``core.refusal.Asks``) is left to the caller.
    """
    try:
        do()
    except Asks:
        raise
    except ValidationError as error:
        known = names or {}
        if not hasattr(error, "error_dict"):
            form.add_error(None, error)
            return False
        for name, errors in error.error_dict.items():
            field = known.get(name, name)
            form.add_error(field if field in form.fields else None, errors)
        return False
    except (Invoice.DoesNotExist, ClientCredit.DoesNotExist) as gone:
        raise Http404("Somebody deleted it meanwhile") from gone
    return True


def due_on(invoice: Invoice) -> Decimal:
    """What an invoice asks for now; nothing unless it is issued."""
    if invoice.status != InvoiceStatus.ISSUED:
        return Decimal(0)
    row = InvoiceBalance.objects.filter(brand=invoice.brand_id, invoice=invoice).first()
    return row.amount_due if row else Decimal(0)


# The page ----------------------------------------------------------------------------------------


def credit_note(request: BrandRequest, note: Invoice) -> HttpResponse:
    """A credit note's own page; the view of all documents comes here with one."""
    credit = reads.credit_of(note)
    context: dict[str, Any] = {
        **_shown(note),
        "state": STATES[InvoiceStatus(note.status)],
        "credit": credit,
        "left": reads.left_of(credit) if credit else None,
        "uses": reads.applications(credit) if credit else [],
        "can_bill": request.membership.at_least(Role.BILLING),
        "actions": _actions(request, note, credit),
    }
    return render(request, "invoicing/credit_note.html", context)


def _shown(note: Invoice) -> dict[str, Any]:
    """What every page about a note shows of it."""
    lines = reads.lines_of(note)
    revision = current_revisions([note]).get(note.pk)
    gives = -reads.sum_of(lines, note.currency)
    return {
        "note": note,
        **billed_to(note, revision),
        "invoice": note.credits,
        "job": note.work_order,
        "is_draft": note.status == InvoiceStatus.DRAFT,
        "name": "Draft" if note.status == InvoiceStatus.DRAFT else note.number,
        "lines": lines,
        "tax": -sum((line.tax_amount for line in lines), Decimal(0)),
        "gives": gives,
        "gives_text": display(gives, note.currency),
    }


def _actions(
    request: BrandRequest, note: Invoice, credit: ClientCredit | None
) -> list[dict[str, str]]:
    """What billing may do with it now, and why not."""
    if not request.membership.at_least(Role.BILLING) or note.status == InvoiceStatus.VOID:
        return []
    args = [request.brand.slug, note.number]
    if credit is None:
        gives = display(-reads.sum_of(reads.lines_of(note), note.currency), note.currency)
        return [
            _action(f"Issue · {gives}", "credit_note_issue", args, "check", "primary"),
            _action("Change", "credit_note_edit", args, "pencil-square"),
            _action("Delete the draft", "credit_note_delete", args, "trash"),
        ]
    void = _action("Void", "credit_note_void", args, "no-symbol")
    void["why_not"] = verbs.why_in_use(credit)
    left = reads.left_of(credit)
    if left <= 0:
        return [void]
    words = f"Apply {display(left, note.currency)}"
    apply = _action(words, "credit_apply", [request.brand.slug, credit.pk], "arrow-right")
    return [apply | {"kind": "primary"}, void]


def _action(label: str, name: str, args: list[Any], icon: str, kind: str = "") -> dict[str, str]:
    url = reverse(name, args=args)
    return {"label": label, "url": url, "icon": icon, "kind": kind, "why_not": ""}


# Making and changing -----------------------------------------------------------------------------


@brand_view(Role.BILLING)
def credit_note_new(request: BrandRequest, document: str) -> HttpResponse:
    """What of an invoice is given back; the next page shows it before it is issued."""
    invoice = invoice_or_404(request, document)
    if invoice.is_credit_note:
        return redirect("invoice", request.brand.slug, document)
    billed, left = reads.billed_lines(invoice), reads.creditable(invoice)
    form = NewCreditNoteForm(
        request.POST or None,
        invoice=invoice,
        billed=billed,
        left=left,
        notes=reads.note_lines(invoice),
    )
    refused = verbs.why_not_credit(invoice)
    if not refused and left <= 0:
        refused = f"All of {invoice.number} is credited already."
    if request.method == "POST" and not refused and form.is_valid():
        made: list[Invoice] = []

        def do() -> None:
            lines, reason = form.lines(), form.cleaned_data["reason"]
            made.append(verbs.draft_credit_note(request.brand, invoice.pk, lines, reason=reason))

        if tried(form, do, form.names):
            return redirect("credit_note_issue", request.brand.slug, made[0].number)
    context = {
        "form": form,
        "invoice": invoice,
        "job": invoice.work_order,
        "refused": refused,
        "left": left,
        "credited": reads.credited(invoice),
        "has_tax": any(line.tax_amount for line in billed),
    }
    return render(request, "invoicing/credit_note_new.html", context)


@brand_view(Role.BILLING)
def credit_note_edit(request: BrandRequest, document: str) -> HttpResponse:
    """Change what a draft gives back."""
    note = invoice_or_404(request, document)
    if not note.is_credit_note or note.status != InvoiceStatus.DRAFT:
        return redirect("invoice", request.brand.slug, document)
    drafted = list(note.draft_lines.order_by("position"))
    assert note.credits is not None
    form = EditCreditNoteForm(
        request.POST or None,
        invoice=note,
        drafted=drafted,
        credited=verbs.so_far(note.credits),
        initial={"reason": note.reason},
    )
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        lines = form.lines()
        if tried(
            form, lambda: verbs.edit_credit_note(request.brand, note.pk, lines, reason=reason)
        ):
            return redirect("credit_note_issue", request.brand.slug, document)
    has_tax = any(line.tax_amount for line in drafted)
    context = {**_shown(note), "form": form, "has_tax": has_tax}
    return render(request, "invoicing/credit_note_edit.html", context)


@brand_view(Role.BILLING)
def credit_note_issue(request: BrandRequest, document: str) -> HttpResponse:
    """The note as the client will get it; issuing it takes a number."""
    note = invoice_or_404(request, document)
    if not note.is_credit_note or note.status != InvoiceStatus.DRAFT or note.credits is None:
        return redirect("invoice", request.brand.slug, document)
    shown, due = _shown(note), due_on(note.credits)
    form = IssueForm(
        request.POST or None,
        number=note.credits.number,
        currency=note.currency,
        due=due,
        initial={"apply_now": min(due, shown["gives"])},
    )
    if request.method == "POST" and form.is_valid():
        amount = form.cleaned_data.get("apply_now") or None
        issued: list[Invoice] = []

        def do() -> None:
            issued.append(verbs.issue_credit_note(request.brand, note.pk, apply_now=amount))

        if tried(form, do):
            _say_issued(request, issued[0], shown["gives_text"], amount)
            return redirect("invoice", request.brand.slug, issued[0].number)
    return render(request, "invoicing/credit_note_issue.html", {**shown, "form": form, "due": due})


def _say_issued(request: BrandRequest, note: Invoice, gives: str, used: Decimal | None) -> None:
    assert note.credits is not None
    where = f" {display(used, note.currency)} of it is on {note.credits.number}." if used else ""
    messages.success(request, f"{note.number} is issued: {gives} is the client’s credit.{where}")


@brand_view(Role.BILLING)
def credit_note_delete(request: BrandRequest, document: str) -> HttpResponse:
    """Throw a draft away."""
    note = invoice_or_404(request, document)
    if not note.is_credit_note or note.status != InvoiceStatus.DRAFT or note.credits is None:
        return redirect("invoice", request.brand.slug, document)
    form = forms.Form(request.POST or None)
    if request.method == "POST":
        form.is_valid()
        if tried(form, lambda: verbs.delete_credit_note(request.brand, note.pk)):
            messages.success(request, "The draft is deleted. It had no number of its own.")
            return redirect("invoice", request.brand.slug, note.credits.number)
    context = {
        **_shown(note),
        "form": form,
        "title": "Delete the draft?",
        "text": "It was never issued, so nothing is owed by it. The timeline keeps what it was.",
        "button": f"Delete the draft of {_shown(note)['gives_text']}",
        "danger": True,
    }
    return _confirm(request, note, context)


@brand_view(Role.BILLING)
def credit_note_void(request: BrandRequest, document: str) -> HttpResponse:
    """Take a note and the credit that it gave out of the world."""
    note = invoice_or_404(request, document)
    if not note.is_credit_note:
        return redirect("invoice", request.brand.slug, document)
    credit = reads.credit_of(note)
    form = ReasonForm(request.POST or None)
    refused = verbs.why_not_void(note) or (verbs.why_in_use(credit) if credit else "")
    if request.method == "POST" and form.is_valid() and not refused:
        why = form.cleaned_data["reason"]
        if tried(form, lambda: verbs.void_credit_note(request.brand, note.pk, reason=why)):
            messages.success(request, f"{note.number} is void.")
            return redirect("invoice", request.brand.slug, document)
    shown = _shown(note)
    context = {
        **shown,
        "form": form,
        "refused": refused,
        "title": f"Void {note.number}?",
        "text": f"The client’s credit of {shown['gives_text']} goes with it. The number stays "
        "taken.",
        "button": f"Void {note.number} · {shown['gives_text']}",
        "danger": True,
    }
    return _confirm(request, note, context)


def _confirm(request: BrandRequest, note: Invoice, context: dict[str, Any]) -> HttpResponse:
    """The page of a verb on a credit note."""
    slug, job = request.brand.slug, context["job"]
    page = reverse("invoice", args=[slug, note.number])
    crumbs = [
        ("Work orders", reverse("work_orders", args=[slug])),
        (job.number, reverse("work_order", args=[slug, job.number])),
    ]
    if invoice := context["invoice"]:
        url = reverse("invoice", args=[slug, invoice.number])
        crumbs.append((f"Invoice {invoice.number}", url))
    crumbs.append(("Draft credit note" if context["is_draft"] else note.number, page))
    back_to = f"Back to {context['name']}"
    return confirm_page(
        request, {**context, "back_to": back_to}, back=page, crumbs=crumbs, keep="Keep it"
    )

"""One invoice: what it bills, what came in for it, and what may be done to it."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.access import BrandRequest, brand_view
from accounts.models import Role
from core import moments
from core.money import ZERO
from invoicing.domain import credit_notes, follow_charges, issuing
from invoicing.models import Invoice, InvoiceRevision, InvoiceStatus, MoneyInFlight
from invoicing.queries import bill_to, settlements, unused_credit
from invoicing.queries.printed import as_printed
from invoicing.settlement import equation
from invoicing.settlement.explain import explain
from invoicing.settlement.statement import Row, rows_of
from invoicing.settlement.types import Settlement
from ui.boxes import Boxes

NOT_ALLOWED = "This is for billing admins."
STATUS_TONES = {
    InvoiceStatus.DRAFT: "not_issued",
    InvoiceStatus.ISSUED: "issued",
    InvoiceStatus.VOID: "voided",
}


def invoice_or_404(request: BrandRequest, number: str) -> Invoice:
    """The brand's invoice or credit note with ``number``; 404 for anybody else's."""
    rows = Invoice.objects.select_related("work_order", "client", "credits")
    exact = rows.filter(brand=request.brand, number=number).first()
    invoice = exact or get_object_or_404(rows, brand=request.brand, number__iexact=number)
    invoice.brand = invoice.work_order.brand = request.brand
    return invoice


def document_of(invoice: Invoice) -> settlements.Document:
    """A standard invoice with its lines and its settlement."""
    documents = settlements.job_settlement(invoice.work_order).documents
    return next(d for d in documents if d.invoice.pk == invoice.pk)


@brand_view()
def invoice(request: BrandRequest, document: str) -> HttpResponse:
    """The page of an invoice, or of a credit note."""
    invoice = invoice_or_404(request, document)
    if invoice.is_credit_note:
        from invoicing.views.credit_notes import credit_note  # its pages need this module

        return credit_note(request, invoice)
    return render(request, "invoicing/invoice.html", _context(request, invoice))


def _context(request: BrandRequest, invoice: Invoice) -> dict[str, Any]:
    """The page of an invoice, box by box."""
    document = cache(lambda: document_of(invoice))
    revisions = cache(lambda: list(invoice.revisions.prefetch_related("lines")))
    flights = cache(lambda: list(invoice.in_flight.all()))
    boxes = Boxes(invoice=invoice.pk)
    boxes.add("word", lambda: {"settlement": document().settlement})
    boxes.add("actions", lambda: _verbs(request, document()))
    boxes.add("balance", lambda: _balance(document()))
    boxes.add("credit", lambda: {"unused_credit": _unused_credit(request, document())})
    boxes.add("lines", lambda: {"lines": document().lines, **_totals(document())})
    boxes.add("ledger", lambda: {"rows": _ledger(document(), revisions(), flights())})
    boxes.add("pending", lambda: {"pending": [_pending(f) for f in flights() if not f.is_refund]})
    boxes.add("details", lambda: _terms(document()) | billed_to(invoice, document().revision))
    boxes.add("revisions", lambda: {"revisions": _shown(revisions())})
    boxes.add("notes", lambda: {"credit_notes": list(invoice.credit_notes.order_by("pk"))})
    return {
        "invoice": invoice,
        "job": invoice.work_order,
        "status_tone": STATUS_TONES[InvoiceStatus(invoice.status)],
        **boxes.context,
    }


def _verbs(request: BrandRequest, document: settlements.Document) -> dict[str, Any]:
    actions = _actions(request, document)
    return {"actions": actions, "refusals": _refusals(actions)}


def _balance(document: settlements.Document) -> dict[str, Any]:
    """The equation of this invoice and its explanation."""
    settlement = document.settlement
    return {
        "figures": _figures(settlement),
        "why": explain(settlement, document.invoice.currency),
    }


def _unused_credit(
    request: BrandRequest, document: settlements.Document
) -> unused_credit.UnusedCredit | None:
    client_id = document.invoice.client_id
    return unused_credit.unused(request.brand, client_id, [document], request.membership)


def _ledger(
    document: settlements.Document,
    revisions: Sequence[InvoiceRevision],
    flights: Sequence[MoneyInFlight],
) -> list[Row]:
    """Everything that changed what is owed, oldest first."""
    invoice = document.invoice
    entries = as_printed(invoice.entries.all())
    return rows_of(invoice, revisions, entries, flights, document.settlement)


def _terms(document: settlements.Document) -> dict[str, bool]:
    return {
        "overdue": _is_overdue(document.invoice, document.settlement),
        "due_changed": _has_other_terms(document.invoice),
    }


def billed_to(invoice: Invoice, revision: InvoiceRevision | None) -> dict[str, Any]:
    """Whom a document was issued to, and what is different now; of a void one that is history."""
    issued = bill_to.of_document(invoice, revision)
    since = bill_to.changed_since(issued, bill_to.of_now(invoice))
    stays = [f"{invoice.number} keeps what it was issued with."] if since else []
    return {"billed_to": issued, "changed_since": " ".join([*since, *stays])}


def _totals(document: settlements.Document) -> dict[str, Decimal]:
    """What the lines come to, and the fee beside them; a void bill still says what it billed."""
    subtotal = sum((line.amount for line in document.lines), ZERO)
    tax = sum((line.tax_amount for line in document.lines), ZERO)
    fee = document.settlement.fee.kept + document.settlement.fee.due
    return {"subtotal": subtotal, "tax": tax, "fee": fee, "total": subtotal + tax + fee}


def _refusals(actions: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Why buttons are off, each reason once: a touch screen shows no titles."""
    by_reason: dict[str, list[str]] = {}
    for action in actions:
        if action["why_not"]:
            by_reason.setdefault(action["why_not"], []).append(action["label"])
    return [{"labels": ", ".join(labels), "why": why} for why, labels in by_reason.items()]


def _pending(flight: MoneyInFlight) -> dict[str, Any]:
    gross = flight.services_amount + flight.fee_amount
    return {"label": flight.label, "gross": gross, "happened_at": flight.happened_at}


def _is_overdue(invoice: Invoice, settlement: Settlement) -> bool:
    is_due = invoice.status == InvoiceStatus.ISSUED and settlement.amount_due > 0
    today = moments.today(invoice.brand.time_zone)
    return is_due and invoice.due_on is not None and invoice.due_on < today


def _has_other_terms(invoice: Invoice) -> bool:
    """Whether somebody changed the due date by hand."""
    if invoice.status != InvoiceStatus.ISSUED or invoice.invoice_date is None or not invoice.reason:
        return False
    return invoice.due_on != invoice.invoice_date + timedelta(days=invoice.terms_days)


def _shown(revisions: list[InvoiceRevision]) -> list[dict[str, Any]]:
    """The newest first, each with what it comes to, what it changed and whom it was billed to."""
    before = [None, *(bill_to.of_revision(row) for row in revisions)]
    said = [
        bill_to.of_revision(row) if bill_to.of_revision(row) != earlier else None
        for row, earlier in zip(revisions, before, strict=False)
    ]
    return [
        {
            "row": revision,
            "total": revision.services_total + revision.tax_total,
            "change": revision.services_total + revision.tax_total - revision.total_before,
            "is_current": number == 0,
            "billed_to": said[len(revisions) - 1 - number],
        }
        for number, revision in enumerate(reversed(revisions))
    ]


def _figures(settlement: Settlement) -> list[dict[str, Any]]:
    """The equation of this invoice alone; each figure leads to the rows under it."""
    fee = settlement.fee.kept + settlement.fee.due
    urls = dict.fromkeys(("credits", "received", "refunded"), "#ledger") | {"billed": "#lines"}
    if settlement.pending:
        urls["pending"] = "#pending"
    billed = f"services {settlement.services:,f} + fee {fee:,f}" if fee else ""
    return equation.figures(settlement, urls=urls, notes={"billed": billed})


# --- what may be done -------------------------------------------------------------------------


def _actions(request: BrandRequest, document: settlements.Document) -> list[dict[str, str]]:
    """Buttons where the eye is: what is allowed now, and why something is not."""
    invoice = document.invoice
    here = [request.brand.slug, invoice.number]
    job = [request.brand.slug, invoice.work_order.number]
    deny = "" if request.membership.at_least(Role.BILLING) else NOT_ALLOWED
    is_draft, is_void = (invoice.status == s for s in (InvoiceStatus.DRAFT, InvoiceStatus.VOID))
    if is_draft:
        return [
            _button("Issue now", "invoice_issue", here, "check-circle", why_not_issue(document))
            | {"kind": "primary"},
            _button("Edit the bill", "charges_edit", job, "pencil-square"),
        ]
    if is_void:
        refusal = why_not_again(invoice)
        return [_button("Bill again", "invoice_issue", here, "arrow-path", refusal)]
    return [
        _button("Edit the bill", "charges_edit", job, "pencil-square"),
        _button("Bill extra work separately", "invoice_separate", here, "document-plus"),
        _button(
            "Make credit note",
            "credit_note_new",
            here,
            "receipt-refund",
            deny or credit_notes.why_not_credit(invoice),
        ),
        *(
            [_button("Keep as credit", "invoice_keep_credit", here, "wallet", deny)]
            if document.settlement.balance < 0
            else []
        ),
        _button("Change due date", "invoice_due", here, "calendar", deny),
        _button("Void", "invoice_void", here, "no-symbol", deny or issuing.why_not_void(document)),
    ]


def _button(label: str, name: str, args: list[str], icon: str, why_not: str = "") -> dict[str, str]:
    url = reverse(name, args=args)
    return {"label": label, "url": url, "icon": icon, "why_not": why_not, "kind": ""}


def why_not_issue(document: settlements.Document) -> str:
    """Why a draft cannot be issued now; "" when it can."""
    if not document.lines:
        return "It has no lines yet. Add a charge first."
    if document.settlement.services < 0:
        return "It is below zero: make a credit note instead."
    return ""


def why_not_again(invoice: Invoice) -> str:
    """Why nothing can be billed again after a void; "" when it can."""
    documents = follow_charges.read(invoice.work_order)
    if documents.draft is not None:
        return f"{documents.draft.number} is drafted already. Issue that one."
    if not documents.to_issue():
        return "Every charge of the job is billed already."
    return ""

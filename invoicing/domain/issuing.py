"""What people do to invoices: issue by hand, bill again or separately, void, change a due date."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Brand
from core.money import display
from invoicing.domain import (
    client_credit,
    credit_notes,
    follow_charges,
    revisions,
    rollup,
    stamp,
)
from invoicing.domain.allocate import Legs
from invoicing.models import ClientCredit, CreditKind, Invoice, InvoiceKind, InvoiceStatus
from invoicing.queries import credits as reads
from invoicing.queries import settlements
from invoicing.settlement.types import EntryKind, LedgerFigure, kinds_of
from workorders.domain.charges import ChargeLine, replace_charges
from workorders.domain.fingerprint import CHANGED
from workorders.domain.locks import lock_work_order, lock_work_orders
from workorders.domain.reasons import MAX_REASON, cleaned_reason
from workorders.models import Charge, ServiceType, WorkOrder


class Notes(StrEnum):
    """What becomes of the credit notes that were made from an invoice that is voided."""

    VOID = "void"
    KEEP = "keep"


@transaction.atomic
def issue_bill(brand: Brand, work_order_id: int) -> Invoice:
    """Issue the draft of a job; without one, bill again what was voided, as ``FHI624-2``.

    ValidationError names ``charges`` where nothing is waiting to be billed, or less than nothing.
    """
    job = lock_work_order(brand, work_order_id)
    documents = follow_charges.read(job)
    lines = documents.to_issue()
    if not lines:
        raise ValidationError({"charges": "Every charge is billed already. Add one first."})
    invoice = documents.draft or revisions.draft(job)
    revisions.issue(invoice, lines)
    rollup.recompute(job)
    return invoice


@transaction.atomic
def bill_separately(
    brand: Brand, work_order_id: int, lines: Sequence[ChargeLine], *, expected: str | None = None
) -> Invoice:
    """Add new charges to a job and draft an invoice of their own for them: ``FHI624-2``.

    Issued invoices stay as they are. ``lines`` are new ones only; ``expected`` is the
    ``charges_fingerprint`` that the caller saw. ValidationError where there is nothing new, or
    as ``replace_charges`` says. Without any invoice yet, the lines join the job's first draft.
    """
    if not lines or any(line.id is not None for line in lines):
        raise ValidationError({"charges": "Enter at least one new line."})
    job = lock_work_order(brand, work_order_id)
    # What is new goes to the draft, not to the issued invoice (``follow_charges.follow``).
    draft = follow_charges.read(job).draft or revisions.draft(job)
    unchanged = [unchanged_line(charge) for charge in job.charges.all()]
    replace_charges(brand, job.pk, [*unchanged, *lines], expected=expected)
    draft.refresh_from_db()
    return draft


def unchanged_line(charge: Charge) -> ChargeLine:
    """A charge as a line that leaves it as it is."""
    return ChargeLine(
        id=charge.pk,
        description=charge.description,
        amount=charge.amount,
        service_id=charge.service_id,
        service_type=ServiceType(charge.service_type),
        tax_name=charge.tax_name,
        tax_percent=charge.tax_percent,
    )


@transaction.atomic
def set_due_date(brand: Brand, invoice_id: int, due_on: date, *, reason: str) -> Invoice:
    """Give a client more (or less) time. ValidationError names ``due_on`` or ``reason``."""
    invoice, job = locked_invoice(brand, invoice_id)
    why = cleaned_reason(reason, required=True)
    if refusal := why_no_due_date(invoice):
        raise ValidationError({"due_on": refusal})
    if invoice.invoice_date is not None and due_on < invoice.invoice_date:
        raise ValidationError({"due_on": "That is before the invoice’s own date."})
    if due_on == invoice.due_on:
        raise ValidationError({"due_on": "It is already due on that day."})
    invoice.due_on, invoice.reason = due_on, why
    invoice.save(update_fields=["due_on", "reason"])
    rollup.recompute(job)
    return invoice


def why_no_due_date(invoice: Invoice) -> str:
    """Why the due date of an invoice cannot change; "" when it can."""
    if invoice.is_credit_note:
        return "A credit note is not due: it is used."
    if invoice.status == InvoiceStatus.DRAFT:
        return "A draft has no due date yet. Issue it first."
    return f"{invoice.number} is void." if invoice.status == InvoiceStatus.VOID else ""


def why_not_void(document: settlements.Document) -> str:
    """Why an invoice cannot be voided now, with the way out; "" when it can."""
    invoice, currency = document.invoice, document.invoice.currency
    if invoice.status == InvoiceStatus.DRAFT:
        return "A draft is not issued yet: change the charges instead."
    if invoice.status == InvoiceStatus.VOID:
        return f"{invoice.number} is void already."
    if invoice.in_flight.exists():
        return "A refund or payment is on its way: mark it done, call it off, or wait."
    held = held_on(invoice)
    if held.services + held.fee > 0:
        text = display(held.services + held.fee, currency)
        return f"{text} is held on it. Refund that first, or amend the bill to what was kept."
    if held:
        return "The money received and refunded does not match the fee. Correct the refund first."
    if document.settlement.became_credit:
        return "Some of its money became the client’s credit. Return that first."
    return ""


def held_on(invoice: Invoice) -> Legs:
    """Net money on an invoice, services and fee apart: received less refunded, in its currency."""
    held = Legs()
    rows = invoice.entries.filter(kind__in=kinds_of(LedgerFigure.RECEIVED, LedgerFigure.REFUNDED))
    for kind, services, fee in rows.values_list("kind", "services_amount", "fee_amount"):
        part = Legs(services, fee)
        held += part if EntryKind(kind).held > 0 else -part
    return held


@transaction.atomic
def void_invoice(
    brand: Brand, invoice_id: int, *, reason: str, notes: Notes | None = None
) -> Invoice:
    """Take an issued invoice out of the world; credits on it return to the client by that.

    ``notes`` says what becomes of the issued credit notes that were made from it; drafts of such
    are deleted. ValidationError names ``reason``, ``notes`` where there are some and nobody said,
    or where one to void is used on another bill; or says why it is refused: net money (services
    or fee) is not zero, or something is in flight. Billing again afterwards is ``FHI624-2``.
    """
    why = cleaned_reason(reason, required=True)
    invoice, jobs = _with_origins(brand, invoice_id)
    job = jobs[invoice.work_order_id]
    if invoice.kind != InvoiceKind.STANDARD:
        raise ValidationError("A credit note is voided as one.")
    answer = settlements.job_settlement(job)
    document = next(d for d in answer.documents if d.invoice.pk == invoice.pk)
    if refusal := why_not_void(document):
        raise ValidationError(refusal, code="refused")
    made = made_from(invoice)
    if made and notes is None:
        raise ValidationError({"notes": "Say what becomes of its credit notes."})
    if notes == Notes.VOID and (used := notes_in_use(invoice, made)):
        raise ValidationError({"notes": used})
    # Before anything of it is written: those of the origins, too (one order of locks).
    client_credit.locked_credits(brand, jobs)
    taken = client_credit.return_credits(job, invoice)
    invoice.reason, invoice.voided_at = why, stamp.moment()
    revisions.set_status(invoice, InvoiceStatus.VOID, "reason", "voided_at")
    for credit in taken:
        client_credit.settle_origin(jobs, credit)
    _end_notes(invoice, made if notes == Notes.VOID else (), why)
    rollup.recompute(job)
    return invoice


def made_from(invoice: Invoice) -> list[ClientCredit]:
    """What the issued credit notes that were made from an invoice give, the oldest first."""
    rows = ClientCredit.objects.filter(
        brand=invoice.brand_id,
        kind=CreditKind.CREDIT_NOTE,
        invoice__credits=invoice,
        invoice__status=InvoiceStatus.ISSUED,
    )
    return list(rows.order_by("pk"))


def notes_in_use(invoice: Invoice, notes: Iterable[ClientCredit]) -> str:
    """Why notes of ``invoice`` cannot be voided with it: used on another bill; "" when they can."""
    for note in notes:
        for use in reads.applications(note):
            if use.invoice.pk != invoice.pk:
                amount = display(use.amount, invoice.currency)
                where = f"{amount} of {note.label} is used on {use.invoice.number}"
                return f"{where}: take it off there first, or keep the note."
        if note.returned:
            return f"Some of {note.label} was given back to the client: keep the note."
    return ""


def _end_notes(invoice: Invoice, notes: Iterable[ClientCredit], why: str) -> None:
    """Void ``notes``, which an invoice that is void now gave, and delete its drafts of such."""
    for note in notes:
        assert note.invoice_id is not None
        text = f"{invoice.number} was voided: {why}"[:MAX_REASON]
        credit_notes.void_credit_note(invoice.brand, note.invoice_id, reason=text)
    for draft in reads.notes_on(invoice):
        if draft.status == InvoiceStatus.DRAFT:
            credit_notes.delete_credit_note(invoice.brand, draft.pk)


def _with_origins(brand: Brand, invoice_id: int) -> tuple[Invoice, dict[int, WorkOrder]]:
    """An invoice as it is now, its job locked with those that the credits on it came from."""
    invoice = Invoice.objects.get(brand=brand, pk=invoice_id)
    jobs = lock_work_orders(brand, {invoice.work_order_id, *_origins(invoice)})
    if not _origins(invoice) <= set(jobs):
        # A credit came while we waited: to lock its job now would be out of order.
        raise ValidationError(CHANGED, code="changed")
    invoice.refresh_from_db()
    invoice.brand = brand
    return invoice, jobs


def _origins(invoice: Invoice) -> set[int]:
    rows = ClientCredit.objects.filter(brand=invoice.brand_id, entries__invoice=invoice)
    ids = rows.exclude(work_order=None).values_list("work_order_id", flat=True)
    return set(ids)


def locked_invoice(brand: Brand, invoice_id: int) -> tuple[Invoice, WorkOrder]:
    """An invoice as it is now, its job locked. Invoice.DoesNotExist for another brand's."""
    invoice = Invoice.objects.get(brand=brand, pk=invoice_id)
    job = lock_work_order(brand, invoice.work_order_id)
    invoice.refresh_from_db()
    invoice.brand = brand
    return invoice, job

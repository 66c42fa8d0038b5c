"""What people do to invoices: issue by hand, bill again, void, change the due date."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Brand
from core.money import display
from invoicing import queries
from invoicing.domain import documents, mirror, pool, rollup, stamp
from invoicing.models import ClientCredit, Invoice, InvoiceKind, InvoiceStatus
from workorders.domain.locks import lock_work_order
from workorders.domain.reasons import cleaned_reason
from workorders.models import WorkOrder


@transaction.atomic
def issue_bill(brand: Brand, work_order_id: int) -> Invoice:
    """Issue what a job has not billed yet; after a void this bills again, as ``FHI624-2``.

    ValidationError where nothing is waiting to be billed.
    """
    job = lock_work_order(brand, work_order_id)
    papers = mirror.read(job)
    lines = papers.unbilled()
    if not lines:
        raise ValidationError({"charges": "Every charge is billed already. Add one first."})
    invoice = papers.draft or documents.draft(job)
    documents.issue(invoice, lines)
    rollup.recompute(job)
    return invoice


@transaction.atomic
def set_due_date(brand: Brand, invoice_id: int, due_on: date, *, reason: str) -> Invoice:
    """Give a client more (or less) time. ValidationError names ``due_on`` or ``reason``."""
    invoice, job = locked_invoice(brand, invoice_id)
    if invoice.status != InvoiceStatus.ISSUED or invoice.invoice_date is None:
        raise ValidationError({"due_on": f"{invoice.number} is not issued."})
    if due_on < invoice.invoice_date:
        raise ValidationError({"due_on": "That is before the invoice’s own date."})
    invoice.due_on, invoice.reason = due_on, cleaned_reason(reason, required=True)
    invoice.save(update_fields=["due_on", "reason"])
    rollup.recompute(job)
    return invoice


def why_not_void(document: queries.Document) -> str:
    """Why an invoice cannot be voided now, with the way out; "" when it can."""
    invoice, settlement = document.invoice, document.settlement
    currency = invoice.currency
    if invoice.status == InvoiceStatus.DRAFT:
        return "A draft binds nobody: change the charges instead."
    if invoice.status == InvoiceStatus.VOID:
        return f"{invoice.number} is void already."
    if invoice.in_flight.exists():
        return "Money is on its way: wait until it arrived, failed or went back."
    net = settlement.received - settlement.refunded
    if net:
        held = display(net, currency)
        return f"{held} is held on it. Refund that first, or amend the bill to what was kept."
    if _moved_out(invoice):
        return "Money of it became the client’s credit. Bring that back first."
    return ""


def _moved_out(invoice: Invoice) -> bool:
    """Whether an overpayment left for the pool and is not all back."""
    rows = ClientCredit.objects.filter(brand=invoice.brand_id, invoice=invoice, kind="overpayment")
    return any(c.amount - pool.applied_to(c, invoice.pk) != Decimal(0) for c in rows)


@transaction.atomic
def void_invoice(brand: Brand, invoice_id: int, *, reason: str) -> Invoice:
    """Take an issued invoice out of the world; credits on it return to the client by that.

    ValidationError names ``reason``, or says why it is refused: net money (services or fee) is
    not zero, or something is in flight. Billing again afterwards is ``FHI624-2``.
    """
    why = cleaned_reason(reason, required=True)
    invoice, job = locked_invoice(brand, invoice_id)
    if invoice.kind != InvoiceKind.STANDARD:
        raise ValidationError("A credit note is voided as one.")
    answer = queries.job_settlement(job)
    document = next(d for d in answer.documents if d.invoice.pk == invoice.pk)
    if refusal := why_not_void(document):
        raise ValidationError(refusal, code="refused")
    _return_credits(job, invoice)
    invoice.reason, invoice.voided_at = why, stamp.moment()
    documents.set_status(invoice, InvoiceStatus.VOID, "reason", "voided_at")
    rollup.recompute(job)
    return invoice


def _return_credits(job: WorkOrder, invoice: Invoice) -> None:
    ids = invoice.entries.exclude(credit=None).values_list("credit_id", flat=True)
    rows = ClientCredit.objects.select_for_update(no_key=True).filter(pk__in=ids)
    for credit in rows.order_by("pk"):
        if pool.applied_to(credit, invoice.pk) > 0:
            pool.take_off(job, invoice, credit, f"{invoice.number} was voided")


def locked_invoice(brand: Brand, invoice_id: int) -> tuple[Invoice, WorkOrder]:
    """An invoice as it is now, its job locked. Invoice.DoesNotExist for another brand's."""
    invoice = Invoice.objects.get(brand=brand, pk=invoice_id)
    job = lock_work_order(brand, invoice.work_order_id)
    invoice.refresh_from_db()
    invoice.brand = brand
    return invoice, job

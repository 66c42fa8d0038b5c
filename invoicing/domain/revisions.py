"""Invoices of a job: drafted, issued, amended. The caller holds the job's lock.

Content is written once, as a revision with its lines; a changed bill is a new revision.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError

from core.money import display, total
from core.transitions import Machine, moves_to
from invoicing.domain import numbering, stamp
from invoicing.models import (
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceRevision,
    InvoiceStatus,
)
from workorders.models import WorkOrder

S = InvoiceStatus
# From a status to those that a verb may set: forward only.
TRANSITIONS: dict[InvoiceStatus, frozenset[InvoiceStatus]] = {
    S.DRAFT: frozenset({S.ISSUED}),
    S.ISSUED: frozenset({S.VOID}),
    S.VOID: frozenset(),
}


def _why_not(invoice: Invoice, to: str, has_move: bool) -> str:
    return "" if has_move else f"{invoice.number} is {S(invoice.status).label.lower()} already."


INVOICES = Machine(moves_to(TRANSITIONS), _why_not, lambda why: ValidationError({"status": why}))


def set_status(invoice: Invoice, status: InvoiceStatus, *more: str) -> None:
    """Move ``invoice`` to ``status`` and save it with the fields named in ``more``.

    The one place where a document's status changes. ValidationError for a move that
    TRANSITIONS does not have: somebody else was faster.
    """
    INVOICES.apply(invoice, status, *more)


def draft(job: WorkOrder, at: datetime | None = None, sequence: int | None = None) -> Invoice:
    """A new standard draft of ``job``: at most one at a time, the database sees to it.

    ``sequence`` is the next one, for callers that know all standard invoices of the job.
    """
    if sequence is None:
        sequence = numbering.next_sequence(job, InvoiceKind.STANDARD)
    settings = numbering.settings_of(job.brand)
    return Invoice.objects.create(
        brand=job.brand,
        work_order=job,
        client_id=job.client_id,
        number=numbering.invoice_number(job, sequence, settings),
        sequence=sequence,
        currency=job.brand.currency,
        terms_days=settings.terms_days,
        happened_at=stamp.moment(at),
    )


def issue(invoice: Invoice, lines: Sequence[InvoiceLine], at: datetime | None = None) -> None:
    """Make a draft binding: its date, its due date, its first revision.

    ValidationError names ``charges`` where an invoice would be below zero.
    """
    check_not_below_zero(invoice, lines)
    moment = stamp.moment(at)
    invoice.issued_at = moment
    invoice.invoice_date = stamp.day(invoice.brand, moment)
    invoice.due_on = invoice.invoice_date + timedelta(days=invoice.terms_days)
    set_status(invoice, S.ISSUED, "number", "issued_at", "invoice_date", "due_on")
    write_revision(invoice, lines, at=moment, is_first=True)


def sum_of(lines: Sequence[InvoiceLine], currency: str) -> Decimal:
    """What lines come to in ``currency``, tax included."""
    return total((line.amount + line.tax_amount for line in lines), currency)


def check_not_below_zero(invoice: Invoice, lines: Sequence[InvoiceLine]) -> None:
    """Refuse to bill less than nothing; giving something back is what credit notes are for."""
    sum_ = sum_of(lines, invoice.currency)
    if sum_ < 0 and not invoice.is_credit_note:
        text = (
            f"{invoice.number} would come to {display(sum_, invoice.currency)}. A bill is never "
            "below zero: make a credit note for what the client gets back."
        )
        raise ValidationError({"charges": text})


def write_revision(
    invoice: Invoice,
    lines: Sequence[InvoiceLine],
    *,
    reason: str = "",
    at: datetime | None = None,
    is_first: bool = False,
) -> InvoiceRevision:
    """The next revision of an issued invoice, with its lines; ``reason`` from the second on.

    It keeps whom it is billed to and the job's address as they are now (docs/decisions/020).
    ``is_first``: it was a draft until now, so no revision is looked for.
    """
    last = None if is_first else invoice.revisions.order_by("-number").first()
    revision = InvoiceRevision.objects.create(
        brand=invoice.brand,
        work_order_id=invoice.work_order_id,
        invoice=invoice,
        number=last.number + 1 if last else 1,
        services_total=total((line.amount for line in lines), invoice.currency),
        tax_total=total((line.tax_amount for line in lines), invoice.currency),
        total_before=last.services_total + last.tax_total if last else Decimal(0),
        **_bill_to(invoice),
        reason=reason,
        by=stamp.by(),
        happened_at=stamp.moment(at),
    )
    for position, line in enumerate(lines):
        line.pk, line.revision, line.position = None, revision, position
    InvoiceLine.objects.bulk_create(lines)
    return revision


def _bill_to(invoice: Invoice) -> dict[str, str]:
    """The columns that keep client and place, read now: a row in memory may be older."""
    names = {
        "bill_to_name": "client__name",
        "bill_to_address": "client__address",
        "tax_number": "client__tax_number",
        "job_address": "work_order__address",
    }
    row = Invoice.objects.filter(pk=invoice.pk).values(*names.values()).get()
    return {column: row[source] for column, source in names.items()}


def content(lines: Sequence[InvoiceLine]) -> list[tuple[object, ...]]:
    """What two bills are compared by: everything that a client reads, and what it bills."""
    return [
        (
            line.charge_id,
            line.service_type,
            line.description,
            line.amount,
            line.tax_name,
            line.tax_percent,
            line.tax_amount,
        )
        for line in lines
    ]

"""Credit notes: drafted from an invoice, changed, issued, voided.

A credit note never changes the invoice's total. Issued, it is the client's credit, which
``client_credit.apply_credit`` puts on invoices. Locks: the job first, then the brand's counter
or the credit. Amounts are in the invoice's currency; what is given back is below zero.
"""

from collections.abc import Sequence
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Brand
from core.money import ZERO, display, is_percent, quantize
from invoicing.domain import client_credit, numbering, revisions, rollup, stamp
from invoicing.domain.credit_lines import Credited, CreditLine, left_words, rate_of, total_of
from invoicing.models import (
    ClientCredit,
    CreditKind,
    CreditNoteLine,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceStatus,
)
from invoicing.queries import credits as reads
from workorders.domain.locks import lock_work_order
from workorders.domain.reasons import cleaned_reason
from workorders.models import WorkOrder

MAX_LINES = 200


@transaction.atomic
def draft_credit_note(
    brand: Brand, invoice_id: int, lines: Sequence[CreditLine], *, reason: str
) -> Invoice:
    """A draft that gives back ``lines`` of an issued invoice; it binds nobody yet.

    Its number is provisional. ValidationError names ``lines`` (they must give something back,
    and with the notes issued before no more than the invoice bills), ``description``,
    ``amount``, ``tax_name``, ``reason`` or ``invoice``.
    """
    why = cleaned_reason(reason, required=True)
    invoice, job = _locked(brand, invoice_id)
    _check_credits(invoice)
    _check(invoice, lines)
    sequence = numbering.next_sequence(job, InvoiceKind.CREDIT_NOTE)
    note = Invoice.objects.create(
        brand=brand,
        work_order=job,
        client_id=invoice.client_id,
        kind=InvoiceKind.CREDIT_NOTE,
        number=_provisional_number(job, sequence),
        sequence=sequence,
        currency=invoice.currency,
        credits=invoice,
        reason=why,
        happened_at=stamp.moment(),
    )
    _write_lines(note, lines)
    return note


@transaction.atomic
def edit_credit_note(
    brand: Brand, note_id: int, lines: Sequence[CreditLine], *, reason: str
) -> Invoice:
    """Make ``lines`` the draft's lines, in their order. Refuses what ``draft_credit_note`` does."""
    why = cleaned_reason(reason, required=True)
    note, _ = _locked_draft(brand, note_id)
    invoice = _invoice_of(note)
    _check_credits(invoice)
    _check(invoice, lines)
    if note.reason != why:
        note.reason = why
        note.save(update_fields=["reason"])
    _write_lines(note, lines)
    return note


@transaction.atomic
def delete_credit_note(brand: Brand, note_id: int) -> None:
    """Throw a draft away. ValidationError for one that is issued: that is voided."""
    note, _ = _locked_draft(brand, note_id)
    note.delete()


@transaction.atomic
def issue_credit_note(brand: Brand, note_id: int, *, apply_now: Decimal | None = None) -> Invoice:
    """Make a draft binding: it takes the brand's next number and becomes the client's credit.

    ``apply_now`` puts that much of it on its invoice at once. ValidationError names ``lines``
    where the invoice has less left to give back than when it was drafted, ``apply_now`` above
    what the note gives or what is due.
    """
    note, job = _locked_draft(brand, note_id)
    invoice = _invoice_of(note)
    _check_credits(invoice)
    lines = list(note.draft_lines.order_by("position"))
    _check(invoice, [_as_credit_line(line) for line in lines])
    note.number = numbering.take_credit_note_number(brand)
    revisions.issue(note, [_as_issued(line) for line in lines])
    credit = ClientCredit.objects.create(
        brand=brand,
        client_id=note.client_id,
        work_order=job,
        kind=CreditKind.CREDIT_NOTE,
        invoice=note,
        amount=-reads.sum_of(lines, note.currency),
        label=note.number,
        reason=note.reason,
        happened_at=note.issued_at or stamp.moment(),
    )
    if apply_now is not None:
        _apply_at_once(brand, credit, invoice, apply_now)
    rollup.recompute(job)
    return note


@transaction.atomic
def void_credit_note(brand: Brand, note_id: int, *, reason: str) -> Invoice:
    """Take an issued credit note, and the credit that it gave, out of the world.

    ValidationError names ``reason``, or says where its credit is used: take it off there first.
    """
    why = cleaned_reason(reason, required=True)
    note, job = _locked(brand, note_id)
    if refusal := why_not_void(note):
        raise ValidationError(refusal, code="refused")
    credit = ClientCredit.objects.select_for_update(no_key=True).get(
        brand=brand, invoice=note, kind=CreditKind.CREDIT_NOTE
    )
    if used := why_in_use(credit):
        raise ValidationError(used, code="refused")
    note.reason, note.voided_at = why, stamp.moment()
    revisions.set_status(note, InvoiceStatus.VOID, "reason", "voided_at")
    credit.returned = credit.amount
    credit.save(update_fields=["returned"])
    rollup.recompute(job)
    return note


def so_far(invoice: Invoice) -> Credited:
    """What an invoice bills and its issued credit notes gave back of it, for the next note."""
    billed, notes = reads.billed_lines(invoice), reads.note_lines(invoice)
    return Credited.after(billed, notes, invoice.currency)


# Why not -----------------------------------------------------------------------------------------


def why_not_void(note: Invoice) -> str:
    """Why a document is no credit note that can be voided; "" when it is one."""
    if not note.is_credit_note:
        return f"{note.number} is an invoice: void it as one."
    if note.status == InvoiceStatus.DRAFT:
        return "A draft is not issued yet: delete it instead."
    return f"{note.number} is void already." if note.status == InvoiceStatus.VOID else ""


def why_in_use(credit: ClientCredit) -> str:
    """Where the credit of a note is used, with the way out; "" when it is untouched."""
    where = [f"{a.invoice.number}" for a in reads.applications(credit)]
    if where:
        return f"{credit.label} is applied to {' and '.join(where)}: take it off first."
    if credit.used or credit.returned:
        return f"Something of {credit.label} is used already."
    return ""


def why_not_credit(invoice: Invoice) -> str:
    """Why no credit note can be made from a document; "" when one can."""
    if invoice.is_credit_note:
        return f"{invoice.number} is a credit note itself."
    if invoice.status == InvoiceStatus.DRAFT:
        return f"{invoice.number} is not issued: change the charges instead."
    if invoice.status == InvoiceStatus.VOID:
        return f"{invoice.number} is void: nothing is due on it."
    return ""


# Inside ------------------------------------------------------------------------------------------


def _locked(brand: Brand, invoice_id: int) -> tuple[Invoice, WorkOrder]:
    """A document as it is now, its job locked. Invoice.DoesNotExist for another brand's."""
    document = Invoice.objects.get(brand=brand, pk=invoice_id)
    job = lock_work_order(brand, document.work_order_id)
    document.refresh_from_db()
    document.brand = brand
    return document, job


def _locked_draft(brand: Brand, note_id: int) -> tuple[Invoice, WorkOrder]:
    note, job = _locked(brand, note_id)
    if not note.is_credit_note:
        raise ValidationError(f"{note.number} is an invoice.", code="refused")
    if note.status != InvoiceStatus.DRAFT:
        word = InvoiceStatus(note.status).label.lower()
        text = f"{note.number} is {word} already: it cannot be changed. Void it if it is wrong."
        raise ValidationError(text, code="refused")
    return note, job


def _invoice_of(note: Invoice) -> Invoice:
    """The invoice that a note gives back; of the same job, so locked with it."""
    assert note.credits_id is not None
    return Invoice.objects.get(brand=note.brand_id, pk=note.credits_id)


def _provisional_number(job: WorkOrder, sequence: int) -> str:
    """``DRAFT-FHI624-1``. It is in nobody's way: issued numbers skip what is taken, and wait."""
    numbering.locked_settings(job.brand)
    number = f"DRAFT-{job.number}-{sequence}"
    while Invoice.objects.filter(brand=job.brand, number=number).exists():
        number += "X"
    return number


def _check_credits(invoice: Invoice) -> None:
    if refusal := why_not_credit(invoice):
        raise ValidationError({"invoice": refusal})


def _check(invoice: Invoice, lines: Sequence[CreditLine]) -> None:
    """What a note must be, drafted, changed and issued: drafts do not count against the bill."""
    if not lines:
        raise ValidationError({"lines": "Enter at least one line that is given back."})
    if len(lines) > MAX_LINES:
        raise ValidationError({"lines": f"At most {MAX_LINES} lines."})
    for line in lines:
        _check_line(line, invoice.currency)
    comes_to = total_of(lines, invoice.currency)
    if comes_to >= 0:
        so = display(-comes_to, invoice.currency)
        raise ValidationError({"lines": f"The lines give back {so}: it must be above zero."})
    billed = reads.sum_of(reads.billed_lines(invoice), invoice.currency)
    credited = reads.credited(invoice)
    if -comes_to > billed - credited:
        text = left_words(billed, credited, invoice.number, invoice.currency)
        raise ValidationError({"lines": text})
    _check_tax(invoice, lines)


def _check_tax(invoice: Invoice, lines: Sequence[CreditLine]) -> None:
    """A draft that was made before another note was issued may hold a cent that is gone by now."""
    it = so_far(invoice)
    rates = {rate_of(line) for line in lines if line.tax_percent}
    before = {rate: it.tax_left(rate) for rate in rates if not it.is_discounted(rate)}
    for line in lines:
        it.count(line)
    for rate, left in before.items():
        if it.tax_left(rate) < min(left, ZERO):
            name, sum_ = rate[0], display(max(left, ZERO), invoice.currency)
            text = f"Only {sum_} of {name} is left to give back. Edit the draft to compute it anew."
            raise ValidationError({"lines": text})


def _check_line(line: CreditLine, currency: str) -> None:
    if not line.description.strip():
        raise ValidationError({"description": "Say what each line is for."})
    if len(line.description) > 240:
        raise ValidationError({"description": "At most 240 characters."})
    for amount in (line.amount, line.tax_amount or Decimal(0)):
        if not amount.is_finite() or amount != quantize(amount, currency):
            raise ValidationError({"amount": f"“{line.description}”: not an amount of {currency}."})
    tax = line.tax(currency)
    if not line.amount and not tax:
        raise ValidationError({"amount": f"“{line.description}” gives nothing back."})
    if not is_percent(line.tax_percent) or bool(line.tax_name) != (line.tax_percent > 0):
        raise ValidationError({"tax_name": "A tax has a name and a percentage."})
    if tax and line.amount and (tax < 0) != (line.amount < 0):
        raise ValidationError({"amount": f"“{line.description}”: its tax goes the other way."})


def _write_lines(note: Invoice, lines: Sequence[CreditLine]) -> None:
    """Rows are changed in place, so that the timeline says what changed and nothing else."""
    before = list(note.draft_lines.order_by("position", "pk"))
    for position, line in enumerate(lines):
        values = {
            "position": position,
            "description": " ".join(line.description.split()),
            "amount": line.amount,
            "tax_name": line.tax_name,
            "tax_percent": line.tax_percent,
            "tax_amount": line.tax(note.currency),
            "charge_id": line.charge_id,
        }
        if position >= len(before):
            CreditNoteLine.objects.create(
                brand_id=note.brand_id, work_order_id=note.work_order_id, invoice=note, **values
            )
        elif any(getattr(before[position], name) != value for name, value in values.items()):
            CreditNoteLine.objects.filter(pk=before[position].pk).update(**values)
    gone = [row.pk for row in before[len(lines) :]]
    CreditNoteLine.objects.filter(pk__in=gone).delete()


def _as_credit_line(row: CreditNoteLine) -> CreditLine:
    return CreditLine(
        row.description, row.amount, row.tax_name, row.tax_percent, row.charge_id, row.tax_amount
    )


def _as_issued(row: CreditNoteLine) -> InvoiceLine:
    return InvoiceLine(
        charge_id=row.charge_id,
        service_type=row.service_type,
        description=row.description,
        amount=row.amount,
        tax_name=row.tax_name,
        tax_percent=row.tax_percent,
        tax_amount=row.tax_amount,
    )


def _apply_at_once(brand: Brand, credit: ClientCredit, invoice: Invoice, amount: Decimal) -> None:
    try:
        client_credit.apply_credit(brand, credit.pk, invoice.pk, amount)
    except ValidationError as error:
        raise ValidationError({"apply_now": error.messages}) from error

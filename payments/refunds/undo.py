"""A refund that does not go out after all: what becomes of the credits that it brought with it.

A refund with *owes less* is one act: money back and a credit note. Cancelling it is a change of
mind, so the note goes with it. Failing is the bank's doing: the client still owes less, so the note
stays, and the job reads *Overpaid* until the money is returned. (docs/decisions/019) Amounts are in
the brand's currency. Bad input raises ValidationError, which names the field.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from core.money import ZERO, display
from core.refusal import refusal
from invoicing.domain import client_credit, credit_notes, rollup
from invoicing.domain.rollup import figures_of
from invoicing.models import ClientCredit, CreditKind, Invoice
from invoicing.queries import credits
from invoicing.settlement.types import EntryKind, InvoiceStatus, Settlement
from payments.domain import preview
from payments.domain.checks import reason_given
from payments.domain.preview import Sheet
from payments.models import Refund
from payments.refunds.verbs import REFUNDS, end_refund, locked_refund
from workorders.domain.fingerprint import CHANGED, fingerprint
from workorders.models import WorkOrder


@dataclass(frozen=True)
class CreditPart:
    """``amount`` of a client credit, on the invoice ``invoice_id``."""

    credit: ClientCredit
    invoice_id: int
    amount: Decimal


@dataclass(frozen=True)
class Undoing:
    """What it would come to that a refund does not go out.

    ``notes`` are its issued credit notes: of a cancelled refund they go with it, of a failed one
    they stay; the amount of each is what the note gives. ``returned`` is what of the surplus is the
    client's credit again. ``refused`` says why it cannot be, with the way out.
    """

    before: Settlement
    after: Settlement
    notes: Sequence[ClientCredit] = ()
    returned: Sequence[CreditPart] = ()
    refused: str = ""
    fingerprint: str = field(default="", compare=False)

    @property
    def notes_total(self) -> Decimal:
        """What the notes give, in all."""
        return sum((note.amount for note in self.notes), ZERO)


class Outdated(ValidationError):
    """Something changed since it was previewed; ``preview`` is what it would come to now."""

    def __init__(self, current: Undoing) -> None:
        super().__init__(CHANGED, code="changed")
        self.preview = current


def notes_of(refund: Refund) -> list[ClientCredit]:
    """What the credit notes that went with a refund give; void ones give nothing."""
    rows = ClientCredit.objects.filter(
        refunds__refund=refund,
        kind=CreditKind.CREDIT_NOTE,
        invoice__status=InvoiceStatus.ISSUED,
    )
    return list(rows.select_related("invoice").order_by("pk"))


def preview_failure(refund: Refund) -> Undoing:
    """What it comes to when the money comes back: its notes stay. Reads only."""
    before, after = _without(refund)
    return _undoing(refund, Undoing(before, after, notes_of(refund)))


def preview_cancel(refund: Refund) -> Undoing:
    """What cancelling a queued refund comes to, its notes taken back. Reads only."""
    job = refund.work_order
    currency = job.brand.currency
    sheets = preview.sheets_of(job)
    after = [_void_gives(s) for s in preview.without_source(sheets, f"refund:{refund.pk}")]
    notes = notes_of(refund)
    for note in notes:
        invoice_id = _invoice_of(note)
        amounts = {invoice_id: client_credit.applied_to(note, invoice_id)}
        after = preview.with_entries(after, EntryKind.CREDIT_REVERSAL, amounts, note.label, note.pk)
    returned = []
    for part in _used_up(refund):
        amount = min(part.amount, _surplus(after, part.invoice_id))
        if amount > 0:
            returned.append(replace(part, amount=amount))
            amounts = {part.invoice_id: amount}
            after = preview.with_entries(
                after, EntryKind.TO_CREDIT, amounts, part.credit.label, part.credit.pk
            )
    whole = preview.whole
    planned = Undoing(whole(sheets, currency), whole(after, currency), notes, returned)
    return _undoing(refund, replace(planned, refused=_in_use(notes, currency)))


def _without(refund: Refund) -> tuple[Settlement, Settlement]:
    job = refund.work_order
    sheets, currency = preview.sheets_of(job), job.brand.currency
    left = preview.without_source(sheets, f"refund:{refund.pk}")
    after = [_void_gives(sheet) for sheet in left]
    return preview.whole(sheets, currency), preview.whole(after, currency)


def _void_gives(sheet: Sheet) -> Sheet:
    """Money that is back on a void invoice is the client's credit by itself."""
    over = -sheet.settlement.balance
    if sheet.bill.status != InvoiceStatus.VOID or over <= 0:
        return sheet
    amounts = {sheet.invoice_id: over}
    return preview.with_entries([sheet], EntryKind.TO_CREDIT, amounts, "Overpayment")[0]


def _invoice_of(note: ClientCredit) -> int:
    """The invoice that a credit note was made from."""
    assert note.invoice is not None
    assert note.invoice.credits_id is not None
    return note.invoice.credits_id


def _used_up(refund: Refund) -> Iterator[CreditPart]:
    """What was kept as credit and put back on its invoice for this refund, still there."""
    rows = refund.credits.filter(credit__kind=CreditKind.OVERPAYMENT).select_related("credit")
    for row in rows.order_by("pk"):
        invoice_id = row.credit.invoice_id
        if invoice_id is not None:
            part = min(row.amount, client_credit.applied_to(row.credit, invoice_id))
            yield CreditPart(row.credit, invoice_id, part)


def _surplus(sheets: Sequence[Sheet], invoice_id: int) -> Decimal:
    """What an invoice then has too much in money that is no credit already."""
    for sheet in sheets:
        it = sheet.settlement
        if sheet.invoice_id == invoice_id and sheet.bill.status == InvoiceStatus.ISSUED:
            return max(ZERO, min(-it.balance, it.received - it.refunded - it.became_credit))
    return ZERO


def _in_use(notes: Sequence[ClientCredit], currency: str) -> str:
    """Where else a note is used: another bill would be open again, so somebody takes it off."""
    for note in notes:
        for use in credits.applications(note):
            if use.invoice.pk != _invoice_of(note):
                amount = display(use.amount, currency)
                return (
                    f"{amount} of {note.label}, the credit note of this refund, is used on "
                    f"{use.invoice.number}. Take it off there first, then call the refund off."
                )
    return ""


def _undoing(refund: Refund, planned: Undoing) -> Undoing:
    rows: list[Sequence[object]] = [
        [refund.pk, str(refund.status), planned.refused],
        [note.pk for note in planned.notes],
        [(part.credit.pk, display(part.amount, refund.currency)) for part in planned.returned],
        list(map(str, figures_of(planned.before).values())),
        list(map(str, figures_of(planned.after).values())),
    ]
    return replace(planned, fingerprint=fingerprint(rows))


# --- done -------------------------------------------------------------------------------------


@transaction.atomic
def cancel_refund(refund: Refund, *, reason: str, expected: str | None = None) -> Refund:
    """It is not wanted after all; only while it is queued. Its credit notes are voided with it.

    Credit that it used up is the client's again, as far as the money is too much. ``expected``
    is the fingerprint of the preview that somebody agreed to. Raises Outdated where it would come
    to something else now, else ValidationError naming ``reason``, or saying where a note is used.
    """
    why = reason_given(reason, limit=300)
    current = locked_refund(refund)
    job = current.work_order
    job.brand = current.brand
    client_credit.locked_credits(current.brand, [job.pk])
    REFUNDS.allow(current, "cancel")
    planned = preview_cancel(current)
    if expected is not None and expected != planned.fingerprint:
        raise Outdated(planned)
    if planned.refused:
        raise refusal("", planned.refused)
    for note in planned.notes:
        _take_back(current, note, why)
    done = end_refund(current, "cancel", why)
    for part in planned.returned:
        _return(job, part)
    _check_as_previewed(job, planned)
    return done


def _take_back(refund: Refund, note: ClientCredit, why: str) -> None:
    """Void a note that went with the refund, off its invoice first."""
    text = f"R-{refund.number} was called off: {why}"
    invoice_id = _invoice_of(note)
    if client_credit.applied_to(note, invoice_id) > 0:
        client_credit.unapply_credit(refund.brand, note.pk, invoice_id, reason=text)
    assert note.invoice_id is not None
    credit_notes.void_credit_note(refund.brand, note.invoice_id, reason=text)


def _return(job: WorkOrder, part: CreditPart) -> None:
    invoice = Invoice.objects.get(brand=job.brand, pk=part.invoice_id)
    part.credit.refresh_from_db()
    client_credit.take_off(job, invoice, part.credit, "the refund was called off", part.amount)
    rollup.recompute(job)


def _check_as_previewed(job: WorkOrder, planned: Undoing) -> None:
    """What was agreed to is what is done; anything else is undone."""
    now = preview.whole(preview.sheets_of(job), job.brand.currency)
    if figures_of(now) != figures_of(planned.after):
        raise ValidationError(
            "Calling it off would come to other amounts than were shown, so nothing was done. "
            "Look at the job’s credits first."
        )

"""A refund with its question: does the client owe less now, or owe it again?

A surplus is simply returned. For what goes beyond it either a credit note goes with the refund,
issued and applied in the same transaction, or the bill is open again. Amounts are in the brand's
currency. Bad input raises ValidationError, which names the field.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from core.money import ZERO, quantize
from core.refusal import refusal
from invoicing.domain import client_credit, credit_notes, ledger
from invoicing.domain.allocate import Legs
from invoicing.domain.credit_lines import of_amount
from invoicing.domain.rollup import figures_of
from invoicing.models import ClientCredit, CreditKind, Invoice
from invoicing.settlement.types import EntryKind, InvoiceStatus, Settlement
from payments.domain import preview
from payments.domain.checks import positive
from payments.domain.locks import lock_payment
from payments.domain.preview import Sheet, Sheets
from payments.models import RECEIVED_STATUSES, Payment, Refund, RefundCredit
from payments.refunds.verbs import complete_refund, queue_refund, refund_fee, refundable
from payments.timeline.labels import means, money_text
from workorders.domain.fingerprint import CHANGED, fingerprint
from workorders.models import WorkOrder


class Owes(StrEnum):
    """What a refund beyond the surplus means for the bill."""

    LESS = "less"
    AGAIN = "again"


@dataclass(frozen=True)
class RefundPreview:
    """A refund of ``services`` and the fee that belongs to it, and what it would lead to.

    ``beyond`` says by how much more each issued invoice's services would be open: what the
    question is about. ``restored`` is what of this very money became the client's credit
    and goes with it. ``after`` is the job's settlement by the answer; both are the same without
    a question. ``fingerprint`` differs as soon as anything of it does.
    """

    services: Decimal
    fee: Decimal
    before: Settlement
    after: Mapping[Owes, Settlement]
    beyond: Mapping[int, Decimal]
    restored: Mapping[int, Decimal] = field(default_factory=dict)
    fingerprint: str = ""

    @property
    def total(self) -> Decimal:
        """What goes back: both parts."""
        return self.services + self.fee

    @property
    def asks(self) -> Decimal:
        """How much the question is about; zero: nothing is asked."""
        return sum(self.beyond.values(), ZERO)

    @property
    def from_credit(self) -> Decimal:
        """How much less credit the client then has: that money is returned instead."""
        return sum(self.restored.values(), ZERO)


class Changed(ValidationError):
    """Something changed since it was previewed; ``preview`` is what it would come to now."""

    def __init__(self, current: RefundPreview) -> None:
        super().__init__(CHANGED)
        self.preview = current


def why_not_refund(payment: Payment) -> str:
    """Why nothing of a payment can be refunded now, in words for the page; "" when it can."""
    if payment.status not in RECEIVED_STATUSES:
        return "Only money that was received can be refunded."
    if payment.currency != payment.brand.currency:
        return f"It came in {payment.currency}: the bill is in {payment.brand.currency}."
    if not refundable(payment).total:
        return "All of it is already refunded."
    return ""


def suggested(payment: Payment, job: WorkOrder) -> Decimal:
    """The services part that a form starts with: the surplus of the job, else all that is left."""
    left = refundable(payment, job).services
    over = -preview.whole(preview.sheets_of(job), job.brand.currency).balance
    return min(left, over) if over > 0 else left


def preview_refund(payment: Payment, job: WorkOrder, services: Decimal) -> RefundPreview:
    """What refunding ``services`` of the share of ``job`` would come to. Reads only.

    Of a payment that is all fee ``services`` is 0, and what is left of the fee goes back.
    ValidationError names ``services``: nothing, too fine, or more than is left.
    """
    services, fee = _parts(payment, job, services)
    sheets = preview.sheets_of(job)
    key = f"payment:{payment.pk}"
    held = ledger.held_by(job, key)
    if not held:
        raise refusal("", "This payment is not on the job’s bill; it cannot be refunded here.")
    back = preview.with_refund(sheets, key, Legs(services, fee), held, means(payment))
    back = [_swept(sheet) for sheet in back]
    restored = dict(_restored(sheets, back)) if services else {}
    back = preview.with_entries(back, EntryKind.FROM_CREDIT, restored, "Credit")
    beyond = dict(_beyond(sheets, back)) if services else {}
    less = preview.with_entries(back, EntryKind.CREDIT, beyond, "Credit note")
    currency = job.brand.currency
    previewed = RefundPreview(
        services=services,
        fee=fee,
        before=preview.whole(sheets, currency),
        after={Owes.LESS: preview.whole(less, currency), Owes.AGAIN: preview.whole(back, currency)},
        beyond=beyond,
        restored=restored,
    )
    return replace(previewed, fingerprint=_fingerprint(payment, job, previewed))


def _parts(payment: Payment, job: WorkOrder, services: Decimal) -> tuple[Decimal, Decimal]:
    left, currency = refundable(payment, job), payment.currency
    if not left.total:
        raise refusal("", "Nothing of this payment is left to refund.")
    if not left.services:
        return quantize(ZERO, currency), left.fee
    exact = positive(services, currency, "services")
    if exact > left.services:
        most = money_text(left.services, currency)
        raise refusal("services", f"At most {most} of services can be refunded.")
    return exact, refund_fee(payment, exact, job)


def _beyond(before: Sheets, after: Sheets) -> Iterator[tuple[int, Decimal]]:
    """By how much more the services of each issued invoice are open afterwards.

    Not what is due: a billed fee that goes down with the refund would make the question smaller.
    """
    for was, now in zip(before, after, strict=True):
        if now.bill.status != InvoiceStatus.ISSUED:
            continue
        more = max(ZERO, now.services_open) - max(ZERO, was.services_open)
        if more > 0:
            yield now.invoice_id, more


def _restored(before: Sheets, after: Sheets) -> Iterator[tuple[int, Decimal]]:
    """What became credit of each invoice's surplus and leaves with the money that it was."""
    for invoice_id, more in _beyond(before, after):
        part = min(more, sum(map(client_credit.left_of, _own_credits(invoice_id)), ZERO))
        if part > 0:
            yield invoice_id, part


def _own_credits(invoice_id: int) -> QuerySet[ClientCredit]:
    rows = ClientCredit.objects.filter(invoice=invoice_id, kind=CreditKind.OVERPAYMENT)
    return rows.order_by("pk")


def _swept(sheet: Sheet) -> Sheet:
    """A void invoice's money is the client's credit: where it goes back, the credit goes."""
    balance = sheet.settlement.balance
    if sheet.bill.status != InvoiceStatus.VOID or balance <= 0:
        return sheet
    left = sum(map(client_credit.left_of, _own_credits(sheet.invoice_id)), ZERO)
    amounts = {sheet.invoice_id: min(balance, left)}
    return preview.with_entries([sheet], EntryKind.FROM_CREDIT, amounts, "Credit")[0]


def _fingerprint(payment: Payment, job: WorkOrder, previewed: RefundPreview) -> str:
    rows: list[Sequence[object]] = [
        [payment.pk, str(payment.status), job.pk, str(previewed.services), str(previewed.fee)],
        [(pk, str(amount)) for pk, amount in previewed.beyond.items()],
        [(pk, str(amount)) for pk, amount in previewed.restored.items()],
        list(map(str, figures_of(previewed.before).values())),
    ]
    return fingerprint(rows)


# --- done -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Done:
    """A refund that was made at the provider, or handed over, before it was written down here."""

    reference: str
    at: datetime | None = None


def refund(
    payment: Payment,
    job: WorkOrder,
    services: Decimal,
    *,
    owes: Owes | None,
    reason: str,
    by: str,
    done: Done | None = None,
    expected: str | None = None,
) -> Refund:
    """Send ``services`` and its fee back: queued, or completed where it is ``done`` already.

    ``owes`` answers the question where there is one; LESS issues a credit note over that much
    and applies it. Credit for this money is used up first. ``expected`` is the
    fingerprint of the preview that somebody agreed to.
    Raises Changed where it would come to something else now, else ValidationError naming
    ``services``, ``owes``, ``reason``, ``reference`` or ``at``. All or nothing.
    """
    with transaction.atomic():
        current = lock_payment(payment)
        previewed = _agreed(preview_refund(current, job, services), owes, expected)
        used = [
            use
            for invoice_id, amount in previewed.restored.items()
            for use in _bring_back(job, invoice_id, amount)
        ]
        row = queue_refund(
            current,
            previewed.services,
            fee=None if previewed.services else previewed.fee,
            reason=reason,
            by=by,
            work_order=job,
        )
        if done is not None:
            row = complete_refund(row, reference=done.reference, at=done.at)
        if owes == Owes.LESS:
            for invoice_id, amount in previewed.beyond.items():
                used.append((_credit(job, invoice_id, amount, reason), amount))
        RefundCredit.objects.bulk_create(
            RefundCredit(refund=row, credit=credit, amount=amount) for credit, amount in used
        )
        return row


def _agreed(previewed: RefundPreview, owes: Owes | None, expected: str | None) -> RefundPreview:
    """What was looked at is what is done, and its question is answered."""
    if expected is not None and expected != previewed.fingerprint:
        raise Changed(previewed)
    if previewed.asks and owes is None:
        text = "Choose whether the client owes less by that amount, or owes it again."
        raise refusal("owes", text)
    return previewed


def _bring_back(
    job: WorkOrder, invoice_id: int, amount: Decimal
) -> Iterator[tuple[ClientCredit, Decimal]]:
    """Credit for an invoice's surplus is money on it again, before that leaves; the parts of it."""
    invoice = Invoice.objects.get(brand=job.brand, pk=invoice_id)
    for credit in _own_credits(invoice_id).select_for_update(no_key=True):
        part = min(amount, client_credit.left_of(credit))
        if part > 0:
            client_credit.put_on(job, invoice, credit, part, "the money goes back")
            amount -= part
            yield credit, part


def _credit(job: WorkOrder, invoice_id: int, amount: Decimal, reason: str) -> ClientCredit:
    """The credit of a note over ``amount``, issued and applied to the invoice that it is about."""
    invoice = Invoice.objects.get(brand=job.brand, pk=invoice_id)
    lines = of_amount(credit_notes.so_far(invoice), amount, invoice.number)
    try:
        note = credit_notes.draft_credit_note(job.brand, invoice_id, lines, reason=reason)
        credit_notes.issue_credit_note(job.brand, note.pk, apply_now=amount)
    except ValidationError as error:
        raise refusal("owes", " ".join(error.messages)) from error
    return ClientCredit.objects.get(brand=job.brand, invoice=note, kind=CreditKind.CREDIT_NOTE)

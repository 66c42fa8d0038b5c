"""Returned by the bank: a check that bounced; a bank debit, wire or transfer that was sent back.

The payment counts for nothing from then on, on every job that it pays; its items are open again.
The ledger keeps what was received, and dates what was taken back on the day of the return. *Void*
is for what was entered by mistake alone. (docs/decisions/017)

Each verb is one transaction: it locks every job that the payment pays, reads again, checks, writes.
Amounts are gross, in the brand's currency. Bad input raises ValidationError, which names the field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from django.db import transaction

from core import moments
from core.refusal import refusal
from invoicing.domain.issuing import unchanged_line
from invoicing.settlement.types import LedgerFigure, Settlement, kinds_of
from payments.domain.checks import fits, positive, reason_given
from payments.domain.locks import lock_payment
from payments.domain.post import post
from payments.domain.preview import Sheet, sheets_of, whole
from payments.domain.status import allow, set_payment, why_not
from payments.models import Payment, PaymentStatus, RefundStatus, ReturnReason
from payments.timeline.labels import means, money_text
from workorders.domain.charges import ChargeLine, charges_fingerprint, replace_charges
from workorders.domain.fingerprint import CHANGED, fingerprint
from workorders.models import WorkOrder

# What a payment itself wrote on a ledger, its refunds apart.
_CAME = kinds_of(LedgerFigure.RECEIVED)


@dataclass(frozen=True)
class Returned:
    """What the bank says of a return. ``bank_fee`` None bills the client nothing for it."""

    on: date
    why: ReturnReason
    note: str = ""
    bank_fee: Decimal | None = None


@dataclass(frozen=True)
class JobAfter:
    """One job that the payment pays: what of it, and what the job comes to now and afterwards."""

    job: WorkOrder
    share: Decimal
    before: Settlement
    after: Settlement


@dataclass(frozen=True)
class ReturnPreview:
    """What a return comes to, before the bank's fee."""

    jobs: Sequence[JobAfter]
    charges: str = field(repr=False, default="")

    @property
    def fingerprint(self) -> str:
        """A short word for exactly this."""
        rows = [(j.job.number, j.share, j.before.balance, j.after.balance) for j in self.jobs]
        return fingerprint([*rows, (self.charges,)])


def preview_return(payment: Payment) -> ReturnPreview:
    """What each job would come to if the bank returned ``payment``; nothing is written."""
    shares = payment.allocations.select_related("work_order__client").order_by("work_order_id")
    jobs = []
    for share in shares:
        job = share.work_order
        job.brand = payment.brand
        sheets = sheets_of(job)
        without = [_without(sheet, f"payment:{payment.pk}") for sheet in sheets]
        currency = payment.brand.currency
        after = whole(without, currency)
        jobs.append(JobAfter(job, share.amount, whole(sheets, currency), after))
    charges = list(payment.work_order.charges.all())
    return ReturnPreview(jobs, charges_fingerprint(charges))


def _without(sheet: Sheet, key: str) -> Sheet:
    """A document without the money of one payment; what went back of it stays."""
    bill = sheet.bill
    entries = [e for e in bill.entries if e.payment != key or e.kind not in _CAME]
    coming = [m for m in bill.in_flight if m.payment != key or m.is_refund]
    return replace(sheet, bill=replace(bill, entries=tuple(entries), in_flight=tuple(coming)))


def why_not_return(payment: Payment) -> str:
    """Why the bank cannot have returned ``payment``, in words for the page; "" when it can."""
    return why_not("return", payment) or _refund_under_way(payment)


def _refund_under_way(payment: Payment) -> str:
    waiting = payment.refunds.filter(status__in=[RefundStatus.QUEUED, RefundStatus.PENDING])
    row = waiting.order_by("number").first()
    if row is None:
        return ""
    return f"R-{row.number} of this payment is on its way: call it off first, or wait for it."


def return_payment(payment: Payment, said: Returned, *, expected: str | None = None) -> Payment:
    """The bank returned ``payment``: it is due again on every job that it paid.

    ``expected`` is the fingerprint of the preview that somebody saw. A bank fee becomes a charge of
    the payment's own job, whose bill changes with this reason. ValidationError names
    ``returned_on`` (to come, or before the payment), ``note`` (needed for another reason) or
    ``bank_fee``.
    """
    fee = None if said.bank_fee is None else positive(said.bank_fee, payment.currency, "bank_fee")
    note = fits("note", said.note, 500)
    if said.why == ReturnReason.OTHER and not note:
        raise refusal("note", "Say why the bank returned it.")
    with transaction.atomic():
        current = lock_payment(payment)
        status = allow("return", current)
        if refused := _refund_under_way(current):
            raise refusal("", refused)
        if expected is not None and preview_return(current).fingerprint != expected:
            raise refusal("", CHANGED)
        _check_day(current, said.on)
        values = {"status": status, "returned_on": said.on, "return_reason": said.why.value}
        set_payment(current, {**values, "reason": note, "follow_up_on": None})
        post(current)
        if fee is not None:
            _bill_fee(current, fee)
        return current


def _check_day(payment: Payment, day: date) -> None:
    """A return is not to come, and not before the payment, by the brand's calendar."""
    zone = payment.brand.time_zone
    if day > moments.today(zone):
        raise refusal("returned_on", "That day is in the future.")
    paid = moments.day_of(payment.happened_at, zone)
    if day < paid:
        text = f"The payment itself is of {moments.day_text(paid)}; it cannot be returned before."
        raise refusal("returned_on", text)


def _bill_fee(payment: Payment, fee: Decimal) -> None:
    """What the bank took for the return, as a charge that the client owes."""
    job, what = payment.work_order, means(payment)
    reason = f"Bank fee of {money_text(fee, payment.currency)}: {what} was returned by the bank"
    lines = [unchanged_line(charge) for charge in job.charges.all()]
    line = ChargeLine(f"Bank fee: {what} returned", fee)
    replace_charges(payment.brand, job.pk, [*lines, line], reason=reason)


def undo_return(payment: Payment, *, reason: str) -> Payment:
    """The bank did not return ``payment`` after all: it counts again as it did before.

    A fee that was billed for it stays a charge of the job, where it can be removed.
    """
    why = reason_given(reason)
    with transaction.atomic():
        current = lock_payment(payment)
        status = allow("undo_return", current)
        values: Mapping[str, object] = {
            "status": status if current.paid_at else PaymentStatus.PENDING,
            "returned_on": None,
            "return_reason": "",
            "reason": why,
        }
        set_payment(current, values)
        post(current)
        return current

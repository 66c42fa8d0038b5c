"""Payments that people write down: record, confirm, correct, void, reconcile, annotate.

Each verb is one transaction and one entry: it locks every job that the payment pays, reads the
payment again, checks, writes. Bad input raises ValidationError, which names the field; nothing is
then written. Amounts are gross, in the brand's currency; nothing recorded by hand carries a fee.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import Brand
from core import clock, moments
from core.refusal import ask, refusal
from payments.domain.allocations import Share, allocate, shares_of
from payments.domain.checks import fits, not_to_come, positive, reason_given
from payments.domain.locks import lock_payment, lock_work_orders
from payments.domain.money_back import money_back
from payments.domain.numbers import next_number
from payments.domain.post import post
from payments.domain.questions import questions
from payments.domain.status import allow, set_payment
from payments.models import (
    MANUAL_METHODS,
    Method,
    Payment,
    PaymentStatus,
    Provider,
    RefundStatus,
)
from payments.timeline.labels import money_text
from workorders.models import WorkOrder

ZERO = Decimal(0)
# What the reference of a method is called; these methods cannot do without it.
REFERENCE_NAMES = {
    Method.CHECK: "check number",
    Method.WIRE: "wire reference",
    Method.BANK_TRANSFER: "transfer reference",
}


@dataclass(frozen=True)
class Manual:
    """A payment as somebody writes it down. ``is_received`` counts for *other* only.

    Cash is received at once; checks, wires and transfers wait until somebody confirms them.
    """

    method: str
    reference: str = ""
    payer_name: str = ""
    happened_at: datetime | None = None
    note: str = ""
    follow_up_on: date | None = None
    is_received: bool = False


@dataclass(frozen=True)
class Correction:
    """What a correction changes; None leaves as it is.

    ``amount`` is for a payment of one job, ``amounts`` (by work order id) for one of several.
    """

    amount: Decimal | None = None
    amounts: Mapping[int, Decimal] = field(default_factory=dict)
    reference: str | None = None
    payer_name: str | None = None
    happened_at: datetime | None = None


# --- record -----------------------------------------------------------------------------------


def record_payment(
    brand: Brand,
    work_order: WorkOrder,
    amount: Decimal,
    manual: Manual,
    *,
    by: str,
    answer: str | None = None,
) -> Payment:
    """Record a payment of one job, as ``record_check_over`` does."""
    return record_check_over(brand, [(work_order, amount)], manual, by=by, answer=answer)


def record_check_over(
    brand: Brand,
    shares: Sequence[tuple[WorkOrder, Decimal]],
    manual: Manual,
    *,
    by: str,
    total: Decimal | None = None,
    answer: str | None = None,
) -> Payment:
    """Record one payment (usually a check) over several jobs; it is numbered on the first.

    ``total``, where given, must be the sum of the shares. Raises ValidationError naming the field.
    ``answer`` is what somebody answered to what ``questions`` asks, "" before they were asked: then
    ``core.refusal.Asks`` is raised where there is something to look at. None asks nobody.
    """
    amounts = _shares(brand, shares, total)
    exact = _checked(manual)
    with transaction.atomic():
        jobs = lock_work_orders(brand, amounts)
        if len(jobs) != len(amounts):
            raise refusal("work_order", "This brand has no such job.")
        first = jobs[shares[0][0].pk]
        payment = _new(brand, first, sum(amounts.values(), ZERO), exact, by)
        if answer is not None:
            ask(questions(brand, jobs, payment, amounts), answer)
        payment.save(force_insert=True)
        allocate(payment, {job: Share(amount) for job, amount in amounts.items()})
        post(payment)
        return payment


def _shares(
    brand: Brand, shares: Sequence[tuple[WorkOrder, Decimal]], total: Decimal | None
) -> dict[int, Decimal]:
    amounts: dict[int, Decimal] = {}
    for work_order, amount in shares:
        if work_order.pk in amounts:
            raise refusal("work_order", f"{work_order.number} is listed twice.")
        amounts[work_order.pk] = positive(amount, brand.currency)
    if not amounts:
        raise refusal("work_order", "Choose at least one job.")
    spread = sum(amounts.values(), ZERO)
    if total is not None and total != spread:
        given, sum_of_jobs = (money_text(x, brand.currency) for x in (total, spread))
        raise refusal("amount", f"The jobs’ amounts come to {sum_of_jobs}, not to {given}.")
    return amounts


def _checked(manual: Manual) -> Manual:
    if manual.method not in MANUAL_METHODS:
        raise refusal("method", "Choose check, cash, wire, bank transfer or other.")
    name = REFERENCE_NAMES.get(Method(manual.method))
    if name and not manual.reference.strip():
        raise refusal("reference", f"Enter the {name}.")
    not_to_come(manual.happened_at)
    return manual


def _new(brand: Brand, work_order: WorkOrder, amount: Decimal, manual: Manual, by: str) -> Payment:
    """The payment as it will be saved."""
    at = manual.happened_at or clock.now()
    is_in = manual.method == Method.CASH or (manual.method == Method.OTHER and manual.is_received)
    return Payment(
        brand=brand,
        work_order=work_order,
        number=next_number(Payment, work_order),
        method=manual.method,
        provider=Provider.MANUAL,
        status=PaymentStatus.COMPLETED if is_in else PaymentStatus.PENDING,
        currency=brand.currency,
        amount=amount,
        services_amount=amount,
        payer_name=fits("payer_name", manual.payer_name, 160),
        reference=fits("reference", manual.reference, 120),
        note=fits("note", manual.note, 1000),
        follow_up_on=manual.follow_up_on,
        happened_at=at,
        paid_at=at if is_in else None,
        confirmed_at=at if is_in else None,
        confirmed_by=by[:200] if is_in else "",
    )


# --- later ------------------------------------------------------------------------------------


def confirm(payment: Payment, *, by: str, at: datetime | None = None) -> Payment:
    """The money is here: a check cleared, a wire arrived. ``at`` is when; default now.

    ValidationError naming ``happened_at`` for a day to come, or before the payment's own.
    """
    not_to_come(at)
    with transaction.atomic():
        current = lock_payment(payment)
        status = allow("confirm", current)
        paid_at = at or clock.now()
        _not_before(current, paid_at)
        set_payment(
            current,
            {
                "status": status,
                "paid_at": paid_at,
                "confirmed_at": clock.now(),
                "confirmed_by": by[:200],
                "follow_up_on": None,
            },
        )
        post(current)
        return current


def _not_before(payment: Payment, at: datetime) -> None:
    """Money does not arrive on a day before it was paid, by the brand's calendar."""
    zone = payment.brand.time_zone
    day = moments.day_of(payment.happened_at, zone)
    if moments.day_of(at, zone) < day:
        text = (
            f"The payment itself is of {moments.day_text(day)}; it cannot have arrived before that."
        )
        raise refusal("happened_at", text)


def correct(payment: Payment, changes: Correction, *, reason: str) -> Payment:
    """Put right what was written down wrong; the timeline shows the reason.

    The shares of the jobs follow. A changed amount has to be reconciled again. ValidationError when
    nothing changes, or when more was refunded than would be left.
    """
    why = reason_given(reason)
    with transaction.atomic():
        current = lock_payment(payment)
        allow("correct", current)
        amounts = _new_amounts(current, changes)
        values = _corrected(current, changes, sum(amounts.values(), ZERO))
        differs = [k for k, v in values.items() if getattr(current, k) != v]
        if not differs and not _moves_money(current, amounts):
            raise refusal("", "Nothing is different from what is recorded.")
        _check_refunds(current, amounts)
        if values["amount"] != current.amount:
            values |= {"reconciled_at": None, "reconciled_by": "", "reconciled_note": ""}
        set_payment(current, {**values, "reason": why})
        fees = {job: share.fee for job, share in shares_of(current).items()}
        shares = {job: Share(amounts[job] - fee, fee) for job, fee in fees.items()}
        allocate(current, shares)
        post(current)
        return current


def _new_amounts(payment: Payment, changes: Correction) -> dict[int, Decimal]:
    shares = dict(payment.allocations.values_list("work_order_id", "amount"))
    if changes.amount is not None:
        if len(shares) > 1:
            raise refusal("amount", "This payment pays several jobs; correct each share.")
        shares = dict.fromkeys(shares, changes.amount)
    if not set(changes.amounts) <= set(shares):
        raise refusal("amounts", "A correction cannot add a job; void and record it again.")
    shares |= changes.amounts
    return {key: positive(amount, payment.currency) for key, amount in shares.items()}


def _moves_money(payment: Payment, amounts: Mapping[int, Decimal]) -> bool:
    return amounts != dict(payment.allocations.values_list("work_order_id", "amount"))


def _corrected(payment: Payment, changes: Correction, amount: Decimal) -> dict[str, Any]:
    values: dict[str, Any] = {"amount": amount, "services_amount": amount - payment.fee_amount}
    if changes.reference is not None:
        values["reference"] = fits("reference", changes.reference, 120)
        name = REFERENCE_NAMES.get(Method(payment.method))
        if name and not values["reference"]:
            raise refusal("reference", f"Enter the {name}.")
    if changes.payer_name is not None:
        values["payer_name"] = fits("payer_name", changes.payer_name, 160)
    if changes.happened_at is not None:
        not_to_come(changes.happened_at)
        values["happened_at"] = changes.happened_at
        if payment.paid_at is not None and payment.paid_at == payment.happened_at:
            values["paid_at"] = changes.happened_at
    return values


def _check_refunds(payment: Payment, amounts: Mapping[int, Decimal]) -> None:
    """No job's share becomes less than what went back of it, nor the payment than all of it."""
    back = _refunded(payment)
    shares = [(amount, back.get(job, ZERO)) for job, amount in amounts.items()]
    shares.append((sum(amounts.values(), ZERO), sum(back.values(), ZERO)))
    for amount, gone in shares:
        if amount < gone:
            text = f"{money_text(gone, payment.currency)} was refunded"
            raise refusal("amount", f"{text}; it cannot be less than that.")


def _refunded(payment: Payment) -> dict[int, Decimal]:
    """What went back, by the job from whose share it went."""
    gone = money_back(payment)
    jobs = payment.allocations.values_list("work_order_id", flat=True)
    legs = {job: gone.gone(job, "refund:") for job in jobs}
    return {job: part.services + part.fee for job, part in legs.items()}


def void(payment: Payment, *, reason: str) -> Payment:
    """It was entered by mistake: it stays on the timeline and counts for nothing.

    What a bank returned is ``payments.domain.returns``. Refused while a refund of it counts: void
    and refund together would take it away twice.
    """
    why = reason_given(reason)
    with transaction.atomic():
        current = lock_payment(payment)
        status = allow("void", current)
        if current.refunds.filter(status__in=[RefundStatus.QUEUED, RefundStatus.PENDING]).exists():
            raise refusal("", "A refund of this payment is on its way; wait for it.")
        _refuse_refunded(current)
        set_payment(
            current, {"status": status, "reason": why, "paid_at": None, "follow_up_on": None}
        )
        post(current)
        return current


def _refuse_refunded(payment: Payment) -> None:
    back = sum(_refunded(payment).values(), ZERO)
    if back == ZERO:
        return
    text = f"{money_text(back, payment.currency)} of this payment was refunded"
    if back == payment.amount:
        raise refusal("", f"{text}, all of it: it counts for nothing already. Add a note.")
    raise refusal("", f"{text}; refund the rest instead of voiding it.")


def reconcile(payment: Payment, *, note: str, by: str) -> Payment:
    """Somebody saw this money on a bank statement or payout."""
    with transaction.atomic():
        current = lock_payment(payment)
        allow("reconcile", current)
        set_payment(
            current,
            {
                "reconciled_at": clock.now(),
                "reconciled_by": by[:200],
                "reconciled_note": fits("note", note, 500),
            },
        )
        return current


def annotate(payment: Payment, *, note: str, follow_up_on: date | None) -> Payment:
    """A note and a date to come back to it ("check is in the mail"); any payment may have them."""
    with transaction.atomic():
        current = lock_payment(payment)
        set_payment(current, {"note": fits("note", note, 1000), "follow_up_on": follow_up_on})
        return current

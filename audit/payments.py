"""What an audit proves of each payment over all jobs that it pays (law 14).

It sums rows, and asks none of the code that shared or posted them: on the one side the payment, its
refunds and its disputes, on the other the ledgers and the money under way of every job.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from audit.batch import Batch
from audit.findings import Finding
from core.money import ZERO, quantize
from invoicing.models import LedgerEntry, MoneyInFlight
from invoicing.settlement.types import EntryKind, LedgerFigure
from payments.models import (
    PENDING_STATUSES,
    RECEIVED_STATUSES,
    DisputeStatus,
    Payment,
    RefundStatus,
)

CAUSE = "What its jobs hold together is not what the payment, its refunds and disputes come to."
MORE_THAN_ITS_SHARE = "More went back from this job than its share of the payment."
Sums = dict[str, Decimal]
FIGURES = ("received", "refunded", "pending", "refunds on their way")


def findings(batch: Batch) -> Iterator[Finding]:
    """Every payment of the batch whose jobs do not hold what the payment says."""
    for payment in batch.payments:
        rows = batch.money_of_payments.get(f"payment:{payment.pk}", [])
        by_job: defaultdict[int, Sums] = defaultdict(lambda: dict.fromkeys(FIGURES, ZERO))
        for row in rows:
            figure, amount = _of_row(row)
            by_job[row.work_order_id][figure] += amount
        should = _of_payment(payment, batch.brand.currency)
        for figure in FIGURES:
            actual = sum((sums[figure] for sums in by_job.values()), ZERO)
            if actual != should[figure]:
                what = f"{figure} over its jobs"
                yield _finding(batch, payment, what, CAUSE, actual, should[figure])
        yield from _shares(batch, payment, by_job)


def _of_row(row: LedgerEntry | MoneyInFlight) -> tuple[str, Decimal]:
    """Which figure a row raises, and by how much."""
    amount = row.services_amount + row.fee_amount
    if isinstance(row, MoneyInFlight):
        return ("refunds on their way" if row.is_refund else "pending"), amount
    kind = EntryKind(row.kind)
    figure = "refunded" if kind.figure == LedgerFigure.REFUNDED else "received"
    return figure, kind.sign * amount


def _of_payment(payment: Payment, currency: str) -> Sums:
    """The same figures by the payment's own rows; of foreign money nothing is on a ledger."""
    sums = dict.fromkeys(FIGURES, ZERO)
    if payment.currency != currency:
        return sums
    if payment.status in RECEIVED_STATUSES:
        lost = [d.amount for d in payment.disputes.all() if d.status == DisputeStatus.LOST]
        sums["received"] = payment.amount - min(sum(lost, ZERO), payment.amount)
    if payment.status in PENDING_STATUSES:
        sums["pending"] = payment.amount
    for refund in payment.refunds.all():
        if refund.status == RefundStatus.COMPLETED:
            sums["refunded"] += refund.amount
        elif refund.status in (RefundStatus.QUEUED, RefundStatus.PENDING):
            sums["refunds on their way"] += refund.amount
    return sums


def _shares(batch: Batch, payment: Payment, by_job: dict[int, Sums]) -> Iterator[Finding]:
    """No job gave more back than it has of the payment, while the payment has enough."""
    left = {
        job: sums["received"] - sums["refunded"] - sums["refunds on their way"]
        for job, sums in by_job.items()
    }
    if sum(left.values(), ZERO) < 0:
        return  # more went back than came; the payment's own exception says so
    numbers = {a.work_order_id: a.work_order.number for a in payment.allocations.all()}
    for job, amount in left.items():
        if amount < 0:
            what = f"what is left on {numbers.get(job, job)}"
            yield _finding(batch, payment, what, MORE_THAN_ITS_SHARE, amount, ZERO)


def _finding(
    batch: Batch, payment: Payment, what: str, cause: str, actual: Decimal, should: Decimal
) -> Finding:
    currency = batch.brand.currency
    return Finding(
        "payment",
        batch.brand.slug,
        payment.work_order.number,
        f"payment {payment.short_number}: {what}",
        cause,
        quantize(actual, currency),
        quantize(should, currency),
        currency=currency,
    )

"""From payments to the ledger of invoices: what should be posted, for each job that is paid.

Asks the state, not the event: called at the end of every verb that may have moved money, in its
transaction and under its locks; ``invoicing.domain.ledger`` writes the difference only.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from core.money import ZERO
from invoicing.domain import tripwire
from invoicing.domain.allocate import Legs, quote_shares
from invoicing.domain.ledger import post_money
from invoicing.domain.money import Money, Piece, Printed
from invoicing.settlement.fee import expected_of
from invoicing.settlement.types import Uncollected
from payments.domain.disputes import lost_disputes, taken_by_disputes
from payments.domain.fee_quote import fix_quote
from payments.models import (
    PENDING_STATUSES,
    RECEIVED_STATUSES,
    Payment,
    PaymentAllocation,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from payments.timeline.labels import means
from workorders.models import WorkOrder

IN_FLIGHT = (RefundStatus.QUEUED, RefundStatus.PENDING)


def post(payment: Payment, *, imported: bool = False) -> None:
    """Bring the ledgers of every job that ``payment`` pays to what it says now.

    ``imported``: an import says this of it, and says itself which client credits there are.
    The caller holds the locks of these jobs. Money in another currency than the brand's is
    on no ledger: it is an exception for somebody to decide.
    """
    fix_quote(payment)
    shares = list(payment.allocations.select_related("work_order").order_by("work_order_id"))
    for allocation in shares:
        job = allocation.work_order
        job.brand = payment.brand
        post_money(job, money_of(payment, allocation, shares), imported=imported)
    tripwire.was_posted(payment.pk, [allocation.work_order_id for allocation in shares])


def post_job(job: WorkOrder, *, imported: bool = False) -> None:
    """The same for everything that pays ``job``; shares of other jobs are left alone."""
    shares = list(job.allocations.select_related("payment").order_by("payment_id"))
    for allocation in shares:
        allocation.payment.brand = job.brand
        fix_quote(allocation.payment)
        post_money(job, money_of(allocation.payment, allocation), imported=imported)
    tripwire.were_posted_on(job, [allocation.payment_id for allocation in shares])


def money_of(
    payment: Payment,
    allocation: PaymentAllocation,
    shares: Sequence[PaymentAllocation] | None = None,
) -> Money:
    """What of ``payment`` should be posted on the ledger of one job.

    ``shares`` are all its allocations, where the caller knows them. Nothing is asked of the
    database where these, its refunds and its disputes are prefetched.
    """
    counts = payment.currency == payment.brand.currency
    label = _label(payment, allocation)
    return Money(
        key=f"payment:{payment.pk}",
        printed=Printed(
            label=label,
            method=payment.method,
            provider=payment.provider,
            last4=payment.last4,
            reference=payment.reference,
            funding=payment.funding,
        ),
        pieces=list(_pieces(payment, allocation, label)) if counts else [],
        fee_expected=_fee_share(payment, allocation, shares),
        uncollected=Uncollected(payment.uncollected or Uncollected.ABSORB),
        reason=payment.reason or PaymentStatus(payment.status).label,
    )


def _label(payment: Payment, allocation: PaymentAllocation) -> str:
    here = payment.work_order_id == allocation.work_order_id
    number = payment.short_number if here else f"{payment.work_order.number}-{payment.short_number}"
    return f"{number} · {means(payment)}"[:200]


def _pieces(payment: Payment, allocation: PaymentAllocation, label: str) -> Iterable[Piece]:
    services, fee = allocation.services_amount, allocation.fee_amount
    pending = payment.status in PENDING_STATUSES
    received = payment.status in RECEIVED_STATUSES
    lost_services, lost_fee = _lost(payment, allocation) if received else (ZERO, ZERO)
    yield Piece(
        source=f"payment:{payment.pk}",
        services=services - lost_services if received or pending else ZERO,
        fee=fee - lost_fee if received or pending else ZERO,
        label=label,
        happened_at=payment.paid_at or payment.happened_at,
        in_flight=pending,
    )
    mine = [r for r in payment.refunds.all() if r.work_order_id == allocation.work_order_id]
    for refund in sorted(mine, key=lambda refund: refund.pk):
        in_flight = refund.status in IN_FLIGHT
        counts = in_flight or refund.status == RefundStatus.COMPLETED
        yield Piece(
            source=f"refund:{refund.pk}",
            services=refund.services_amount if counts else ZERO,
            fee=refund.fee_amount if counts else ZERO,
            label=f"R-{refund.number} · {refund.destination or means(payment)}"[:200],
            happened_at=_refunded_at(refund),
            is_refund=True,
            in_flight=in_flight,
            reason=refund.failure_reason or refund.reason,
        )


def _refunded_at(refund: Refund) -> datetime:
    return refund.completed_at or refund.happened_at


def _lost(payment: Payment, allocation: PaymentAllocation) -> tuple[Decimal, Decimal]:
    """What lost disputes took of a payment that still counts, services and fee.

    They come off the payment's own job.
    """
    if payment.work_order_id != allocation.work_order_id:
        return ZERO, ZERO
    services, fee = taken_by_disputes(
        lost_disputes(payment),
        allocation.services_amount,
        allocation.fee_amount,
        payment.currency,
    )
    return min(services, allocation.services_amount), min(fee, allocation.fee_amount)


def _fee_share(
    payment: Payment,
    allocation: PaymentAllocation,
    shares: Sequence[PaymentAllocation] | None,
) -> Decimal | None:
    """The quote's part of one job, for what lost disputes left of it."""
    if payment.fee_expected is None:
        return None
    known = payment.allocations.all() if shares is None else shares
    rows = sorted(known, key=lambda row: row.work_order_id)
    held = {row.pk: Legs(row.services_amount, row.fee_amount) for row in rows}
    quote = quote_shares(payment.fee_expected, held, payment.currency)[allocation.pk]
    lost = _lost(payment, allocation) if payment.status in RECEIVED_STATUSES else (ZERO, ZERO)
    came = allocation.services_amount, allocation.fee_amount
    return expected_of(quote, came, lost, payment.currency) if any(lost) else quote

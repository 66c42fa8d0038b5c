"""From payments to the ledger of invoices: what should be posted, for each job that is paid.

Asks the state, not the event: called at the end of every verb that may have moved money, in its
transaction and under its locks; ``invoicing.domain.ledger`` writes the difference only.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from core import moments
from core.money import ZERO
from invoicing.domain import tripwire
from invoicing.domain.allocate import Legs, quote_shares
from invoicing.domain.ledger import post_money
from invoicing.domain.money import Money, Piece, Printed
from invoicing.settlement.paid import expected_of
from invoicing.settlement.types import Uncollected
from payments.domain import card_payments
from payments.domain.disputes import lost_at, lost_disputes
from payments.domain.money_back import MoneyBack, money_back, write_shares_back
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

# Money that came, and that a bank took back whole.
TAKEN_STATUSES = (PaymentStatus.CHARGED_BACK, PaymentStatus.RETURNED)
IN_FLIGHT = (RefundStatus.QUEUED, RefundStatus.PENDING)


def post(payment: Payment, *, imported: bool = False) -> None:
    """Bring the ledgers of every job that ``payment`` pays to what it says now.

    ``imported``: an import says this of it, and says itself which client credits there are.
    The caller holds the locks of these jobs. Money in another currency than the brand's is
    on no ledger: it is an exception for somebody to decide.
    """
    shares = _shares_of(payment)
    parts = payment.services_amount, payment.fee_amount
    followers: list[Payment] = []
    for allocation in shares:
        allocation.work_order.brand = payment.brand
        followers += card_payments.follow(allocation.work_order, payment)
    if len(shares) > 1:
        card_payments.quote_shared(payment)
    if parts != (payment.services_amount, payment.fee_amount):
        shares = _shares_of(payment)
    _post(payment, shares, imported=imported)
    for one in followers:
        _post(one, _shares_of(one), imported=imported)


def _shares_of(payment: Payment) -> list[PaymentAllocation]:
    return list(payment.allocations.select_related("work_order").order_by("work_order_id"))


def _post(payment: Payment, shares: Sequence[PaymentAllocation], *, imported: bool) -> None:
    back = money_back(payment, shares)
    write_shares_back(payment, shares, back)
    for allocation in shares:
        job = allocation.work_order
        job.brand = payment.brand
        post_money(job, money_of(payment, allocation, shares, back), imported=imported)
    tripwire.was_posted(payment.pk, [allocation.work_order_id for allocation in shares])


def follow_bill(job: WorkOrder, *, imported: bool = False) -> None:
    """Measure what came by card for ``job`` before anything was billed, now that something is.

    Writes nothing where nothing differs. The caller holds the job's lock.
    """
    for payment in card_payments.follow(job):
        _post(payment, _shares_of(payment), imported=imported)


def post_job(job: WorkOrder, *, imported: bool = False) -> None:
    """The same for everything that pays ``job``; shares of other jobs are left alone."""
    shares = list(job.allocations.select_related("payment").order_by("payment_id"))
    for allocation in shares:
        allocation.payment.brand = job.brand
    card_payments.follow(job, *(allocation.payment for allocation in shares))
    for allocation in shares:
        if allocation.payment.allocations.count() > 1:
            card_payments.quote_shared(allocation.payment)
        allocation.refresh_from_db(fields=["amount", "services_amount", "fee_amount"])
        post_money(job, money_of(allocation.payment, allocation), imported=imported)
    tripwire.were_posted_on(job, [allocation.payment_id for allocation in shares])


def money_of(
    payment: Payment,
    allocation: PaymentAllocation,
    shares: Sequence[PaymentAllocation] | None = None,
    back: MoneyBack | None = None,
) -> Money:
    """What of ``payment`` should be posted on the ledger of one job.

    ``shares`` are all its allocations and ``back`` what left each job, where the caller knows
    them. Nothing is asked of the database where these, its refunds and its disputes are
    prefetched.
    """
    counts = payment.currency == payment.brand.currency
    known = list(payment.allocations.all()) if shares is None else shares
    back = money_back(payment, known) if back is None else back
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
        pieces=list(_pieces(payment, allocation, label, back)) if counts else [],
        fee_expected=_fee_share(payment, allocation, known, back),
        fee_base=_fee_base(payment, allocation, back),
        uncollected=Uncollected(payment.uncollected or Uncollected.ABSORB),
        reason=_reason(payment, back),
    )


def _reason(payment: Payment, back: MoneyBack) -> str:
    """Why money of ``payment`` is taken back, as the ledger prints it."""
    word = PaymentStatus(payment.status).label
    if payment.status in RECEIVED_STATUSES and lost_disputes(back.disputes):
        return PaymentStatus.CHARGED_BACK.label  # a part of it; the rest is still received
    if payment.status != PaymentStatus.RETURNED:
        return payment.reason or word
    why = payment.reason or payment.get_return_reason_display()
    return f"{word}: {why}"[:500] if why else word


def _label(payment: Payment, allocation: PaymentAllocation) -> str:
    here = payment.work_order_id == allocation.work_order_id
    number = payment.short_number if here else f"{payment.work_order.number}-{payment.short_number}"
    return f"{number} · {means(payment)}"[:200]


def _pieces(
    payment: Payment, allocation: PaymentAllocation, label: str, back: MoneyBack
) -> Iterable[Piece]:
    job = allocation.work_order_id
    came = Legs(allocation.services_amount, allocation.fee_amount)
    pending = payment.status in PENDING_STATUSES
    counts = pending or payment.status in RECEIVED_STATUSES
    legs = came - back.gone(job, "dispute:") if counts else Legs()
    is_taken = payment.status in TAKEN_STATUSES and payment.paid_at is not None
    yield Piece(
        source=f"payment:{payment.pk}",
        services=legs.services,
        fee=legs.fee,
        label=label,
        happened_at=payment.paid_at or payment.happened_at,
        in_flight=pending,
        gross=came if is_taken or (counts and legs != came) else None,
        taken_back_at=_taken_back_at(payment, back),
    )
    for refund in back.refunds:
        key = f"refund:{refund.pk}"
        legs = back.of(key, job)
        if not legs and refund.share_of_id not in (None, job):
            continue
        yield Piece(
            source=key,
            services=legs.services,
            fee=legs.fee,
            label=f"{_refund_number(refund, job)} · {refund.destination or means(payment)}"[:200],
            happened_at=_refunded_at(refund),
            is_refund=True,
            in_flight=refund.status in IN_FLIGHT,
            reason=refund.failure_reason or refund.reason,
        )


def _refund_number(refund: Refund, job: int) -> str:
    """``R-1``; on another job than its own with that job's number."""
    own = refund.work_order_id == job
    return f"R-{refund.number}" if own else f"{refund.work_order.number}-R-{refund.number}"


def _taken_back_at(payment: Payment, back: MoneyBack) -> datetime | None:
    """When the bank returned it or took it back: what was received goes on that day."""
    if payment.returned_on is not None:
        return moments.instant_of(payment.returned_on, payment.brand.time_zone)
    lost = lost_disputes(back.disputes)
    return max(map(lost_at, lost), default=None)


def _refunded_at(refund: Refund) -> datetime:
    return refund.completed_at or refund.happened_at


def _fee_share(
    payment: Payment,
    allocation: PaymentAllocation,
    shares: Sequence[PaymentAllocation],
    back: MoneyBack,
) -> Decimal | None:
    """The quote's part of one job, for what lost disputes left of it."""
    if payment.fee_expected is None:
        return None
    rows = sorted(shares, key=lambda row: row.work_order_id)
    held = {row.pk: Legs(row.services_amount, row.fee_amount) for row in rows}
    quote = quote_shares(payment.fee_expected, held, payment.currency)[allocation.pk]
    gone = back.gone(allocation.work_order_id, "dispute:")
    lost = (gone.services, gone.fee) if payment.status in RECEIVED_STATUSES else (ZERO, ZERO)
    came = allocation.services_amount, allocation.fee_amount
    if not any(lost):
        return quote
    return expected_of(quote, came, lost, payment.currency, payment.fee_base)


def _fee_base(payment: Payment, allocation: PaymentAllocation, back: MoneyBack) -> Decimal | None:
    """What of the services the quote is for, after what lost disputes took: a surplus goes first.

    None: all of them; so it is of a payment over several jobs.
    """
    if payment.fee_expected is None or payment.fee_base is None:
        return None
    is_here = payment.status in RECEIVED_STATUSES
    lost = back.gone(allocation.work_order_id, "dispute:").services if is_here else ZERO
    return min(payment.fee_base, allocation.services_amount - lost)

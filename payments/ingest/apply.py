"""The folded state of one order → rows. Only what differs is written; the job is locked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from core import clock
from core.money import quantize
from payments.domain.allocations import Share, allocate, in_proportion, shares_of
from payments.domain.card_payments import parts_of_new
from payments.domain.numbers import next_number
from payments.domain.status import save_changes, set_payment
from payments.facts.fold import Fact, OrderState, fold
from payments.ingest.imported_fact import (
    imported_details,
    imported_fact,
    imported_shares,
    imported_status,
)
from payments.ingest.match_disputes import imported_disputes, write_disputes
from payments.ingest.match_refunds import as_asked, imported_refunds
from payments.ingest.write_refunds import write_refunds
from payments.models import (
    Dispute,
    DisputeStatus,
    Method,
    Payment,
    PaymentAttempt,
    PaymentStatus,
    Refund,
)
from payments.providers.registry import kind_of
from workorders.models import WorkOrder

ZERO = Decimal(0)
S = PaymentStatus


@dataclass(frozen=True)
class Order:
    """A provider's order that belongs to a job, whose lock the caller holds.

    ``currency`` is the brand's until the facts are folded, then that of the order's money.
    """

    work_order: WorkOrder
    provider: str
    order_id: str
    currency: str


@dataclass
class Folded:
    """Which rows the facts of an order came to, for the events to point at."""

    payment: Payment | None = None
    refund_of: dict[str, Refund] = field(default_factory=dict)
    state: OrderState | None = None


@dataclass(frozen=True)
class Known:
    """The refunds and disputes that a payment had before its facts were folded, by age."""

    refunds: Sequence[Refund] = ()
    disputes: Sequence[Dispute] = ()

    @classmethod
    def of(cls, payment: Payment | None) -> "Known":
        """Read once for a fold, which writes these very rows."""
        if payment is None:
            return cls()
        refunds, disputes = payment.refunds.order_by("pk"), payment.disputes.order_by("pk")
        return cls(list(refunds), list(disputes))


def apply_facts(order: Order, facts: Sequence[Fact]) -> Folded:
    """Fold ``facts`` and write payment, allocation, attempt, refunds and dispute."""
    payment = Payment.objects.filter(
        brand_id=order.work_order.brand_id,
        provider=order.provider,
        provider_order_id=order.order_id,
    ).first()
    if payment is not None and payment.work_order_id == order.work_order.pk:
        payment.work_order = order.work_order
    known = Known.of(payment)
    ranks = kind_of(order.provider).statuses.ranks
    state = fold(
        [*facts, *imported_fact(payment)],
        ranks,
        home=order.currency,
        ours=as_asked(known.refunds),
        refunds=imported_refunds(known.refunds),
        disputes=imported_disputes(known.disputes),
    )
    is_any_known = any(ranks.knows(f.status) for f in facts)
    state = _as_imported(state, payment, is_any_known=is_any_known)
    folded = Folded(state=state)
    order = replace(order, currency=state.currency)
    if state.payment_status is not None and state.amount is not None:
        payment = folded.payment = _payment(order, state, payment)
        folded.refund_of = write_refunds(payment, state, known.refunds)
        write_disputes(payment, state.disputes, known.disputes)
    if state.attempt_status is not None:
        _attempt(order, state, folded.payment)
    return folded


def _as_imported(state: OrderState, payment: Payment | None, *, is_any_known: bool) -> OrderState:
    """What an imported payment is beyond its fact: disputed, or of unknown outcome."""
    status = imported_status(payment)
    statuses = {d.status for d in state.disputes}
    is_disputed = DisputeStatus.OPEN in statuses or (status == S.DISPUTED and not statuses)
    if is_disputed and state.payment_status == S.COMPLETED:
        return replace(state, payment_status=S.DISPUTED)
    if status == S.UNKNOWN and not is_any_known:
        return replace(state, payment_status=S.UNKNOWN)
    if payment is not None and state.payment_status is None:
        # Only tries that failed, of a payment that is here: it has no state but this one.
        return replace(state, payment_status=S.FAILED)
    return state


# --- payment and allocation -------------------------------------------------------------------


def _payment(order: Order, state: OrderState, payment: Payment | None) -> Payment:
    values = _payment_values(order, state)
    values |= _parts_of(order, values, payment)
    if payment is None:
        payment = Payment.objects.create(
            brand_id=order.work_order.brand_id,
            work_order=order.work_order,
            number=next_number(Payment, order.work_order),
            provider=order.provider,
            provider_order_id=order.order_id,
            **values,
        )
    else:
        # What an import knew and no event tells stays; of its failure only while it failed.
        known = {k: v for k, v in imported_details(payment).items() if k != "failure_code"}
        values |= {k: v for k, v in known.items() if not values[k]}
        values["references"] = sorted({*payment.references, *values["references"]})
        set_payment(payment, values)
    _allocation(order, payment)
    return payment


# What the fold decides of a payment; an import corrects these through its frozen fact.
BY_FOLD = frozenset(
    [
        *("method", "status", "provider_status", "currency"),
        *("amount", "services_amount", "fee_amount", "is_fee_reported"),
        *("payer_name", "card_brand", "last4", "funding", "reference", "references"),
        *("failure_code", "failure_message", "happened_at", "paid_at"),
    ]
)


def _payment_values(order: Order, state: OrderState) -> dict[str, Any]:
    amount = quantize(state.amount or ZERO, order.currency)
    fee = quantize(state.fee, order.currency)
    return {
        "method": state.method,
        "status": state.payment_status,
        "provider_status": state.provider_status[:60],
        "currency": order.currency,
        "amount": amount,
        "services_amount": amount - fee,
        "fee_amount": fee,
        "is_fee_reported": state.is_fee_reported,
        "payer_name": state.payer_name[:160],
        "card_brand": state.card_brand,
        "last4": state.last4,
        "funding": state.funding,
        "reference": order.order_id,
        "references": list(state.references),
        "failure_code": state.failure_code,
        "failure_message": state.failure_message,
        "happened_at": state.first_at,
        "paid_at": state.paid_at,
    }


def _parts_of(
    order: Order, values: Mapping[str, Any], payment: Payment | None
) -> Mapping[str, Decimal]:
    """Services and fee of a card payment whose fee nobody reported (docs/decisions/015).

    Its refunds are split by them, so they are known before anything is written.
    """
    if values["is_fee_reported"] or values["method"] != Method.CARD:
        return {}
    if payment is not None and payment.allocations.count() > 1:
        return {}  # imported over several jobs: its shares say what pays what
    names = ("number", "external_id", "bill_as_of")
    known = {name: getattr(payment, name) for name in names} if payment else {"number": 0}
    new = Payment(
        pk=payment.pk if payment else None,
        brand=order.work_order.brand,
        work_order=order.work_order,
        provider=order.provider,
        provider_order_id=order.order_id,
        created_at=payment.created_at if payment else clock.now(),
        **known,
        **values,
    )
    services, fee = parts_of_new(order.work_order, new)
    return {"services_amount": services, "fee_amount": fee}


def _allocation(order: Order, payment: Payment) -> None:
    """All of a provider's payment pays this job, or the jobs over which it was imported."""
    shares = shares_of(payment)
    if len(shares) > 1:
        frozen = imported_shares(payment)
        numbers = payment.allocations.values_list("work_order_id", "work_order__number")
        sums = {job: frozen[number] for job, number in numbers if number in frozen}
        before = {job: Share(gross - fee, fee) for job, (gross, fee) in sums.items()}
        allocate(payment, in_proportion(payment, before if len(before) == len(shares) else shares))
        return
    payment.work_order = order.work_order
    jobs = list(shares) or [order.work_order.pk]
    allocate(payment, {jobs[0]: Share(payment.services_amount, payment.fee_amount)})


# --- attempt ----------------------------------------------------------------------------------


def _attempt(order: Order, state: OrderState, payment: Payment | None) -> None:
    # Tied to its order, also before there is a payment.
    mine = PaymentAttempt.objects.filter(
        work_order=order.work_order, provider=order.provider, provider_order_id=order.order_id
    ).first()
    if mine is None and payment is not None and payment.attempts.exists():
        return  # imported with its own attempts
    values = {"payment": payment, **_attempt_values(order, state)}
    if mine is not None:
        save_changes(mine, values)
        return
    PaymentAttempt.objects.create(
        brand_id=order.work_order.brand_id,
        work_order=order.work_order,
        number=next_number(PaymentAttempt, order.work_order),
        provider=order.provider,
        provider_order_id=order.order_id,
        **values,
    )


def _attempt_values(order: Order, state: OrderState) -> dict[str, Any]:
    return {
        "method": state.method,
        "status": state.attempt_status,
        "currency": order.currency,
        "amount": quantize(state.amount or ZERO, order.currency),
        "fee_expected": quantize(state.fee, order.currency) if state.fee else None,
        "card_brand": state.card_brand,
        "last4": state.last4,
        "funding": state.funding,
        "failure_code": state.failure_code,
        "failure_message": state.failure_message,
        "references": sorted({order.order_id, *state.references}),
        "happened_at": state.attempt_at,
    }

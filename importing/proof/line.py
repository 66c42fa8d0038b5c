"""What each payment of a line brought and gave back, by the file alone. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from importing.format.job import Job
from importing.format.money import AttemptIn, PaymentIn, ProviderStep
from importing.history.money import reported_fee
from importing.history.provider_events import identified, refund_id_of
from importing.naming import key_of
from importing.proof.sums import LOST, Fact, Refund, Sums, of_status, of_steps
from payments.models import Method

# A provider and one of its orders.
OrderKey = tuple[str, str]
# Facts of an order that came otherwise, by the ids of their events.
Stored = Mapping[OrderKey, Mapping[str, Fact]]


@dataclass(frozen=True)
class Reported:
    """What a line says of one payment.

    It is known by its ``key`` on the job, or by its ``order`` where its steps make it.
    """

    path: str
    key: str
    order: OrderKey | None
    sums: Sums


def orders_of(job: Job) -> set[OrderKey]:
    """The orders whose steps the line brings."""
    items: list[PaymentIn | AttemptIn] = [*job.payments, *job.attempts]
    return {_order(item) for item in items if item.provider_steps}


def reported(job: Job, stored: Stored) -> Iterator[Reported]:
    """Every payment of ``job``, and every order of which a payment may have come.

    Steps in ``stored`` came by another line or by themselves; they count with those of this one.
    """
    for n, attempt in enumerate(job.attempts):
        if attempt.provider_steps:
            sums = _of_order(attempt, None, (), stored)
            yield Reported(f"attempts[{n}]", "", _order(attempt), sums)
    for n, payment in enumerate(job.payments):
        refunds = [Refund(r.amount, _ended(r), r.provider_refund_id) for r in payment.refunds]
        path, key = f"payments[{n}]", key_of(payment, n)
        if payment.provider_steps:
            sums = _of_order(payment, reported_fee(payment), refunds, stored)
            yield Reported(path, key, _order(payment), sums)
            continue
        lost = [d.amount for d in payment.disputes if _ended(d) in LOST]
        amount = _last(payment, "amount")
        fee = _last(payment, "fee_amount") if _has_fee(payment) else None
        sums = of_status(_last(payment, "status"), amount, fee, lost, refunds)
        yield Reported(path, key, None, sums)


def _order(item: PaymentIn | AttemptIn) -> OrderKey:
    return str(item.provider), item.order_id


def _of_order(
    item: PaymentIn | AttemptIn, fee: Decimal | None, refunds: Iterable[Refund], stored: Stored
) -> Sums:
    facts = dict(stored.get(_order(item), {}))
    facts |= {event: _fact(step) for event, step in identified(item)}
    return of_steps(
        list(facts.values()),
        item.amount,
        fee or None,
        is_debit=item.method == Method.ACH,
        refunds=list(refunds),
    )


def _fact(step: ProviderStep) -> Fact:
    return Fact(
        step.status,
        step.at,
        step.amount,
        step.fee_amount,
        refund_id_of(step),
        dispute_id_of(step.data),
    )


def dispute_id_of(data: Mapping[str, Any]) -> str:
    """The dispute that a step's data names, "" for none."""
    nested = data.get("card")
    for place in (data, nested if isinstance(nested, Mapping) else {}):
        value = place.get("dispute_id")
        if isinstance(value, str | int | Decimal) and str(value).strip():
            return str(value).strip()
    return ""


def _has_fee(payment: PaymentIn) -> bool:
    """Whether the file says that the payment has a fee; an older system's zero may be no word."""
    return bool(_last(payment, "fee_amount"))


def _ended(item: Any) -> str:
    """The status after the last step of its history."""
    return str(item.history[-1].status if item.history else item.status)


def _last(payment: PaymentIn, name: str) -> Any:
    """The value of a field after the last step that gives it."""
    given = [getattr(step, name) for step in payment.history]
    return next((v for v in reversed(given) if v is not None), getattr(payment, name))

"""Refunds that somebody here asked for, and what the provider's events make of them.

Such a refund keeps its number, its reason and its amounts; status and the provider's id follow
the events, once there are any. Which of ours a provider's refund is,
``payments.facts.fold_refunds`` decides anew with each fold, from how people left ours; so that must
always be known again:

- ``provider_match`` "": as people left it.
- ``FOLLOWS``: it was queued, and its id and status are the events'.
- ``NAMED``: somebody completed it under the provider's id; its status is the events'.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.money import quantize
from core.split import split_refund
from payments.domain.status import save_changes
from payments.facts.fold import Fact, OrderState, OurRefund, RefundState
from payments.facts.group_refunds import IMPORTED
from payments.models import (
    REFUND_COUNTS,
    Payment,
    PaymentStatus,
    ProviderMatch,
    Refund,
    RefundOrigin,
    RefundStatus,
)

ZERO = Decimal(0)
S = RefundStatus
M = ProviderMatch


@dataclass
class Used:
    """How much of each part of a payment the refunds that count use up."""

    services: Decimal = ZERO
    fee: Decimal = ZERO

    def use(self, refund: Refund) -> None:
        """A refund that counts uses up its parts."""
        if refund.status in REFUND_COUNTS:
            self.services += refund.services_amount
            self.fee += refund.fee_amount


def freeze(values: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """A refund as an import reports it, asked for at ``at``. Amounts are text in JSON."""
    done: datetime | None = values["completed_at"]
    return {
        "status": str(values["status"]),
        "services": f"{values['services_amount']}",
        "fee": f"{values['fee_amount']}",
        "at": at.isoformat(),
        "completed_at": done.isoformat() if done else None,
        "failure_reason": values["failure_reason"],
        "refund_id": values["provider_refund_id"],
    }


_AS_STEP = {
    S.QUEUED: "refund_queued",
    S.PENDING: "refund_queued",
    S.COMPLETED: "refunded",
    S.FAILED: "refund_failed",
}


def imported_refunds(known: Sequence[Refund]) -> list[Fact]:
    """The imported refunds among a payment's for the fold, never read from what rows say now."""
    rows = [row for row in known if row.origin == RefundOrigin.IMPORT]
    return [f for row in rows if row.imported_fact for f in _as_facts(row.pk, row.imported_fact)]


def _as_facts(pk: int, frozen: Mapping[str, Any]) -> Iterator[Fact]:
    status = _AS_STEP.get(S(frozen["status"]))
    if status is None:
        return  # called off: it is no money on its way
    at = datetime.fromisoformat(frozen["at"])
    done = datetime.fromisoformat(frozen["completed_at"]) if frozen["completed_at"] else at
    fact = Fact(
        event_id=f"{IMPORTED}{pk}",
        status=status,
        at=done,
        amount=Decimal(frozen["services"]) + Decimal(frozen["fee"]),
        detail=frozen["failure_reason"],
        refund_id=frozen["refund_id"],
    )
    if at < done and status != "refund_queued":
        yield replace(fact, status="refund_queued", at=at, detail="")
    yield fact


def as_asked(known: Sequence[Refund]) -> list[OurRefund]:
    """Those of a payment's refunds that somebody here asked for, as people left them."""
    older = [(r.pk, r.provider_key) for r in known if r.origin == RefundOrigin.PROVIDER]
    return [
        OurRefund(
            id=row.pk,
            amount=row.amount,
            reference=row.provider_refund_id if row.provider_match != M.FOLLOWS else "",
            counts=row.provider_match != "" or row.status in REFUND_COUNTS,
            older=frozenset(key for pk, key in older if pk < row.pk),
        )
        for row in known
        if row.origin == RefundOrigin.PERSON
    ]


def follow(
    payment: Payment, state: OrderState, known: Sequence[Refund], used: Used
) -> dict[str, Refund]:
    """Write what the events say of ours; ours by the key of the provider's refund.

    ``known`` are all refunds of the payment, by age. Ours that no event reports (any more) are as
    people left them. ``used`` counts them.
    """
    states = {s.ours.id: s for s in state.refunds if s.ours is not None}
    _make_room(known, states)
    refund_of: dict[str, Refund] = {}
    for row in (row for row in known if row.origin == RefundOrigin.PERSON):
        reported = states.get(row.pk)
        if reported is None:
            save_changes(row, _as_left(row, is_void=state.payment_status == PaymentStatus.VOIDED))
        else:
            save_changes(row, {**_parts(payment, reported, used), **_followed(row, reported)})
            refund_of[reported.key] = row
        used.use(row)
    return refund_of


def _make_room(known: Sequence[Refund], states: Mapping[int, RefundState]) -> None:
    """An id belongs to one refund: whichever held one that is another's now lets go of it."""
    ids = {s.key: pk for pk, s in states.items() if not s.is_derived}
    for row in known:
        if ids.get(row.provider_refund_id, row.pk) == row.pk:
            continue
        values: dict[str, Any] = {"provider_refund_id": ""}
        if row.origin == RefundOrigin.PROVIDER:  # written before it was known to be ours
            values |= {"status": S.CANCELLED, "completed_at": None}
        save_changes(row, values)


def _followed(row: Refund, reported: RefundState) -> dict[str, Any]:
    values: dict[str, Any] = {
        "status": reported.status,
        "failure_reason": reported.failure_reason[:300],
        "provider_match": M.NAMED if _is_named(row) else M.FOLLOWS,
    }
    if not _is_named(row):
        key = "" if reported.is_derived else reported.key
        return values | {"provider_refund_id": key, "completed_at": reported.completed_at}
    if reported.status == S.QUEUED:
        # Somebody saw it done before its first events came.
        values["status"] = S.COMPLETED if row.provider_match == M.NAMED else row.status
    return values | {"completed_at": row.completed_at or reported.completed_at}


def _as_left(row: Refund, *, is_void: bool) -> dict[str, Any]:
    if row.provider_match == M.NAMED:
        return {"status": S.COMPLETED, "failure_reason": "", "provider_match": ""}
    if row.provider_match == "" and (row.status != S.QUEUED or not is_void):
        return {}
    if is_void:
        why = "The payment was voided instead."
        values = {"status": S.CANCELLED, "failure_reason": why, "provider_match": M.FOLLOWS}
    else:
        values = {"status": S.QUEUED, "failure_reason": "", "provider_match": ""}
    return {**values, "provider_refund_id": "", "completed_at": None}


def _is_named(row: Refund) -> bool:
    return row.provider_match != M.FOLLOWS and row.provider_refund_id != ""


def _parts(payment: Payment, reported: RefundState, used: Used) -> dict[str, Any]:
    """What was asked for; of another amount under the same id, what the provider really moved."""
    return {} if reported.is_as_asked else parts_of(payment, reported.amount, used)


def parts_of(payment: Payment, gross: Decimal, used: Used) -> dict[str, Any]:
    """``gross`` of a refund with its services and fee part (docs/decisions/005)."""
    services, fee = split_refund(
        quantize(gross, payment.currency),
        base=payment.services_amount,
        fee=payment.fee_amount,
        refunded_services=used.services,
        refunded_fee=used.fee,
        currency=payment.currency,
        surplus=payment.surplus,
    )
    return {"amount": services + fee, "services_amount": services, "fee_amount": fee}

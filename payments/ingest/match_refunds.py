"""Refunds that somebody here asked for, and what the provider's events make of them.

Such a refund keeps its number, its reason and its amounts; status and the provider's id follow
the events, once there are any. Which of ours a provider's refund is,
``payments.facts.fold_refunds`` decides anew with each fold, from how people left ours; so that must
always be known again:

- ``provider_match`` "": as people left it.
- ``FOLLOWS``: it was queued, and its id and status are the events'.
- ``NAMED``: somebody completed it under the provider's id; its status is the events'.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.money import quantize
from core.split import split_refund
from payments.domain.status import save_changes
from payments.facts.fold import OrderState, OurRefund, RefundState
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
class Known:
    """Ours, and how much of each part of the payment the refunds that count use up."""

    ours: list[Refund] = field(default_factory=list)
    services: Decimal = ZERO
    fee: Decimal = ZERO

    def use(self, refund: Refund) -> None:
        """A refund that counts uses up its parts."""
        self.services += refund.services_amount
        self.fee += refund.fee_amount


def known_refunds(payment: Payment | None, reported: set[str]) -> Known:
    """Ours, and what the imported ones use up that no event reports.

    ``reported``: the refund ids of the events.
    """
    known = Known()
    for row in payment.refunds.order_by("pk") if payment is not None else []:
        if row.origin == RefundOrigin.PERSON:
            known.ours.append(row)
        elif row.status in REFUND_COUNTS and not _is_reported(row, reported):
            known.use(row)
    return known


def _is_reported(row: Refund, reported: set[str]) -> bool:
    return row.origin == RefundOrigin.PROVIDER or row.provider_refund_id in reported - {""}


def as_asked(payment: Payment | None, rows: Sequence[Refund]) -> list[OurRefund]:
    """Ours for the fold, as people left them."""
    if payment is None or not rows:
        return []
    others = list(payment.refunds.exclude(origin=RefundOrigin.PERSON))
    imported = {r.provider_refund_id for r in others if r.origin == RefundOrigin.IMPORT}
    return [
        OurRefund(
            id=row.pk,
            amount=row.amount,
            reference=row.provider_refund_id if row.provider_match != M.FOLLOWS else "",
            counts=row.provider_match != "" or row.status in REFUND_COUNTS,
            older=frozenset(imported | {key_of(r) for r in others if r.pk < row.pk}),
        )
        for row in rows
    ]


def key_of(row: Refund) -> str:
    """The provider's key of a refund that nobody asked for here.

    An older system may have known an imported one by the provider's own id.
    """
    return row.provider_key if row.origin == RefundOrigin.PROVIDER else row.external_id


def follow(payment: Payment, state: OrderState, known: Known) -> dict[str, Refund]:
    """Write what the events say of ours; ours by the key of the provider's refund.

    Ours that no event reports (any more) are as people left them.
    """
    states = {s.ours.id: s for s in state.refunds if s.ours is not None}
    _make_room(payment, states)
    refund_of: dict[str, Refund] = {}
    for row in known.ours:
        reported = states.get(row.pk)
        if reported is None:
            save_changes(row, _as_left(row, is_void=state.payment_status == PaymentStatus.VOIDED))
        else:
            save_changes(row, {**_parts(payment, row, reported, known), **_followed(row, reported)})
            refund_of[reported.key] = row
        if row.status in REFUND_COUNTS:
            known.use(row)
    return refund_of


def _make_room(payment: Payment, states: Mapping[int, RefundState]) -> None:
    """An id belongs to one refund: whichever held one that is another's now lets go of it."""
    ids = {s.key: pk for pk, s in states.items() if not s.is_derived}
    for row in payment.refunds.filter(provider_refund_id__in=ids):
        if ids[row.provider_refund_id] == row.pk:
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


def _parts(payment: Payment, row: Refund, reported: RefundState, known: Known) -> dict[str, Any]:
    """What was asked for; of another amount under the same id, what the provider really moved."""
    if reported.is_as_asked:
        return {}
    amount = quantize(reported.amount, payment.currency)
    services, fee = split_refund(
        amount,
        base=payment.services_amount,
        fee=payment.fee_amount,
        refunded_services=known.services,
        refunded_fee=known.fee,
        currency=payment.currency,
    )
    return {"amount": amount, "services_amount": services, "fee_amount": fee}

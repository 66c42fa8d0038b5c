"""The money of a job → histories: payments, attempts, refunds, disputes, provider events. Pure.

A payment with a ``statusHistory`` becomes provider events, from which the fold makes the rows as
it does from live ones. A payment with a ``status`` becomes rows directly.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from activity.actors import Actor
from core import money
from core.split import split_refund
from importing.format.job import Job
from importing.format.money import (
    AttemptIn,
    DisputeIn,
    DisputeStep,
    PaymentIn,
    PaymentStep,
    RefundIn,
)
from importing.history.base import History, Version, carried_forward
from importing.history.provider_events import event_histories
from importing.naming import IMPORTER, actor_of, key_of
from payments.models import (
    REFUND_COUNTS,
    DisputeStatus,
    PaymentStatus,
    RefundStatus,
)

# Statuses in which the money came in, even where it was taken back since.
WAS_PAID = (
    PaymentStatus.COMPLETED,
    PaymentStatus.DISPUTED,
    PaymentStatus.CHARGED_BACK,
    PaymentStatus.RETURNED,
)
S = DisputeStatus


def money_histories(job: Job, currency: str) -> Iterator[History]:
    """Attempts without a payment, then each payment with what belongs to it.

    Amounts are in ``currency``, the brand's.
    """
    actor = actor_of(job, IMPORTER)
    for n, attempt in enumerate(job.attempts):
        path = f"attempts[{n}]"
        if attempt.provider_steps:
            yield from event_histories(attempt, attempt.fee_expected, job.number, path)
        else:
            yield _attempt(attempt, n, actor, "", path)
    for n, payment in enumerate(job.payments):
        yield from _payment_histories(payment, n, actor, job, currency)


def _payment_histories(
    payment: PaymentIn, n: int, inherited: Actor, job: Job, currency: str
) -> Iterator[History]:
    key, path = key_of(payment, n), f"payments[{n}]"
    actor = actor_of(payment, inherited, payment.provider)
    if payment.provider_steps:
        yield from event_histories(payment, reported_fee(payment), job.number, path)
        yield _order(payment, key, actor, path)
    else:
        versions = tuple(_payment_versions(payment, actor, job.number))
        yield History("payment", key, f"payment:{key}", versions, path=path)
        for m, attempt in enumerate(payment.attempts):
            yield _attempt(attempt, m, actor, key, f"{path}.attempts[{m}]")
        for dispute in payment.disputes:
            yield _dispute(dispute, key, actor, payment)
    yield from _refund_histories(payment, key, actor, currency, path)


def reported_fee(payment: PaymentIn) -> Decimal | None:
    """The fee in a payment, None where the file says nothing of it."""
    return payment.fee_amount if "fee_amount" in payment.model_fields_set else None


# --- payments with a status of their own ---------------------------------------------------------


def _payment_versions(payment: PaymentIn, actor: Actor, number: str) -> Iterator[Version]:
    shares = payment.shares or ()
    values: dict[str, Any] = {
        **_instrument(payment),
        "status": payment.status,
        "provider_status": payment.provider_status,
        "amount": payment.amount,
        "fee_amount": payment.fee_amount or money.ZERO,
        "is_fee_reported": payment.fee_amount is not None,
        "payer_name": payment.payer_name,
        "reference": payment.reference,
        "provider_order_id": payment.order_id,
        "failure_code": payment.failure_code,
        "failure_message": payment.failure_message,
        "paid_at": payment.at if payment.status in WAS_PAID else None,
        "confirmed_at": None,
        "confirmed_by": "",
        "reconciled_at": None,
        "reconciled_by": "",
        "reconciled_note": "",
        "note": payment.note,
        "follow_up_on": payment.follow_up_on,
        "reason": "",
        "shares": tuple((s.work_order, s.amount, s.fee_amount) for s in shares)
        or ((number, None, None),),
    }
    yield Version(payment.at, actor, values)
    for at, by, patch in sorted(_payment_patches(payment, actor), key=lambda p: p[0]):
        values = {**values, **patch}
        if "status" in patch:
            was_paid = values["status"] in WAS_PAID
            values["paid_at"] = (values["paid_at"] or at) if was_paid else None
        yield Version(at, by, values)


def _payment_patches(
    payment: PaymentIn, actor: Actor
) -> Iterator[tuple[datetime, Actor, dict[str, Any]]]:
    for step in payment.history:
        by = actor_of(step, actor, payment.provider)
        yield step.at, by, _patch(step, by)
    yield from _after_disputes(payment, actor)


def _after_disputes(
    payment: PaymentIn, actor: Actor
) -> Iterator[tuple[datetime, Actor, dict[str, Any]]]:
    """The payment's status after each step of each dispute, as the fold of events has it.

    *Charged back* once all of it is lost, in however many disputes; *disputed* while one is open.
    """
    steps = []
    for n, dispute in enumerate(payment.disputes):
        by = actor_of(dispute, actor, payment.provider)
        steps.append((dispute.at, n, by, dispute.status))
        for outcome in dispute.history:
            by_then = actor_of(outcome, by, payment.provider)
            steps.append((outcome.at, n, by_then, outcome.status))
    now: dict[int, DisputeStatus] = {}
    for at, n, by, status in sorted(steps, key=lambda step: step[:2]):
        now[n] = status
        lost = [d.amount for m, d in enumerate(payment.disputes) if now.get(m) == S.LOST]
        after = PaymentStatus.COMPLETED
        if lost and sum(lost, money.ZERO) >= payment.amount:
            after = PaymentStatus.CHARGED_BACK
        elif S.OPEN in now.values():
            after = PaymentStatus.DISPUTED
        yield at, by, {"status": after}


STEP_FIELDS = (
    "status",
    "provider_status",
    "amount",
    "fee_amount",
    "reference",
    "references",
    "failure_code",
    "failure_message",
    "note",
    "follow_up_on",
    "reason",
)


def _patch(step: PaymentStep, by: Actor) -> dict[str, Any]:
    given = step.model_fields_set
    # A null removes a follow-up date; for other keys it means that nothing changed.
    patch = {n: getattr(step, n) for n in STEP_FIELDS if n in given}
    patch = {n: v for n, v in patch.items() if v is not None or n == "follow_up_on"}
    if "fee_amount" in patch:
        patch["is_fee_reported"] = True
    if step.confirmed:
        patch |= {"confirmed_at": step.at, "confirmed_by": by.label}
    if step.reconciled_note is not None:
        patch |= {
            "reconciled_at": step.at,
            "reconciled_by": by.label,
            "reconciled_note": step.reconciled_note,
        }
    return patch


def _instrument(item: PaymentIn | AttemptIn) -> dict[str, Any]:
    return {
        "method": item.method,
        "provider": item.provider,
        "card_brand": item.card_brand,
        "last4": item.last4,
        "funding": item.funding or "",
        "references": list(item.references),
    }


def _attempt(attempt: AttemptIn, n: int, inherited: Actor, parent: str, path: str) -> History:
    actor = actor_of(attempt, inherited, attempt.provider)
    values: dict[str, Any] = {
        **_instrument(attempt),
        "status": attempt.status,
        "amount": attempt.amount,
        "fee_expected": attempt.fee_expected,
        "failure_code": attempt.failure_code,
        "decline_code": attempt.decline_code,
        "failure_message": attempt.failure_message,
    }
    changed = ("status", "failure_code", "decline_code", "failure_message")
    patches = (
        (
            step.at,
            actor_of(step, actor, attempt.provider),
            {name: getattr(step, name) for name in changed if name in step.model_fields_set},
        )
        for step in attempt.history
    )
    versions = carried_forward(Version(attempt.at, actor, values), patches)
    key = key_of(attempt, n)
    topic = f"payment:{parent}" if parent else f"attempt:{key}"
    return History("attempt", key, topic, versions, parent, path)


def _order(payment: PaymentIn, key: str, actor: Actor, path: str) -> History:
    """What staff noted on a payment whose row the fold writes."""
    values: dict[str, Any] = {"provider": payment.provider, "order_id": payment.order_id}
    first = Version(min(s.at for s in payment.provider_steps), actor, values)
    steps = ((step, actor_of(step, actor, payment.provider)) for step in payment.history)
    patches = ((step.at, by, _patch(step, by)) for step, by in steps)
    return History("order", key, f"payment:{key}", carried_forward(first, patches), path=path)


# --- refunds and disputes ------------------------------------------------------------------------


def _refund_histories(
    payment: PaymentIn, key: str, actor: Actor, currency: str, path: str
) -> Iterator[History]:
    services = fee = money.ZERO
    for n, refund in enumerate(payment.refunds):
        part = refund.fee_amount
        if part is None:
            _, part = split_refund(
                refund.amount,
                base=payment.amount - (payment.fee_amount or money.ZERO),
                fee=payment.fee_amount or money.ZERO,
                refunded_services=services,
                refunded_fee=fee,
                currency=currency,
            )
        last = refund.history[-1].status if refund.history else refund.status
        if last in REFUND_COUNTS:
            services, fee = services + refund.amount - part, fee + part
        versions = _refund_versions(refund, part, actor, payment)
        name = key_of(refund, n)
        topic = f"refund:{key}:{name}"
        yield History("refund", name, topic, versions, key, f"{path}.refunds[{n}]")


def _refund_versions(
    refund: RefundIn, fee: Decimal, inherited: Actor, payment: PaymentIn
) -> tuple[Version, ...]:
    actor = actor_of(refund, inherited, payment.provider)
    values: dict[str, Any] = {
        "status": refund.status,
        "amount": refund.amount,
        "services_amount": refund.amount - fee,
        "fee_amount": fee,
        "reason": refund.reason,
        "failure_reason": refund.failure_reason,
        "destination": refund.destination,
        "provider_refund_id": refund.provider_refund_id,
        "share_of": refund.work_order,
        "completed_at": refund.at if refund.status == RefundStatus.COMPLETED else None,
    }
    patches = (
        (
            step.at,
            actor_of(step, actor, payment.provider),
            {
                "status": step.status,
                "failure_reason": step.failure_reason,
                "completed_at": step.at if step.status == RefundStatus.COMPLETED else None,
            },
        )
        for step in refund.history
    )
    return carried_forward(Version(refund.at, actor, values), patches)


def _dispute(dispute: DisputeIn, key: str, inherited: Actor, payment: PaymentIn) -> History:
    actor = actor_of(dispute, inherited, payment.provider)
    values: dict[str, Any] = {
        "status": dispute.status,
        "amount": dispute.amount,
        "reason_code": dispute.reason_code,
        "reason": dispute.reason,
        "provider_dispute_id": dispute.id or "",
        "evidence_due_on": dispute.evidence_due_on,
        "share_of": dispute.work_order,
        "closed_at": _closed_at(dispute),
    }
    patches = (
        (
            step.at,
            actor_of(step, actor, payment.provider),
            {"status": step.status, "closed_at": _closed_at(step)},
        )
        for step in dispute.history
    )
    versions = carried_forward(Version(dispute.at, actor, values), patches)
    return History("dispute", dispute.id or "", f"payment:{key}", versions, key)


def _closed_at(dispute: DisputeIn | DisputeStep) -> datetime | None:
    return None if dispute.status == DisputeStatus.OPEN else dispute.at

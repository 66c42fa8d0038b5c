"""The money of a job → stories: payments, attempts, refunds, disputes, provider events. Pure.

What a provider told (``statusHistory``) becomes events, of which the fold makes rows as it does
of live ones. What stands by itself (``status``) becomes rows directly.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from activity.actors import Actor
from core import money
from core.split import split_refund
from importing.format.job import Job
from importing.format.money import (
    AttemptIn,
    DisputeIn,
    PaymentIn,
    PaymentStep,
    ProviderStep,
    RefundIn,
)
from importing.history.base import Story, Version
from importing.naming import IMPORTER, actor_of, key_of
from payments.facts.ranks import REFUND_STAGES
from payments.ingest.incoming import IncomingFact
from payments.ingest.incoming import actor_of as provider_actor
from payments.models import (
    REFUND_COUNTS,
    DisputeStatus,
    Method,
    PaymentStatus,
    RefundStatus,
)

Values = Mapping[str, Any]
KEEPS_PAID_AT = (PaymentStatus.COMPLETED, PaymentStatus.DISPUTED, PaymentStatus.CHARGED_BACK)
AFTER_DISPUTE = {
    DisputeStatus.OPEN: PaymentStatus.DISPUTED,
    DisputeStatus.WON: PaymentStatus.COMPLETED,
    DisputeStatus.LOST: PaymentStatus.CHARGED_BACK,
}


def money_stories(job: Job, currency: str) -> Iterator[Story]:
    """Attempts of no payment, then each payment with what belongs to it."""
    actor = actor_of(job, IMPORTER)
    for n, attempt in enumerate(job.attempts):
        path = f"attempts[{n}]"
        if attempt.told:
            yield from _events(attempt, attempt.fee_expected, job.number, path)
        else:
            yield _attempt(attempt, n, actor, "", path)
    for n, payment in enumerate(job.payments):
        yield from _payment_stories(payment, n, actor, job, currency)


def _payment_stories(
    payment: PaymentIn, n: int, inherited: Actor, job: Job, currency: str
) -> Iterator[Story]:
    key, path = key_of(payment, n), f"payments[{n}]"
    actor = actor_of(payment, inherited, payment.provider)
    if payment.told:
        yield from _events(payment, payment.fee_amount, job.number, path)
        yield _order(payment, key, actor, path)
    else:
        versions = tuple(_payment_versions(payment, actor, job.number))
        yield Story("payment", key, f"payment:{key}", versions, path=path)
        for m, attempt in enumerate(payment.attempts):
            yield _attempt(attempt, m, actor, key, f"{path}.attempts[{m}]")
        for dispute in payment.disputes:
            yield _dispute(dispute, key, actor, payment)
    yield from _refund_stories(payment, key, actor, currency, path)


# --- a payment that stands by itself -------------------------------------------------------------


def _payment_versions(payment: PaymentIn, actor: Actor, number: str) -> Iterator[Version]:
    shares = payment.shares or ()
    values: dict[str, Any] = {
        **_instrument(payment),
        "status": payment.status,
        "provider_status": payment.provider_status,
        "amount": payment.amount,
        "fee_amount": payment.fee_amount,
        "payer_name": payment.payer_name,
        "reference": payment.reference,
        "provider_order_id": payment.order_id,
        "failure_code": payment.failure_code,
        "failure_message": payment.failure_message,
        "paid_at": payment.at if payment.status in KEEPS_PAID_AT else None,
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
            kept = values["status"] in KEEPS_PAID_AT
            values["paid_at"] = (values["paid_at"] or at) if kept else None
        yield Version(at, by, values)


def _payment_patches(
    payment: PaymentIn, actor: Actor
) -> Iterator[tuple[datetime, Actor, dict[str, Any]]]:
    for step in payment.history:
        by = actor_of(step, actor, payment.provider)
        yield step.at, by, _patch(step, by)
    for dispute in payment.disputes:
        by = actor_of(dispute, actor, payment.provider)
        after = dict(AFTER_DISPUTE)
        if dispute.amount < payment.amount:
            after[DisputeStatus.LOST] = PaymentStatus.COMPLETED  # it lowers what came by its own
        yield dispute.at, by, {"status": after[dispute.status]}
        for told in dispute.history:
            by_then = actor_of(told, by, payment.provider)
            yield told.at, by_then, {"status": after[told.status]}


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
    # A given null takes a follow-up date away; elsewhere it says nothing.
    patch = {n: getattr(step, n) for n in STEP_FIELDS if n in given}
    patch = {n: v for n, v in patch.items() if v is not None or n == "follow_up_on"}
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


def _attempt(attempt: AttemptIn, n: int, inherited: Actor, parent: str, path: str) -> Story:
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
    versions = [Version(attempt.at, actor, values)]
    for step in attempt.history:
        patch: dict[str, Any] = {
            name: getattr(step, name)
            for name in ("status", "failure_code", "decline_code", "failure_message")
            if name in step.model_fields_set
        }
        values = {**values, **patch}
        versions.append(Version(step.at, actor_of(step, actor, attempt.provider), values))
    key = key_of(attempt, n)
    topic = f"payment:{parent}" if parent else f"attempt:{key}"
    return Story("attempt", key, topic, tuple(versions), parent, path)


# --- refunds and disputes ------------------------------------------------------------------------


def _refund_stories(
    payment: PaymentIn, key: str, actor: Actor, currency: str, path: str
) -> Iterator[Story]:
    services = fee = money.ZERO
    for n, refund in enumerate(payment.refunds):
        part = refund.fee_amount
        if part is None:
            _, part = split_refund(
                refund.amount,
                base=payment.amount - payment.fee_amount,
                fee=payment.fee_amount,
                refunded_services=services,
                refunded_fee=fee,
                currency=currency,
            )
        last = refund.history[-1].status if refund.history else refund.status
        if last in REFUND_COUNTS:
            services, fee = services + refund.amount - part, fee + part
        versions = tuple(_refund_versions(refund, part, actor, payment))
        name = key_of(refund, n)
        topic = f"refund:{key}:{name}"
        yield Story("refund", name, topic, versions, key, f"{path}.refunds[{n}]")


def _refund_versions(
    refund: RefundIn, fee: Decimal, inherited: Actor, payment: PaymentIn
) -> Iterator[Version]:
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
        "completed_at": refund.at if refund.status == RefundStatus.COMPLETED else None,
    }
    yield Version(refund.at, actor, values)
    for step in refund.history:
        done = step.status == RefundStatus.COMPLETED
        values = {
            **values,
            "status": step.status,
            "failure_reason": step.failure_reason,
            "completed_at": step.at if done else None,
        }
        yield Version(step.at, actor_of(step, actor, payment.provider), values)


def _dispute(dispute: DisputeIn, key: str, inherited: Actor, payment: PaymentIn) -> Story:
    actor = actor_of(dispute, inherited, payment.provider)
    values: dict[str, Any] = {
        "status": dispute.status,
        "amount": dispute.amount,
        "reason_code": dispute.reason_code,
        "reason": dispute.reason,
        "provider_dispute_id": dispute.id or "",
        "evidence_due_on": dispute.evidence_due_on,
        "closed_at": None if dispute.status == DisputeStatus.OPEN else dispute.at,
    }
    versions = [Version(dispute.at, actor, values)]
    for step in dispute.history:
        closed = None if step.status == DisputeStatus.OPEN else step.at
        values = {**values, "status": step.status, "closed_at": closed}
        versions.append(Version(step.at, actor_of(step, actor, payment.provider), values))
    return Story("dispute", dispute.id or "", f"payment:{key}", tuple(versions), key)


# --- what a provider told ------------------------------------------------------------------------


def _events(
    item: PaymentIn | AttemptIn, fee: Decimal | None, number: str, path: str
) -> Iterator[Story]:
    by = provider_actor(item.provider)
    amounts_told = any(s.amount and s.status not in REFUND_STAGES for s in item.told)
    for n, step in enumerate(item.told):
        fact = _fact(item, step, n, number)
        if not amounts_told and step.status not in REFUND_STAGES:
            fact |= {"amount": item.amount, "fee": fee}
        version = Version(step.at, by, {"provider": str(item.provider), **fact})
        yield Story(
            "event", f"{item.provider}:{fact['event_id']}", f"event:{fact['event_id']}",
            (version,), path=f"{path}.statusHistory[{n}]",
        )  # fmt: skip


def _fact(item: PaymentIn | AttemptIn, step: ProviderStep, n: int, number: str) -> dict[str, Any]:
    data = dict(step.data)
    if step.refund_id:
        data["refund_id"] = step.refund_id
    if n == 0:
        data = _first_data(item) | data
    return {
        "event_id": step.event_id or event_id(item.order_id, n, step),
        "order_id": item.order_id,
        "status": step.status,
        "at": step.at,
        "work_order": number,
        "amount": step.amount,
        "fee": step.fee_amount,
        "method": item.method if item.method in (Method.CARD, Method.ACH) else "",
        "detail": step.detail,
        "data": data,
    }


def _first_data(item: PaymentIn | AttemptIn) -> dict[str, Any]:
    """What the line knows of card and payer and the fold reads from an event."""
    told = {
        "card_brand": item.card_brand,
        "last4": item.last4,
        "funding": item.funding,
        "payer_name": getattr(item, "payer_name", ""),
    }
    return {name: str(value) for name, value in told.items() if value}


def event_id(order_id: str, index: int, step: ProviderStep) -> str:
    """The id of an event that came without one: the same for the same place and content."""
    content = step.model_dump(mode="json", exclude_unset=True)
    text = json.dumps([order_id, index, content], sort_keys=True, cls=DjangoJSONEncoder)
    return f"import:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def incoming(values: Values) -> IncomingFact:
    """The fact of an event's story, as a webhook would bring it."""
    return IncomingFact(**{k: v for k, v in values.items() if k != "provider"})


def _order(payment: PaymentIn, key: str, actor: Actor, path: str) -> Story:
    """What staff noted on a payment whose row the fold keeps."""
    values: dict[str, Any] = {"provider": payment.provider, "order_id": payment.order_id}
    versions = [Version(min(s.at for s in payment.told), actor, values)]
    for step in payment.history:
        by = actor_of(step, actor, payment.provider)
        values = {**values, **_patch(step, by)}
        versions.append(Version(step.at, by, values))
    return Story("order", key, f"payment:{key}", tuple(versions), path=path)

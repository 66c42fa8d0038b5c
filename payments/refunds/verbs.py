"""Money back, by people: what may go back, and a refund asked for, done, or failed.

Each verb is one transaction and one entry: it locks every job that the payment pays, reads
again, checks, writes. A refund counts from the moment it is queued, and comes back if it fails.
Once a provider tells of it, it follows the provider (``payments.ingest.match_refunds``). Amounts
are in the brand's currency. Bad input raises ValidationError, which names the field.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction

from activity.actors import Actor, ActorKind, acting_as
from activity.actors import current as acting_now
from core import clock
from core.money import ZERO, quantize
from core.refusal import refusal
from core.split import fee_part
from core.transitions import Machine
from invoicing.domain.allocate import Legs
from payments.domain.checks import fits, positive, reason_given
from payments.domain.locks import lock_payment
from payments.domain.money_back import money_back
from payments.domain.numbers import next_number
from payments.domain.post import post
from payments.domain.status import save_changes
from payments.models import (
    RECEIVED_STATUSES,
    Payment,
    PaymentStatus,
    Refund,
    RefundOrigin,
    RefundStatus,
)
from payments.providers.registry import label_of
from payments.timeline.labels import means, money_text
from workorders.models import WorkOrder

S = RefundStatus
# verb → status before → status after. A status that is missing: the verb is refused.
VERBS: Mapping[str, Mapping[str, str]] = {
    "complete": {S.QUEUED: S.COMPLETED, S.PENDING: S.COMPLETED},
    # A bank may accept a refund and send it back days later.
    "fail": {S.QUEUED: S.FAILED, S.PENDING: S.FAILED, S.COMPLETED: S.FAILED},
    "cancel": {S.QUEUED: S.CANCELLED},
}
_PAST = {"complete": "done", "fail": "failed", "cancel": "cancelled"}


# --- how much ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Refundable:
    """What of a payment is still here, by its two parts; neither is negative."""

    services: Decimal
    fee: Decimal

    @property
    def total(self) -> Decimal:
        """Both parts."""
        return self.services + self.fee


@dataclass(frozen=True)
class _Part:
    """A payment, or the share of it that pays one job, and what of it is gone."""

    services: Decimal
    fee: Decimal
    services_gone: Decimal
    fee_gone: Decimal

    @property
    def left(self) -> Refundable:
        """Never more than the money that is here, also where imported parts overdraw one leg."""
        gross = self.services + self.fee - self.services_gone - self.fee_gone
        services = max(min(self.services - self.services_gone, gross), ZERO)
        return Refundable(services, max(min(self.fee - self.fee_gone, gross - services), ZERO))


def refundable(payment: Payment, work_order: WorkOrder | None = None) -> Refundable:
    """What of a received payment is still here; zero of one that is not received.

    With ``work_order``: what of that job's share. Refunds count from when they are queued; what
    a lost dispute took is gone. ValidationError when the payment does not pay that job.
    """
    if payment.status not in RECEIVED_STATUSES:
        nothing = quantize(ZERO, payment.currency)
        return Refundable(nothing, nothing)
    whole = _part(payment).left
    if work_order is None:
        return _exact(whole, payment.currency)
    share = _part(payment, work_order).left
    # An imported refund may have taken more than the share of its job.
    fewer = Refundable(min(share.services, whole.services), min(share.fee, whole.fee))
    return _exact(fewer, payment.currency)


def _exact(left: Refundable, currency: str) -> Refundable:
    return Refundable(quantize(left.services, currency), quantize(left.fee, currency))


def _part(payment: Payment, work_order: WorkOrder | None = None) -> _Part:
    shares = {row.work_order_id: row for row in payment.allocations.all()}
    back = money_back(payment, list(shares.values()))
    if work_order is None:
        gone = sum((back.gone(job) for job in shares), Legs())
        return _Part(payment.services_amount, payment.fee_amount, gone.services, gone.fee)
    if work_order.pk not in shares:
        raise refusal("work_order", "This payment does not pay that job.")
    share, gone = shares[work_order.pk], back.gone(work_order.pk)
    return _Part(share.services_amount, share.fee_amount, gone.services, gone.fee)


def refund_fee(payment: Payment, services: Decimal, work_order: WorkOrder | None = None) -> Decimal:
    """The fee that goes back with ``services``: F(gone so far + this) - F(gone so far).

    Whatever is left of the fee goes with the last of the services. Never negative, never more
    than the fee that is left; nothing of a payment that is all fee. (docs/decisions, refunds)
    """
    left, part = refundable(payment, work_order), _part(payment, work_order)
    quoted = part.services - payment.surplus
    if services <= 0 or left.services == 0 or quoted <= 0 < payment.surplus:
        return quantize(ZERO, payment.currency)
    if services >= left.services:
        return left.fee
    # A surplus goes back first; it carried no fee (docs/decisions/015).
    gone = max(part.services_gone - payment.surplus, ZERO)
    then = max(part.services_gone + services - payment.surplus, ZERO)
    after = fee_part(then, part.fee, quoted, payment.currency)
    before = fee_part(gone, part.fee, quoted, payment.currency)
    return min(max(after - before, ZERO), left.fee)


# --- ask --------------------------------------------------------------------------------------


def queue_refund(
    payment: Payment,
    services: Decimal,
    *,
    reason: str,
    by: str,
    fee: Decimal | None = None,
    work_order: WorkOrder | None = None,
) -> Refund:
    """Ask for money back: ``services`` and the fee that belongs to it.

    ``fee`` is only given where no services are left to refund: money that was all fee. Of a
    payment over several jobs it goes from the share of ``work_order``, the payment's own by
    default. ``by`` is who asks, where nobody is named to the timeline yet. Raises ValidationError
    naming ``services``, ``fee``, ``work_order`` or ``reason``.
    """
    why = reason_given(reason)
    with _acting(by), transaction.atomic():
        current = lock_payment(payment)
        if current.status not in RECEIVED_STATUSES:
            status = PaymentStatus(current.status).label.lower()
            raise refusal("", f"This payment is {status}; there is nothing to refund.")
        job = _job(current, work_order)
        services, fee = _amounts(current, job, services, fee)
        refund = Refund.objects.create(
            brand_id=current.brand_id,
            work_order=job,
            share_of=job,
            payment=current,
            number=next_number(Refund, job),
            status=S.QUEUED,
            currency=current.currency,
            amount=services + fee,
            services_amount=services,
            fee_amount=fee,
            reason=why,
            destination=means(current)[:120],
            happened_at=clock.now(),
        )
        post(current)
        return refund


def _acting(by: str) -> AbstractContextManager[Any]:
    """Whoever acts already; else the person who is named."""
    return nullcontext() if acting_now() else acting_as(Actor(ActorKind.STAFF, by))


def _job(payment: Payment, work_order: WorkOrder | None) -> WorkOrder:
    if work_order is None or work_order.pk == payment.work_order_id:
        return payment.work_order
    share = payment.allocations.filter(work_order=work_order).select_related("work_order").first()
    if share is None:
        raise refusal("work_order", "This payment does not pay that job.")
    return share.work_order


def _amounts(
    payment: Payment, job: WorkOrder, services: Decimal, fee: Decimal | None
) -> tuple[Decimal, Decimal]:
    """Both parts, exact and not more than is left of the job's share."""
    currency, left = payment.currency, refundable(payment, job)
    if left.services == 0 and services == 0:
        return services, _within("fee", fee or ZERO, left.fee, currency)
    exact = _within("services", services, left.services, currency)
    belongs = refund_fee(payment, exact, job)
    if fee is not None and fee != belongs:
        exact_fee = money_text(belongs, currency)
        raise refusal("fee", f"The fee that is refunded with these services is {exact_fee}.")
    return exact, belongs


def _within(field: str, amount: Decimal, left: Decimal, currency: str) -> Decimal:
    exact = positive(amount, currency, field)
    if exact > left:
        name = "services" if field == "services" else "the technology fee"
        raise refusal(field, f"{money_text(left, currency)} of {name} can be refunded.")
    return exact


# --- what becomes of it -----------------------------------------------------------------------


def _why_not(refund: Refund, verb: str, has_move: bool) -> str:
    if refund.origin == RefundOrigin.PROVIDER or refund.provider_events.exists():
        who = label_of(refund.payment.provider)
        return f"{who} reports what happens to this refund; it cannot be changed here."
    if not has_move:
        status = S(refund.status).label.lower()
        return f"This refund is {status}; that does not allow it to be {_PAST[verb]}."
    return ""


REFUNDS = Machine(VERBS, _why_not, partial(refusal, ""))


def refund_why_not(verb: str, refund: Refund) -> str:
    """Why ``verb`` is refused now, in words for the page; "" when it is allowed."""
    return REFUNDS.why_not(refund, verb)


def complete_refund(refund: Refund, *, reference: str, at: datetime | None = None) -> Refund:
    """The money went back: done at the provider, or a check returned. ``at``: when; default now.

    ``reference`` is the provider's id of it, or the number of the check that went out; events of
    the provider that name it are then about this refund. ValidationError naming ``reference`` or
    ``at``.
    """
    name = fits("reference", reference, 120)
    if not name:
        raise refusal("reference", "Enter the provider’s reference of this refund.")
    with transaction.atomic():
        current = locked_refund(refund)
        REFUNDS.allow(current, "complete")
        same = current.payment.refunds.filter(provider_refund_id=name).exclude(pk=current.pk)
        if (other := same.first()) is not None:
            raise refusal("reference", f"That is the reference of R-{other.number}.")
        done = at or clock.now()
        _fits_in_time(current, done)
        values = {"provider_refund_id": name, "completed_at": done, "failure_reason": ""}
        return _set(current, "complete", values)


def _fits_in_time(refund: Refund, at: datetime) -> None:
    if at > clock.now() + timedelta(days=1):
        raise refusal("at", "That day is in the future.")
    if at < refund.payment.happened_at - timedelta(days=1):
        raise refusal("at", "A refund cannot be dated before the payment.")


def fail_refund(refund: Refund, *, why: str) -> Refund:
    """It did not go through, or came back after it had: the money is still here.

    ValidationError naming ``why`` where it is missing.
    """
    text = reason_given(why, name="why", limit=300)
    with transaction.atomic():
        return end_refund(locked_refund(refund), "fail", text)


# --- inside other verbs: the caller holds the transaction --------------------------------------


def end_refund(refund: Refund, verb: str, why: str) -> Refund:
    """The money is here after all: ``verb`` is "fail" or "cancel". Raises ValidationError."""
    return _set(refund, verb, {"failure_reason": why, "completed_at": None})


def locked_refund(refund: Refund) -> Refund:
    """The refund as it is now, with every job that its payment pays locked."""
    payment = lock_payment(refund.payment)
    rows = Refund.objects.select_related("brand", "work_order").select_for_update(
        of=("self",), no_key=True
    )
    current = rows.get(pk=refund.pk, payment=payment)
    current.payment = payment
    return current


def _set(refund: Refund, verb: str, values: Mapping[str, Any]) -> Refund:
    """The one place where people's verbs set the status of a refund. Raises ValidationError."""
    save_changes(refund, {"status": REFUNDS.allow(refund, verb), **values})
    post(refund.payment)
    return refund

"""Provider facts on their way in: stored once, folded with all others of their order.

One transaction per fact, under the lock of its job and of its order. A fact is never lost: what
matches no job waits for a person, what cannot be folded is stored and tried again by a sweep.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog
from django.db import IntegrityError, InterfaceError, OperationalError, transaction

from accounts.models import Brand
from activity.actors import acting_as
from core import clock
from invoicing.domain.rollup import check_settled
from payments.domain.locks import jobs_paid, lock_of_order, lock_order
from payments.domain.post import post
from payments.ingest import exceptions
from payments.ingest.apply import Folded, Order, apply_facts
from payments.ingest.foreign_currency import uncounted
from payments.ingest.incoming import (
    IncomingFact,
    actor_of,
    as_fact,
    checked,
    clean,
    content_hash,
    odd_fees,
)
from payments.ingest.mask_cards import mask_fact
from payments.models import ExceptionKind, Payment, ProviderEvent
from payments.providers.registry import kind_of
from workorders.models import WorkOrder
from workorders.queries import is_numbered

log = structlog.get_logger()

RETRIES = 4


class Outcome(StrEnum):
    """What became of a fact."""

    FOLDED = "folded"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    UNMATCHED = "unmatched"
    UNFOLDABLE = "unfoldable"


@dataclass(frozen=True)
class Received:
    """The stored event (the first one, for a duplicate or conflict) and what became of it."""

    outcome: Outcome
    event: ProviderEvent


class _Moved(Exception):
    """Between finding and locking, the order came to belong elsewhere: look again."""


def receive(
    brand: Brand,
    provider: str,
    fact: IncomingFact,
    *,
    payload: str,
    received_at: datetime,
    imported: bool = False,
) -> Received:
    """Store and fold one fact. The same fact again changes nothing at all.

    Raises ValidationError naming the field when the fact cannot be stored.
    """
    exact = checked(fact, brand.currency)
    with acting_as(actor_of(provider), at=exact.at, imported=imported):
        for _ in range(RETRIES):
            try:
                with transaction.atomic():
                    return _receive(brand, provider, exact, clean(payload), received_at, imported)
            except _Moved:
                continue
    raise OperationalError(f"order {exact.order_id} kept moving between jobs")


def _receive(
    brand: Brand,
    provider: str,
    fact: IncomingFact,
    payload: str,
    received_at: datetime,
    imported: bool,
) -> Received:
    job_id = find_job(brand, provider, fact)
    jobs = lock_of_order(brand, provider, fact.order_id, job_id)
    job = jobs[job_id] if job_id is not None else None
    hashed = content_hash(fact, brand.currency)
    shown, payload, has_masked_card = mask_fact(fact, payload, job=job.number if job else "")
    seen = ProviderEvent.objects.filter(
        brand=brand, provider=provider, event_id=fact.event_id
    ).first()
    if seen is not None:
        # An import masks before it comes here.
        is_same = seen.payload_hash in (hashed, content_hash(shown, brand.currency))
        return Received(Outcome.DUPLICATE, seen) if is_same else _conflict(seen, hashed, payload)
    is_all = jobs_paid(brand, provider, fact.order_id) <= jobs.keys()
    if find_job(brand, provider, fact) != job_id or not is_all:
        raise _Moved
    event = _event(brand, provider, shown, hashed)
    event.payload, event.received_at, event.imported = payload, received_at, imported
    event.has_masked_card = has_masked_card
    earlier = events_of(brand, provider, fact.order_id)
    event.known = kind_of(provider).statuses.ranks.knows(event.status)
    if job is None:
        _insert(event)
        exceptions.raise_unmatched(event)
        return Received(Outcome.UNMATCHED, event)
    waited = any(e.work_order_id is None for e in earlier)
    order = Order(job, provider, fact.order_id, brand.currency)
    is_folded = settle(order, [*earlier, event], imported=imported)
    if waited:
        close_unmatched(event, job, by="Paystory", note=f"Event {fact.event_id} named the job.")
    return Received(Outcome.FOLDED if is_folded else Outcome.UNFOLDABLE, event)


def _event(brand: Brand, provider: str, fact: IncomingFact, hashed: str) -> ProviderEvent:
    """The row of a fact, not stored yet."""
    return ProviderEvent(
        brand=brand,
        provider=provider,
        event_id=fact.event_id,
        order_id=fact.order_id,
        work_order_number=fact.work_order,
        method=fact.method,
        status=fact.status,
        currency=fact.currency,
        amount=fact.amount,
        fee_amount=fact.fee,
        detail=fact.detail,
        data=dict(fact.data),
        happened_at=fact.at,
        payload_hash=hashed,
    )


def _conflict(seen: ProviderEvent, hashed: str, payload: str) -> Received:
    summary = f"Event {seen.event_id} came again with other content; the first one counts."
    # It comes now, whatever time it gives itself.
    with acting_as(actor_of(seen.provider)):
        exceptions.raise_once(
            ExceptionKind.CONFLICT,
            seen,
            summary,
            payment=seen.payment,
            payload=payload,
            key=hashed,
        )
    return Received(Outcome.CONFLICT, seen)


def events_of(brand: Brand, provider: str, order_id: str) -> list[ProviderEvent]:
    """All stored events of one order, in the order in which they happened."""
    rows = ProviderEvent.objects.filter(brand=brand, provider=provider, order_id=order_id)
    return list(rows.order_by("happened_at", "event_id"))


def find_job(brand: Brand, provider: str, fact: IncomingFact) -> int | None:
    """By the order, where it is known; else by the number that the event names."""
    known = job_of_order(brand, provider, fact.order_id)
    number = fact.work_order.strip()
    if known is not None or not number:
        return known
    rows = WorkOrder.objects.filter(is_numbered(number), brand=brand)
    return rows.values_list("pk", flat=True).order_by("pk").first()


def job_of_order(brand: Brand, provider: str, order_id: str) -> int | None:
    """The id of the job that an order is on by now; None while it is on none."""
    events = ProviderEvent.objects.filter(brand=brand, provider=provider, order_id=order_id)
    by_event = events.exclude(work_order=None).values_list("work_order_id", flat=True).first()
    if by_event is not None:
        return by_event
    payments = Payment.objects.filter(brand=brand, provider=provider, provider_order_id=order_id)
    return payments.values_list("work_order_id", flat=True).first()


def _insert(event: ProviderEvent) -> None:
    """Insert; the same event id under another order may come in at this very moment."""
    event.pk, event._state.adding = None, True
    try:
        with transaction.atomic():
            event.save(force_insert=True)
    except IntegrityError as error:
        if "payments_event_once" in str(error):
            raise _Moved from error
        raise


# --- folding ----------------------------------------------------------------------------------


def settle(order: Order, events: Sequence[ProviderEvent], *, imported: bool = False) -> bool:
    """Fold all events of an order onto its job and link them. False: stored, but not folded.

    Events that are not stored yet are inserted with everything set: one fact, one insert.
    ``imported`` as of ``payments.domain.post.post``.
    """
    new = [e for e in events if e._state.adding]
    try:
        with transaction.atomic():
            folded = apply_facts(order, [as_fact(e) for e in events])
            _write_events(order, events, folded)
            if folded.payment is not None:
                folded.payment.brand = order.work_order.brand
            _sync(events, folded)
            if folded.payment is not None:
                post(folded.payment, imported=imported)
            # Here it parks the fact for a person; at commit it would come again for ever.
            check_settled()
    except (OperationalError, InterfaceError, _Moved):
        raise  # the database's own trouble: the whole step is tried again
    except Exception as error:  # whatever a fold raises: the fact is kept, a person is told
        log.exception("payments.unfoldable", order_id=order.order_id, provider=order.provider)
        _keep_unfolded(order, events, new, error)
        return False
    return True


FOLDED = ["work_order_id", "payment_id", "refund_id", "folded_at", "processing_error", "known"]


def _write_events(order: Order, events: Sequence[ProviderEvent], folded: Folded) -> None:
    changed = []
    now = clock.now()
    ranks = kind_of(order.provider).statuses.ranks
    for event in events:
        refund = folded.refund_of.get(event.event_id)
        before = [getattr(event, name) for name in FOLDED]
        event.work_order = order.work_order
        event.payment = folded.payment
        event.refund = refund
        event.folded_at = event.folded_at or now
        event.processing_error = ""
        event.known = ranks.knows(event.status)  # a release may have learnt a status
        if event._state.adding:
            _insert(event)
        elif before != [getattr(event, name) for name in FOLDED]:
            changed.append(event)
    ProviderEvent.objects.bulk_update(changed, FOLDED)


def _sync(events: Sequence[ProviderEvent], folded: Folded) -> None:
    if folded.state is not None:
        by_id = {e.event_id: e for e in events}
        problems = {
            ExceptionKind.AMOUNT: [*folded.state.problems, *odd_fees(events)],
            ExceptionKind.CURRENCY: uncounted(folded.payment, events[-1]),
        }
        exceptions.sync_problems(events[-1], problems, by_id, folded.payment)
    rows = exceptions.of_order(events[-1], ExceptionKind.UNFOLDABLE)
    exceptions.close(rows, by="Paystory", resolution="It could be processed after all.")


def _keep_unfolded(
    order: Order, events: Sequence[ProviderEvent], new: Sequence[ProviderEvent], error: Exception
) -> None:
    """The facts stay, on their job, with what went wrong; nothing else was written."""
    reason = clean(f"{type(error).__name__}: {error}")[:500]
    for event in new:
        event.work_order, event.payment, event.refund = order.work_order, None, None
        event.folded_at, event.processing_error = None, reason
        _insert(event)
    stored = ProviderEvent.objects.filter(pk__in=[e.pk for e in events], folded_at=None)
    behind = stored.exclude(processing_error=reason, work_order=order.work_order)
    behind.update(processing_error=reason, work_order=order.work_order)
    for event in stored:
        summary = f"Event {event.event_id} ({event.status}) could not be processed: {reason}"
        exceptions.raise_once(ExceptionKind.UNFOLDABLE, event, summary)


def has_events(payment: Payment) -> bool:
    """Whether a provider reported anything of this payment's order."""
    if not payment.provider_order_id:
        return False
    order = {"provider": payment.provider, "order_id": payment.provider_order_id}
    return ProviderEvent.objects.filter(brand=payment.brand_id, **order).exists()


def refold(payment: Payment) -> bool:
    """Fold a payment's events again: an import corrected it. The caller holds its job's lock.

    False: they could not be folded, and nothing was posted.
    """
    brand, provider, order_id = payment.brand, payment.provider, payment.provider_order_id
    lock_order(brand, provider, order_id)
    return settle(
        Order(payment.work_order, provider, order_id, brand.currency),
        events_of(brand, provider, order_id),
        imported=True,
    )


def close_unmatched(event: ProviderEvent, job: WorkOrder, *, by: str, note: str) -> None:
    """Resolve the exception of an order that belongs to a job now."""
    rows = exceptions.of_order(event, ExceptionKind.UNMATCHED)
    exceptions.close(rows, by=by, resolution=note, work_order_id=job.pk)

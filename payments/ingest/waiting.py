"""Orders that wait: for a job, for a person who attaches them, or for a fold that failed.

A person attaches an order by hand; a sweep tries everything else again.
"""

import random
from collections.abc import Sequence

import structlog
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Trim, Upper

from accounts.models import Brand
from activity.actors import acting_as
from core.refusal import refusal
from payments.domain.locks import jobs_paid, lock_of_order
from payments.ingest import exceptions, receive
from payments.ingest.apply import Order
from payments.ingest.incoming import actor_of
from payments.models import ExceptionKind, Payment, PaymentException, ProviderEvent
from payments.providers.base import IncomingFact
from workorders.models import WorkOrder

log = structlog.get_logger()


def attach_order(
    brand: Brand, provider: str, order_id: str, work_order: WorkOrder, *, by: str
) -> Payment | None:
    """Put every event of an unmatched order on ``work_order``, fold them, resolve the exception.

    Answers the payment that came of it, if any. ValidationError when the order is on a job already.
    """
    with transaction.atomic():
        jobs = lock_of_order(brand, provider, order_id, work_order.pk)
        job = jobs.get(work_order.pk)
        if job is None:
            raise refusal("work_order", "This brand has no such job.")
        events = receive.events_of(brand, provider, order_id)
        if not events:
            raise refusal("", "Nothing is known of this order.")
        elsewhere = receive.job_of_order(brand, provider, order_id)
        if elsewhere not in (None, job.pk) or jobs_paid(brand, provider, order_id) - jobs.keys():
            raise refusal("", "This order was attached to another job meanwhile.")
        waits = exceptions.of_order(events[-1], ExceptionKind.UNMATCHED)
        if not PaymentException.objects.filter(waits, resolved_at=None).exists():
            raise refusal("", "This is resolved already; nothing of it waits for a job.")
        receive.settle(Order(job, provider, order_id, brand.currency), events)
        receive.close_unmatched(events[-1], job, by=by, note=f"Attached to {job.number}.")
        return Payment.objects.filter(
            brand=brand, provider=provider, provider_order_id=order_id
        ).first()


def retry_unfolded(limit: int = 200) -> int:
    """Fold what could not be folded before; answers how many orders went through."""
    waiting = ProviderEvent.objects.filter(folded_at=None, work_order__isnull=False)
    return _again(waiting, limit)


def match_waiting(limit: int = 200) -> int:
    """Orders whose job was booked after their first event find it; answers how many.

    Any event of the order may name the job.
    """
    number = OuterRef("work_order_number")
    jobs = WorkOrder.objects.annotate(in_capitals=Upper("number"))
    booked = jobs.filter(brand=OuterRef("brand"), in_capitals=Upper(Trim(number)))
    asked = PaymentException.objects.filter(
        brand=OuterRef("brand"),
        kind=ExceptionKind.UNMATCHED,
        resolved_at=None,
        event__provider=OuterRef("provider"),
        event__order_id=OuterRef("order_id"),
    )
    waiting = ProviderEvent.objects.filter(Exists(booked), Exists(asked), work_order=None)
    return _again(waiting, limit)


def _again(waiting: QuerySet[ProviderEvent], limit: int) -> int:
    done = 0
    orders = list(waiting.order_by().values_list("brand_id", "provider", "order_id").distinct())
    random.shuffle(orders)  # those that fail again never stand before the others for ever
    for brand_id, provider, order_id in orders[:limit]:
        brand = Brand.objects.get(pk=brand_id)
        try:
            done += _retry(brand, provider, order_id)
        except (OperationalError, ValidationError):
            log.exception("payments.retry_failed", order_id=order_id, provider=provider)
    return done


def _retry(brand: Brand, provider: str, order_id: str) -> bool:
    events = receive.events_of(brand, provider, order_id)
    last = events[-1]
    job_id = _find_by_any(brand, events)
    if job_id is None:
        return False
    with acting_as(actor_of(provider), at=last.happened_at), transaction.atomic():
        jobs = lock_of_order(brand, provider, order_id, job_id)
        job = jobs[job_id]
        events = receive.events_of(brand, provider, order_id)
        is_all = jobs_paid(brand, provider, order_id) <= jobs.keys()
        if _find_by_any(brand, events) != job_id or not is_all:
            return False
        is_folded = receive.settle(Order(job, provider, order_id, brand.currency), events)
        if is_folded:
            receive.close_unmatched(
                last, job, by="Paystory", note=f"{job.number} was booked meanwhile."
            )
        return is_folded


def _find_by_any(brand: Brand, events: Sequence[ProviderEvent]) -> int | None:
    """The job that the order is on, or that any of its events names, the first one first."""
    for event in events:
        number = event.work_order_number
        fact = IncomingFact("", event.order_id, "", event.happened_at, work_order=number)
        if (job_id := receive.find_job(brand, event.provider, fact)) is not None:
            return job_id
    return None

"""Booking a job, editing it, and moving it between its states."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Brand
from core import clock
from core.transitions import Machine, moves_to
from workorders.domain import numbers
from workorders.domain.card_fee import record_switch
from workorders.domain.hooks import status_changed
from workorders.domain.locks import lock_work_order
from workorders.domain.numbers import NumberTaken
from workorders.domain.people import NewClient, create_client
from workorders.domain.reasons import cleaned_reason
from workorders.models import Client, Contact, ContactRole, Origin, WorkOrder, WorkOrderStatus

# From a status to those that a person may set. A cancelled job may be taken up again.
TRANSITIONS: dict[WorkOrderStatus, frozenset[WorkOrderStatus]] = {
    WorkOrderStatus.PENDING: frozenset({WorkOrderStatus.CONFIRMED, WorkOrderStatus.CANCELLED}),
    WorkOrderStatus.CONFIRMED: frozenset({WorkOrderStatus.PENDING, WorkOrderStatus.CANCELLED}),
    WorkOrderStatus.CANCELLED: frozenset({WorkOrderStatus.PENDING, WorkOrderStatus.CONFIRMED}),
}


def _why_not(job: WorkOrder, to: str, has_move: bool) -> str:
    # The table leads from every status to every other, so only standing still is refused.
    return (
        "" if has_move else f"{job.number} is {WorkOrderStatus(job.status).label.lower()} already."
    )


JOBS = Machine(moves_to(TRANSITIONS), _why_not, lambda why: ValidationError({"status": why}))
# Leaving or entering *cancelled* surprises people later: these ask why.
REASON_REQUIRED = frozenset({WorkOrderStatus.CANCELLED})
# How often an automatic number may meet one that was typed at the same moment.
_TRIES = 20


@dataclass(frozen=True)
class JobDetails:
    """What a CSR may edit about the job itself; its money and people have verbs of their own."""

    address: str = ""
    scheduled_for: datetime | None = None
    inspector: str = ""


def create_work_order(
    brand: Brand,
    *,
    client: Client | NewClient,
    details: JobDetails,
    number: str = "",
    origin: Origin = Origin.NATIVE,
    happened_at: datetime | None = None,
) -> WorkOrder:
    """Book a job for ``client``, who becomes its first contact and gets the invoices (by e-mail).

    Without ``number`` it takes the brand's next one, before its own transaction begins; that
    number is not used again when the booking fails. Raises ValidationError naming ``number``
    when it is taken or cannot stand in an address, ``client`` when it is another brand's.
    """
    if isinstance(client, Client) and client.brand_id != brand.pk:
        raise ValidationError({"client": "This client belongs to another brand."})
    book = partial(_book, brand, client, details, origin, happened_at or clock.now())
    number = number.strip()
    if not number:
        return _with_next_number(brand, book)
    numbers.check_number(brand, number)
    with transaction.atomic():
        job = book(number)
        numbers.move_past(brand, number)
    return job


def _with_next_number(brand: Brand, book: Callable[[str], WorkOrder]) -> WorkOrder:
    for _ in range(_TRIES):
        try:
            return book(numbers.take_number(brand))
        except NumberTaken as error:
            # Somebody typed this very number at the same moment: the next one is free.
            taken = error
    raise taken


@transaction.atomic
def _book(
    brand: Brand,
    client: Client | NewClient,
    details: JobDetails,
    origin: Origin,
    at: datetime,
    number: str,
) -> WorkOrder:
    """Write the job and its first contact. Raises NumberTaken.

    The brand is not locked, so no other insert of the brand waits for this transaction.
    """
    if isinstance(client, NewClient):
        client = create_client(brand, **asdict(client))
    try:
        job = WorkOrder.objects.create(
            brand=brand,
            client=client,
            number=number,
            origin=origin,
            happened_at=at,
            address=details.address.strip(),
            scheduled_for=details.scheduled_for,
            inspector=details.inspector.strip(),
        )
    except IntegrityError as error:
        if numbers.is_collision(error):
            raise NumberTaken(number) from error
        raise
    Contact.objects.create(
        brand=brand,
        work_order=job,
        role=ContactRole.CLIENT,
        name=client.name,
        email=client.email,
        phone=client.phone,
        gets_invoices=bool(client.email),
        happened_at=at,
    )
    return job


@transaction.atomic
def edit_details(brand: Brand, work_order_id: int, details: JobDetails) -> WorkOrder:
    """Set address, time and inspector of a job."""
    job = lock_work_order(brand, work_order_id)
    job.address = details.address.strip()
    job.scheduled_for = details.scheduled_for
    job.inspector = details.inspector.strip()
    job.save(update_fields=["address", "scheduled_for", "inspector"])
    return job


@transaction.atomic
def set_status(
    brand: Brand, work_order_id: int, status: WorkOrderStatus, *, reason: str = ""
) -> WorkOrder:
    """Move a job to ``status`` and tell the hooks. Charges, money and report stay as they are.

    Raises ValidationError naming ``status`` for a move that TRANSITIONS does not have (also to
    the status that it has: somebody else was faster), ``reason`` where one is missing.
    """
    job = lock_work_order(brand, work_order_id)
    current = WorkOrderStatus(job.status)
    JOBS.allow(job, status)
    job.reason = cleaned_reason(
        reason, required=status in REASON_REQUIRED or current in REASON_REQUIRED
    )
    JOBS.apply(job, status, "reason")
    status_changed(job, current)
    return job


@transaction.atomic
def set_published(
    brand: Brand, work_order_id: int, published: bool, *, at: datetime | None = None
) -> WorkOrder:
    """Note that the report is (or no longer is) published; a second time changes nothing."""
    job = lock_work_order(brand, work_order_id)
    if (job.published_at is not None) != published:
        job.published_at = (at or clock.now()) if published else None
        job.save(update_fields=["published_at"])
    return job


@transaction.atomic
def set_fee_disabled(brand: Brand, work_order_id: int, disabled: bool, *, reason: str) -> WorkOrder:
    """Switch the card fee off (or on again) for one job; fees already collected stay.

    The switch is dated: card payments are quoted by how it was when they came (docs/decisions/003).
    ValidationError names ``reason``, which the timeline shows.
    """
    job = lock_work_order(brand, work_order_id)
    if job.fee_disabled != disabled:
        job.reason = cleaned_reason(reason, required=True)
        job.fee_disabled = disabled
        job.save(update_fields=["fee_disabled", "reason"])
        record_switch(job)
    return job

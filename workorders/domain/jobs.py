"""Booking a job, editing it, and moving it between its states."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import BigIntegerField, Max
from django.db.models.functions import Cast, Length, Substr

from accounts.models import Brand
from core import clock
from workorders.domain.hooks import check_may_delete, status_changed
from workorders.domain.locks import lock_work_order
from workorders.domain.people import NewClient, create_client
from workorders.domain.reasons import cleaned_reason
from workorders.models import Client, Contact, ContactRole, Origin, WorkOrder, WorkOrderStatus

# From a status to those that a person may set. A cancelled job may be taken up again.
TRANSITIONS: dict[WorkOrderStatus, frozenset[WorkOrderStatus]] = {
    WorkOrderStatus.PENDING: frozenset({WorkOrderStatus.CONFIRMED, WorkOrderStatus.CANCELLED}),
    WorkOrderStatus.CONFIRMED: frozenset({WorkOrderStatus.PENDING, WorkOrderStatus.CANCELLED}),
    WorkOrderStatus.CANCELLED: frozenset({WorkOrderStatus.PENDING, WorkOrderStatus.CONFIRMED}),
}
# Leaving or entering *cancelled* surprises people later: these ask why.
REASON_REQUIRED = frozenset({WorkOrderStatus.CANCELLED})
# Words that stand where a number stands in addresses of pages.
RESERVED_NUMBERS = frozenset({"new"})
_NUMBER_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


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

    Without ``number`` it takes the brand's next one. Raises ValidationError naming ``number``
    when it is taken or cannot stand in an address, ``client`` when it is another brand's.
    """
    if isinstance(client, Client) and client.brand_id != brand.pk:
        raise ValidationError({"client": "This client belongs to another brand."})
    with transaction.atomic():
        # Two people booking at once get two numbers. No work order exists yet to be locked.
        Brand.objects.select_for_update(no_key=True).get(pk=brand.pk)
        at = happened_at or clock.now()
        if isinstance(client, NewClient):
            client = create_client(brand, **asdict(client))
        job = WorkOrder.objects.create(
            brand=brand,
            client=client,
            number=_free_number(brand, number.strip()),
            origin=origin,
            happened_at=at,
            address=details.address.strip(),
            scheduled_for=details.scheduled_for,
            inspector=details.inspector.strip(),
        )
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


def next_number(brand: Brand) -> str:
    """The brand's prefix and the number after the highest one that it used: ``FHI625``."""
    prefix = brand.number_prefix
    used = (
        WorkOrder.objects.filter(brand=brand, number__startswith=prefix)
        .annotate(tail=Substr("number", len(prefix) + 1), length=Length("number"))
        # At most 12 digits: an imported number may be anything.
        .filter(tail__regex=r"^\d{1,12}$")
        .aggregate(highest=Max(Cast("tail", BigIntegerField())))["highest"]
    )
    return f"{prefix}{(used or 0) + 1}"


def _free_number(brand: Brand, number: str) -> str:
    if not number:
        return next_number(brand)
    if number.lower() in RESERVED_NUMBERS or not set(number) <= _NUMBER_CHARACTERS:
        raise ValidationError({"number": "Use letters, digits, “-”, “_” and “.” only."})
    if WorkOrder.objects.filter(brand=brand, number__iexact=number).exists():
        raise ValidationError({"number": f"{number} is taken."})
    return number


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
    where the job already stands: somebody else was faster), ``reason`` where one is missing.
    """
    job = lock_work_order(brand, work_order_id)
    current = WorkOrderStatus(job.status)
    if status not in TRANSITIONS[current]:
        raise ValidationError({"status": f"{job.number} is {current.label.lower()} already."})
    job.reason = cleaned_reason(
        reason, required=status in REASON_REQUIRED or current in REASON_REQUIRED
    )
    job.status = status
    job.save(update_fields=["status", "reason"])
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

    ValidationError names ``reason``, which the timeline shows.
    """
    job = lock_work_order(brand, work_order_id)
    if job.fee_disabled != disabled:
        job.reason = cleaned_reason(reason, required=True)
        job.fee_disabled = disabled
        job.save(update_fields=["fee_disabled", "reason"])
    return job


@transaction.atomic
def delete_work_order(brand: Brand, work_order_id: int) -> None:
    """Delete a job that was booked by mistake. Its history on the activity feed stays.

    Raises ValidationError with the reasons of whoever objects (a job with money is never
    deleted); the database refuses what a hook forgot.
    """
    job = lock_work_order(brand, work_order_id)
    check_may_delete(job)
    job.delete()

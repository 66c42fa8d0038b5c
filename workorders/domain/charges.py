"""What is billed on a job: all of its charges are replaced by one verb."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Brand
from core import clock, money
from workorders.domain import fingerprint, hooks
from workorders.domain.locks import lock_work_order
from workorders.models import Charge, Service, ServiceType, WorkOrder

MAX_LINES = 200


@dataclass(frozen=True)
class ChargeLine:
    """One line as it shall be. ``id`` None adds it; an existing charge not named is removed.

    ``amount`` is in the brand's currency; a discount is negative.
    """

    description: str
    amount: Decimal
    id: int | None = None
    service_id: int | None = None
    service_type: ServiceType = ServiceType.STANDARD


def charges_fingerprint(charges: Sequence[Charge]) -> str:
    """What a form carries to notice that the charges changed meanwhile."""
    return fingerprint.fingerprint(
        (c.pk, c.description, str(c.amount), c.service_type, c.service_id, c.position)
        for c in charges
    )


def total(lines: Sequence[ChargeLine] | Sequence[Charge], currency: str) -> Decimal:
    """The sum of the charges in ``currency``."""
    return money.total((line.amount for line in lines), currency)


@transaction.atomic
def replace_charges(
    brand: Brand, work_order_id: int, lines: Sequence[ChargeLine], *, expected: str | None = None
) -> list[Charge]:
    """Make ``lines`` the job's charges, in their order, and tell the hooks if anything differs.

    ``expected`` is the ``charges_fingerprint`` that the caller saw. Raises ValidationError for a
    bill below zero (a credit note is what is meant), for amounts finer than the currency, for
    lines without words, for unknown charges or services, and when ``expected`` is outdated.
    """
    job = lock_work_order(brand, work_order_id)
    before = list(job.charges.all())
    fingerprint.check(expected, charges_fingerprint(before))
    _check(brand, lines, {c.pk for c in before})
    wanted = _removed(before, lines)
    changed = _written(job, {c.pk: c for c in before}, lines) or wanted
    if changed:
        hooks.charges_changed(job)
    return list(job.charges.all())


def _check(brand: Brand, lines: Sequence[ChargeLine], known: set[int]) -> None:
    if len(lines) > MAX_LINES:
        raise ValidationError({"charges": f"At most {MAX_LINES} lines."})
    for line in lines:
        _check_line(brand, line)
    ids = [line.id for line in lines if line.id is not None]
    if len(ids) != len(set(ids)) or not set(ids) <= known:
        raise ValidationError(fingerprint.CHANGED, code="changed")
    services = {line.service_id for line in lines if line.service_id is not None}
    if Service.objects.filter(brand=brand, pk__in=services).count() != len(services):
        raise ValidationError({"service": "Choose a service of this brand."})
    if total(lines, brand.currency) < 0:
        raise ValidationError(
            {"charges": "The charges add up to less than zero. Lower the discount."}
        )


def _check_line(brand: Brand, line: ChargeLine) -> None:
    if not line.description.strip():
        raise ValidationError({"description": "Say what is being billed."})
    if len(line.description) > 240:
        raise ValidationError({"description": "At most 240 characters."})
    if line.amount != money.quantize(line.amount, brand.currency):
        places = money.decimals(brand.currency)
        raise ValidationError({"amount": f"{brand.currency} has {places} decimals."})


def _removed(before: Sequence[Charge], lines: Sequence[ChargeLine]) -> bool:
    kept = {line.id for line in lines}
    gone = [charge.pk for charge in before if charge.pk not in kept]
    if gone:
        Charge.objects.filter(pk__in=gone).delete()
    return bool(gone)


def _written(job: WorkOrder, before: dict[int, Charge], lines: Sequence[ChargeLine]) -> bool:
    """Insert new lines and update those that differ; whether there were any."""
    new, differing = [], []
    for position, line in enumerate(lines):
        charge = before.get(line.id or 0) or Charge(
            brand=job.brand, work_order=job, happened_at=clock.now()
        )
        was = _values(charge)
        charge.description = line.description.strip()
        charge.amount = money.quantize(line.amount, job.brand.currency)
        charge.service_type = line.service_type
        charge.service_id = line.service_id
        charge.position = position
        if charge._state.adding:
            new.append(charge)
        elif was != _values(charge):
            differing.append(charge)
    Charge.objects.bulk_create(new)
    if differing:
        Charge.objects.bulk_update(
            differing, ["description", "amount", "service_type", "service", "position"]
        )
    return bool(new or differing)


def _values(charge: Charge) -> tuple[object, ...]:
    return (
        charge.description,
        charge.amount,
        charge.service_type,
        charge.service_id,
        charge.position,
    )

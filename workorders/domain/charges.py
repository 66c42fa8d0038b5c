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
from workorders.domain.reasons import cleaned_reason
from workorders.models import Charge, Service, ServiceType, WorkOrder

MAX_LINES = 200
NO_TAX = Decimal("0.0000")
MAX_TAX_NAME = 60
# What a line says of its charge.
_WRITTEN = (
    "description", "amount", "service_type", "service_id", "tax_name", "tax_percent",
    "tax_amount", "position",
)  # fmt: skip


@dataclass(frozen=True)
class ChargeLine:
    """One line as it shall be. ``id`` None adds it; an existing charge not named is removed.

    ``amount`` is in the brand's currency, before tax; a discount is negative. ``tax_percent``
    (8.25 is 8.25 %) comes on top and is named; 0 and no name is untaxed.
    """

    description: str
    amount: Decimal
    id: int | None = None
    service_id: int | None = None
    service_type: ServiceType = ServiceType.STANDARD
    tax_name: str = ""
    tax_percent: Decimal = NO_TAX


def charges_fingerprint(charges: Sequence[Charge]) -> str:
    """What a form carries to notice that the charges changed meanwhile."""
    return fingerprint.fingerprint(
        (c.pk, *(str(v) if isinstance(v, Decimal) else v for v in _values(c))) for c in charges
    )


def total(lines: Sequence[ChargeLine] | Sequence[Charge], currency: str) -> Decimal:
    """The sum of the charges in ``currency``, before tax."""
    return money.total((line.amount for line in lines), currency)


def tax_total(lines: Sequence[ChargeLine] | Sequence[Charge], currency: str) -> Decimal:
    """The sum of the taxes of all lines in ``currency``; each line is rounded by itself."""
    return money.total((tax_of(line, currency) for line in lines), currency)


def tax_of(line: ChargeLine | Charge, currency: str) -> Decimal:
    """The tax of one line in ``currency``: as it was imported, else computed."""
    if isinstance(line, Charge) and line.tax_amount is not None:
        return money.quantize(line.tax_amount, currency)
    return money.charge_tax(line.amount, line.tax_percent, currency)


@transaction.atomic
def replace_charges(
    brand: Brand,
    work_order_id: int,
    lines: Sequence[ChargeLine],
    *,
    expected: str | None = None,
    reason: str = "",
) -> list[Charge]:
    """Make ``lines`` the job's charges, in their order, and tell the hooks if anything differs.

    ``expected`` is the ``charges_fingerprint`` that the caller saw; ``reason`` goes to the hooks,
    which say whether they need one. Raises ValidationError for a bill below zero (a credit note
    is what is meant), for amounts finer than the currency, for lines without words, for a tax
    that cannot stand, for unknown charges or services, and when ``expected`` is outdated.
    """
    reason = cleaned_reason(reason, required=False)
    job = lock_work_order(brand, work_order_id)
    before = list(job.charges.all())
    fingerprint.check(expected, charges_fingerprint(before))
    _check(brand, lines, {c.pk for c in before})
    wanted = _removed(before, lines)
    changed = _written(job, {c.pk: c for c in before}, lines) or wanted
    if changed:
        hooks.charges_changed(job, reason)
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
    currency = brand.currency
    if min(total(lines, currency), total(lines, currency) + tax_total(lines, currency)) < 0:
        raise ValidationError(
            {
                "charges": "The charges add up to less than zero. Lower the discount, or make a "
                "credit note of an issued invoice."
            }
        )


def _check_line(brand: Brand, line: ChargeLine) -> None:
    if not line.description.strip():
        raise ValidationError({"description": "Enter what is billed."})
    if len(line.description) > 240:
        raise ValidationError({"description": "At most 240 characters."})
    if line.amount != money.quantize(line.amount, brand.currency):
        places = money.decimals(brand.currency)
        raise ValidationError({"amount": f"{brand.currency} has {places} decimals."})
    _check_tax(line)


def _check_tax(line: ChargeLine) -> None:
    if not money.is_percent(line.tax_percent):
        raise ValidationError({"tax_percent": "A tax is between 0 and 100 %, with 4 decimals."})
    if bool(line.tax_name.strip()) != (line.tax_percent > 0):
        raise ValidationError({"tax_name": "A tax needs a name, and a name needs a tax."})
    if len(line.tax_name) > MAX_TAX_NAME:
        raise ValidationError({"tax_name": f"At most {MAX_TAX_NAME} characters."})


def _removed(before: Sequence[Charge], lines: Sequence[ChargeLine]) -> bool:
    remaining = {line.id for line in lines}
    gone = [charge.pk for charge in before if charge.pk not in remaining]
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
        was, taxed = _values(charge), (charge.amount, charge.tax_name, charge.tax_percent)
        charge.description = line.description.strip()
        charge.amount = money.quantize(line.amount, job.brand.currency)
        charge.service_type = line.service_type
        charge.service_id = line.service_id
        charge.tax_name = line.tax_name.strip()
        charge.tax_percent = line.tax_percent.quantize(NO_TAX)
        charge.position = position
        if taxed != (charge.amount, charge.tax_name, charge.tax_percent):
            charge.tax_amount = None
        if charge._state.adding:
            new.append(charge)
        elif was != _values(charge):
            differing.append(charge)
    Charge.objects.bulk_create(new)
    if differing:
        Charge.objects.bulk_update(differing, _WRITTEN)
    return bool(new or differing)


def _values(charge: Charge) -> tuple[object, ...]:
    return tuple(getattr(charge, name) for name in _WRITTEN)

"""The taxes that a brand adds to lines."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Brand
from core.money import is_percent
from workorders.models import TaxRate


@transaction.atomic
def create_tax_rate(brand: Brand, *, name: str, percent: Decimal) -> TaxRate:
    """Add a rate (8.25 is 8.25 %); ValidationError names ``name`` or ``percent``."""
    return _save(TaxRate(brand=brand), name, percent, is_active=True)


@transaction.atomic
def edit_tax_rate(
    brand: Brand, tax_rate_id: int, *, name: str, percent: Decimal, is_active: bool
) -> TaxRate:
    """Change a rate, or stop offering it; charges keep the name and percent that they copied.

    Raises like ``create_tax_rate``, and ``TaxRate.DoesNotExist`` for another brand's.
    """
    rate = TaxRate.objects.select_for_update(no_key=True).get(brand=brand, pk=tax_rate_id)
    rate.brand = brand
    return _save(rate, name, percent, is_active=is_active)


def _save(rate: TaxRate, name: str, percent: Decimal, *, is_active: bool) -> TaxRate:
    rate.name = _free_name(rate, name)
    # A charge without tax carries no rate: 0 % would be a second word for it.
    if not is_percent(percent) or percent == 0:
        raise ValidationError(
            {"percent": "Above 0 and at most 100, with up to 4 decimals; like 8.25."}
        )
    rate.percent = percent
    rate.is_active = is_active
    rate.save()
    return rate


def _free_name(rate: TaxRate, name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned:
        raise ValidationError({"name": "A name is needed; clients see it on their invoice."})
    if len(cleaned) > 60:
        raise ValidationError({"name": "At most 60 characters."})
    others = TaxRate.objects.filter(brand=rate.brand, name__iexact=cleaned)
    if others.exclude(pk=rate.pk).exists():
        raise ValidationError({"name": f"There is a tax rate “{cleaned}” already."})
    return cleaned

"""The catalogue of what a brand sells."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Brand
from core import money
from workorders.models import Service, ServiceType, TaxRate


def create_service(
    brand: Brand,
    *,
    name: str,
    service_type: ServiceType = ServiceType.STANDARD,
    default_price: Decimal | None = None,
    tax_rate_id: int | None = None,
) -> Service:
    """Add a catalogue item; ``default_price`` in the brand's currency, None where it varies.

    Raises ValidationError naming ``name`` (missing or taken), ``default_price`` or ``tax_rate``
    (another brand's).
    """
    service = Service(brand=brand, tax_rate=_tax_rate(brand, tax_rate_id))
    return _save(service, name, service_type, default_price, is_active=True)


@transaction.atomic
def edit_service(
    brand: Brand,
    service_id: int,
    *,
    name: str,
    service_type: ServiceType,
    default_price: Decimal | None,
    tax_rate_id: int | None,
    is_active: bool,
) -> Service:
    """Change a catalogue item; charges that were made from it stay as they are.

    Raises like ``create_service``, and ``Service.DoesNotExist`` for another brand's.
    """
    service = Service.objects.select_for_update(no_key=True).get(brand=brand, pk=service_id)
    service.brand = brand
    service.tax_rate = _tax_rate(brand, tax_rate_id)
    return _save(service, name, service_type, default_price, is_active=is_active)


@transaction.atomic
def _save(
    service: Service,
    name: str,
    service_type: ServiceType,
    default_price: Decimal | None,
    *,
    is_active: bool,
) -> Service:
    service.name = _free_name(service, name)
    service.service_type = service_type
    service.default_price = _exact(default_price, service.brand.currency)
    service.is_active = is_active
    service.save()
    return service


def _tax_rate(brand: Brand, tax_rate_id: int | None) -> TaxRate | None:
    if tax_rate_id is None:
        return None
    rate = TaxRate.objects.filter(brand=brand, pk=tax_rate_id).first()
    if rate is None:
        raise ValidationError({"tax_rate": "Choose a tax rate of this brand."})
    return rate


def _exact(price: Decimal | None, currency: str) -> Decimal | None:
    if price is not None and price != money.quantize(price, currency):
        places = money.decimals(currency)
        raise ValidationError({"default_price": f"{currency} has {places} decimals."})
    return price


def _free_name(service: Service, name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned:
        raise ValidationError({"name": "A name is needed."})
    others = Service.objects.filter(brand=service.brand, name__iexact=cleaned)
    if others.exclude(pk=service.pk).exists():
        raise ValidationError({"name": f"“{cleaned}” is in the catalogue already."})
    return cleaned

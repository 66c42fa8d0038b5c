"""The catalogue of a brand."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Brand
from tests.factories import BrandFactory
from workorders.domain import services
from workorders.models import Service, ServiceType


def test_the_catalogue_has_each_name_once_per_brand(brand: Brand) -> None:
    services.create_service(brand, name="Radon test", default_price=Decimal("149.50"))

    with pytest.raises(ValidationError) as refused:
        services.create_service(brand, name="RADON  test")
    services.create_service(BrandFactory(), name="Radon test")

    assert list(refused.value.error_dict) == ["name"]
    assert Service.objects.count() == 2


def test_a_service_keeps_its_name_and_stops_being_offered(brand: Brand) -> None:
    service = services.create_service(brand, name="Radon test")

    services.edit_service(
        brand,
        service.pk,
        name="Radon test",
        service_type=ServiceType.STANDARD,
        default_price=None,
        tax_rate_id=None,
        is_active=False,
    )

    service.refresh_from_db()
    assert (service.is_active, service.default_price) == (False, None)

"""A brand with one job and somebody of each role."""

import pytest

from accounts.models import Brand
from tests.factories import BrandFactory, WorkOrderFactory
from workorders.models import WorkOrder


@pytest.fixture
def brand(db: None) -> Brand:
    return BrandFactory(slug="fhi", name="Frontier Home Inspections")


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    return WorkOrderFactory(brand=brand, number="FHI624", client__name="Priya Raman")

"""A job of the demo with a FlexFund account, and one of a brand that did not come with it."""

from decimal import Decimal

import pytest

from core.secrets import seal
from payments.models import ProviderAccount
from tests.factories import BrandFactory, ChargeFactory, WorkOrderFactory
from workorders.models import WorkOrder


@pytest.fixture
def job(transactional_db: None) -> WorkOrder:
    work_order: WorkOrder = WorkOrderFactory(brand=BrandFactory(slug="fhi"), number="FHI624")
    ChargeFactory(work_order=work_order, amount=Decimal("329.00"))
    ProviderAccount.objects.create(
        brand=work_order.brand, provider="flexfund", webhook_secret=seal("demo-secret")
    )
    return work_order


@pytest.fixture
def real_job(transactional_db: None) -> WorkOrder:
    brand = BrandFactory(slug="real", name="Real Company")
    work_order: WorkOrder = WorkOrderFactory(brand=brand, number="R1")
    ProviderAccount.objects.create(
        brand=brand, provider="flexfund", webhook_secret=seal("their own")
    )
    return work_order

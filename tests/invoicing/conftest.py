"""A brand with one job, one client, and somebody of each role."""

import pytest
from django.test import Client as Browser

from accounts.models import Brand, Role
from tests.factories import BrandFactory, ClientFactory, MembershipFactory, WorkOrderFactory
from tests.invoicing.billed_items import bill, cash
from tests.invoicing.browsing import SignIn
from workorders.models import Client, WorkOrder


@pytest.fixture
def brand(db: None) -> Brand:
    return BrandFactory(slug="fhi", name="Frontier Home Inspections")


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    return WorkOrderFactory(brand=brand, number="FHI624", client__name="Priya Raman")


@pytest.fixture
def paid_job(job: WorkOrder) -> WorkOrder:
    bill(job, "300.00", "700.00")
    cash(job, "1000.00")
    return job


@pytest.fixture
def person(brand: Brand) -> Client:
    made: Client = ClientFactory(brand=brand, name="Priya Raman")
    return made


@pytest.fixture
def sign_in(brand: Brand) -> SignIn:
    def _sign_in(role: Role = Role.BILLING) -> Browser:
        browser = Browser()
        browser.force_login(MembershipFactory(brand=brand, role=role).user)
        return browser

    return _sign_in

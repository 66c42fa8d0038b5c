"""A brand with one job, and a CSR who works there."""

import pytest
from django.test import Client as Browser

from accounts.models import Brand, Membership, Role
from tests.factories import BrandFactory, MembershipFactory, WorkOrderFactory
from workorders.models import WorkOrder


@pytest.fixture
def brand(db: None) -> Brand:
    return BrandFactory(slug="fhi", number_prefix="FHI")


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    return WorkOrderFactory(brand=brand, number="FHI624", client__name="Priya Raman")


@pytest.fixture
def csr(brand: Brand, client: Browser) -> Browser:
    client.force_login(MembershipFactory(brand=brand, user__name="Dana Whitfield").user)
    return client


@pytest.fixture
def billing(brand: Brand, client: Browser) -> Browser:
    member: Membership = MembershipFactory(brand=brand, role=Role.BILLING)
    client.force_login(member.user)
    return client

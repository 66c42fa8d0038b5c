"""A brand with an admin, and somebody who works there."""

import pytest
from django.test import Client

from accounts.models import Brand, Membership, Role
from tests.factories import BrandFactory, MembershipFactory


@pytest.fixture
def brand(db: None) -> Brand:
    return BrandFactory(slug="fhi", name="Foothill Home Inspections")


@pytest.fixture
def admin(brand: Brand) -> Membership:
    return MembershipFactory(brand=brand, user__name="Ana Ruiz", role=Role.ADMIN)


@pytest.fixture
def csr(brand: Brand) -> Membership:
    return MembershipFactory(
        brand=brand, user__name="Dana Whitfield", user__email="dana@example.com"
    )


@pytest.fixture
def as_admin(admin: Membership, client: Client) -> Client:
    client.force_login(admin.user)
    return client

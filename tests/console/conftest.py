"""A brand, and a CSR who opens its lists."""

import pytest
from django.test import Client as Browser

from accounts.models import Brand, Role
from tests.factories import BrandFactory, MembershipFactory


@pytest.fixture
def brand(db: None) -> Brand:
    return BrandFactory(slug="fhi", number_prefix="FHI")


@pytest.fixture
def csr(brand: Brand, client: Browser) -> Browser:
    client.force_login(MembershipFactory(brand=brand, user__name="Dana Whitfield").user)
    return client


@pytest.fixture
def sign_in_billing(brand: Brand) -> Browser:
    """Another browser, of somebody who decides about fees."""
    browser = Browser()
    browser.force_login(MembershipFactory(brand=brand, role=Role.BILLING).user)
    return browser

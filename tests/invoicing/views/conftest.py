"""Somebody of each role, signed in."""

import pytest
from django.test import Client as Browser

from accounts.models import Brand, Role
from tests.factories import MembershipFactory


def signed_in(brand: Brand, role: Role) -> Browser:
    browser = Browser()
    browser.force_login(MembershipFactory(brand=brand, role=role).user)
    return browser


@pytest.fixture
def csr(brand: Brand) -> Browser:
    return signed_in(brand, Role.CSR)


@pytest.fixture
def billing(brand: Brand) -> Browser:
    return signed_in(brand, Role.BILLING)


@pytest.fixture
def admin(brand: Brand) -> Browser:
    return signed_in(brand, Role.ADMIN)

"""Founding a brand, and what a brand may be called."""

import pytest

from accounts.domain import brands
from accounts.domain.errors import BrandRefused
from accounts.models import Brand, Role, User

GOOD = {
    "slug": "fhi",
    "name": "Foothill Home Inspections",
    "prefix": "FHI",
    "currency": "CAD",
    "time_zone": "America/Boise",
    "email": "ruth@example.com",
    "admin": "",
}
pytestmark = pytest.mark.django_db


def test_its_first_admin_is_called_after_the_address_without_a_name() -> None:
    member = brands.create_brand(**GOOD)

    assert (member.role, member.user_label) == (Role.ADMIN, "ruth")
    assert (member.brand.currency, member.brand.number_prefix) == ("CAD", "FHI")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("slug", "a" * 41), ("name", "n" * 121), ("prefix", "A" * 13), ("email", "")),
        *(("currency", "XAU"), ("currency", "HRK"), ("currency", "CLF"), ("currency", "usd")),
    ],
)
def test_what_is_too_long_or_missing_is_named(field: str, value: str) -> None:
    with pytest.raises(BrandRefused) as refused:
        brands.create_brand(**{**GOOD, field: value})

    assert refused.value.field == field
    assert not Brand.objects.exists()
    assert not User.objects.exists()

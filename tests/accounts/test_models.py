"""Users and their roles."""

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Brand, Membership, Role, User
from tests.factories import MembershipFactory


def test_an_address_is_stored_in_lower_case(db: None) -> None:
    user = User.objects.create_user("Ruth@Example.COM", name="Ruth Okafor")

    assert user.email == "ruth@example.com"
    assert not user.has_usable_password()


@pytest.mark.parametrize("role", list(Role))
def test_a_role_includes_the_lower_ones(brand: Brand, role: Role) -> None:
    member = MembershipFactory(brand=brand, role=role)
    order = [Role.CSR, Role.BILLING, Role.ADMIN]

    reached = [each for each in order if member.at_least(each)]

    assert reached == order[: order.index(role) + 1]


def test_a_user_is_a_member_of_a_brand_once(csr: Membership) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipFactory(brand=csr.brand, user=csr.user)

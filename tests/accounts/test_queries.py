"""Who belongs where, and who is invited."""

from datetime import timedelta

import pytest

from accounts import queries
from accounts.domain import invitations
from accounts.models import Brand, Invitation, Membership, Role
from core import clock
from tests.factories import BrandFactory, MembershipFactory


def test_memberships_are_the_active_ones_by_brand(csr: Membership) -> None:
    MembershipFactory(user=csr.user, brand=BrandFactory(name="Zebra"))
    first = MembershipFactory(user=csr.user, brand=BrandFactory(name="Aardvark"))
    MembershipFactory(user=csr.user, brand=BrandFactory(name="Bee"), is_active=False)

    names = [m.brand.name for m in queries.memberships(csr.user)]

    assert names == ["Aardvark", "Foothill Home Inspections", "Zebra"]
    assert queries.last_used(queries.memberships(csr.user), "fhi") == csr
    assert queries.last_used(queries.memberships(csr.user), "gone") == first
    assert queries.last_used([], "fhi") is None


def test_open_invitations_are_neither_accepted_nor_revoked(brand: Brand, admin: Membership) -> None:
    for name in ("open", "expired", "revoked", "accepted"):
        email = f"{name}@example.com"
        invitations.invite(brand, email=email, role=Role.CSR, by=admin.user)
    now = clock.now()
    for name, values in {
        "expired": {"expires_at": now - timedelta(days=1)},
        "revoked": {"revoked_at": now},
        "accepted": {"accepted_at": now},
    }.items():
        Invitation.objects.filter(email=f"{name}@example.com").update(**values)

    emails = {i.email for i in queries.open_invitations(brand)}

    assert emails == {"open@example.com", "expired@example.com"}
    assert not queries.open_invitations(BrandFactory()).exists()


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ({"role": Role.ADMIN}, True),
        ({"role": Role.BILLING}, False),
        ({"role": Role.ADMIN, "is_active": False}, False),
        ({"role": Role.ADMIN, "user__is_active": False}, False),
    ],
)
def test_an_active_admin_can_sign_in_and_manage(
    brand: Brand, values: dict[str, object], counts: bool
) -> None:
    member = MembershipFactory(brand=brand, **values)

    assert (member in queries.active_admins(brand)) is counts

"""What people type on the pages of accounts."""

from django.test import Client
from django.urls import reverse

from accounts.domain import invitations
from accounts.models import Brand, Membership, Role, User

NEW_PASSWORD = "a quiet orange lantern"


def _invite(brand: Brand, admin: Membership, email: str = "Kim@Example.com") -> str:
    sent = invitations.invite(brand, email=email, role=Role.BILLING, by=admin.user, name="Kim Osei")
    return sent.token


def test_a_weak_password_is_refused_at_its_field(
    brand: Brand, admin: Membership, client: Client
) -> None:
    address = reverse("invitation", args=[_invite(brand, admin)])

    page = client.post(address, {"name": "Kim Osei", "password": "kim@example.com"})

    assert page.status_code == 422
    assert "password" in page.context["form"].errors
    assert not User.objects.filter(email="kim@example.com").exists()

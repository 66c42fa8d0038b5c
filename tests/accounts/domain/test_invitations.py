"""Inviting somebody, accepting, and every way in which a link can be wrong."""

import re
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.domain import errors, invitations, members
from accounts.models import Brand, Invitation, Membership, Role, User
from core import clock
from tests.factories import PASSWORD, BrandFactory, MembershipFactory, UserFactory

NEW_PASSWORD = "a quiet orange lantern"


def _invite(brand: Brand, admin: Membership, email: str = "Kim@Example.com") -> str:
    sent = invitations.invite(brand, email=email, role=Role.BILLING, by=admin.user, name="Kim Osei")
    return sent.token


def _link() -> str:
    match = re.search(r"http://testserver(/invitations/\S+/)", str(mail.outbox[-1].body))
    assert match
    return match[1]


def test_an_invited_person_makes_an_account_and_is_in(
    as_admin: Client, brand: Brand, client: Client
) -> None:
    asked = as_admin.post(
        reverse("team_invite", args=["fhi"]),
        {"email": "Kim@Example.com", "name": "Kim Osei", "role": "billing"},
    )
    visitor = Client()
    page = visitor.get(_link())
    done = visitor.post(_link(), {"name": "Kim Osei", "password": NEW_PASSWORD})

    assert asked.headers["Location"] == reverse("team", args=["fhi"])
    assert mail.outbox[-1].to == ["kim@example.com"]
    assert "Foothill Home Inspections" in mail.outbox[-1].subject
    assert "Billing" in page.content.decode()
    assert done.status_code == 302
    member = Membership.objects.get(user__email="kim@example.com")
    assert (member.role, member.user_label, member.is_active) == ("billing", "Kim Osei", True)
    assert visitor.get(reverse("account")).status_code == 200
    assert Client().login(email="kim@example.com", password=NEW_PASSWORD)


def test_only_the_hash_of_the_token_is_stored(brand: Brand, admin: Membership) -> None:
    token = _invite(brand, admin)

    stored = Invitation.objects.values().get()

    assert token not in str(stored)
    assert stored["token_hash"] == invitations.hash_of(token)
    assert len(token) >= 43


def test_a_token_works_once(brand: Brand, admin: Membership, client: Client) -> None:
    token = _invite(brand, admin)
    invitations.accept_as_new(token, name="Kim Osei", password=NEW_PASSWORD)

    again = client.get(reverse("invitation", args=[token]))

    assert again.status_code == 410
    assert "accepted before" in again.content.decode()
    with pytest.raises(errors.UsedUp):
        invitations.accept_as_new(token, name="Mallory", password=NEW_PASSWORD)
    assert Membership.objects.filter(brand=brand).count() == 2


def test_a_link_expires_after_seven_days(
    brand: Brand, admin: Membership, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = _invite(brand, admin)
    later = clock.now() + timedelta(days=7)
    monkeypatch.setattr(clock, "now", lambda: later)

    page = client.post(
        reverse("invitation", args=[token]), {"name": "Kim", "password": NEW_PASSWORD}
    )

    assert page.status_code == 410
    assert "expired. Ask Ana Ruiz to send it again" in page.content.decode()
    assert not User.objects.filter(email="kim@example.com").exists()


def test_a_wrong_link_says_what_to_do(db: None, client: Client) -> None:
    page = client.get(reverse("invitation", args=["no-such-token"]))

    assert page.status_code == 410
    assert "ask the person who invited you" in page.content.decode()


def test_sending_again_ends_the_old_link(as_admin: Client, brand: Brand, admin: Membership) -> None:
    old = _invite(brand, admin)
    invitation = Invitation.objects.get()

    as_admin.post(reverse("team_invitation_resend", args=["fhi", invitation.pk]))

    assert len(mail.outbox) == 1
    assert Client().get(reverse("invitation", args=[old])).status_code == 410
    assert Client().get(_link()).status_code == 200


def test_revoking_ends_the_link(as_admin: Client, brand: Brand, admin: Membership) -> None:
    token = _invite(brand, admin)
    invitation = Invitation.objects.get()

    as_admin.post(reverse("team_invitation_revoke", args=["fhi", invitation.pk]))

    with pytest.raises(errors.Revoked, match="taken back"):
        invitations.find(token)
    with pytest.raises(errors.InvitationClosed, match="already revoked"):
        invitations.renew(brand, invitation.pk)


def test_an_accepted_invitation_cannot_be_revoked(
    as_admin: Client, brand: Brand, admin: Membership
) -> None:
    invitations.accept_as_new(_invite(brand, admin), name="Kim", password=NEW_PASSWORD)
    invitation = Invitation.objects.get()

    page = as_admin.post(
        reverse("team_invitation_revoke", args=["fhi", invitation.pk]), follow=True
    )

    assert "already accepted" in page.content.decode()
    invitation.refresh_from_db()
    assert invitation.revoked_at is None


def test_an_existing_user_signs_in_and_comes_back(
    brand: Brand, admin: Membership, client: Client
) -> None:
    user = UserFactory(email="kim@example.com", name="Kim Osei")
    address = reverse("invitation", args=[_invite(brand, admin)])

    page = client.get(address)
    client.post(address, {"name": "Mallory", "password": NEW_PASSWORD})
    signed = client.post(
        reverse("account_login"), {"login": user.email, "password": PASSWORD, "next": address}
    )
    joined = client.post(address)

    assert f"?next={address}" in page.content.decode()
    assert signed.headers["Location"] == address
    assert joined.status_code == 302
    user.refresh_from_db()
    assert user.name == "Kim Osei"
    assert user.check_password(PASSWORD)
    assert Membership.objects.get(user=user).role == "billing"


def test_somebody_else_cannot_accept(brand: Brand, admin: Membership, client: Client) -> None:
    token = _invite(brand, admin)
    other = UserFactory()
    client.force_login(other)

    page = client.post(reverse("invitation", args=[token]))

    assert other.email in page.content.decode()
    assert not Membership.objects.filter(user=other).exists()
    with pytest.raises(errors.OtherUser):
        invitations.accept_as(token, other)


@pytest.mark.parametrize("email", ["kim@example.com", "KIM@example.com "])
def test_one_open_invitation_per_address(brand: Brand, admin: Membership, email: str) -> None:
    _invite(brand, admin)

    with pytest.raises(errors.AlreadyInvited) as refusal:
        _invite(brand, admin, email)

    assert refusal.value.field == "email"
    _invite(BrandFactory(), admin)


def test_a_member_is_not_invited(
    as_admin: Client, brand: Brand, admin: Membership, csr: Membership
) -> None:
    members.deactivate(brand, csr.pk)

    page = as_admin.post(
        reverse("team_invite", args=["fhi"]), {"email": "Dana@example.com", "role": "csr"}
    )

    assert page.status_code == 422
    assert "reactivate them instead" in page.context["form"].errors["email"][0]
    assert not Invitation.objects.exists()


def test_a_deactivated_member_does_not_return_by_an_old_invitation(
    brand: Brand, admin: Membership
) -> None:
    token = _invite(brand, admin)
    member = MembershipFactory(brand=brand, user__email="kim@example.com", is_active=False)

    with pytest.raises(errors.NotAcceptable, match="Ask an admin"):
        invitations.accept_as(token, member.user)

    member.refresh_from_db()
    assert not member.is_active


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_at_once_one_gets_in() -> None:
    brand = BrandFactory()
    admin = MembershipFactory(brand=brand, role=Role.ADMIN)
    token = _invite(brand, admin)
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def accept() -> None:
        start.wait()
        try:
            invitations.accept_as_new(token, name="Kim", password=NEW_PASSWORD)
            outcomes.append("in")
        except errors.TeamError as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=accept) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["UsedUp", "in"]

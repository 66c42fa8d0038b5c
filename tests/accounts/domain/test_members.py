"""Roles, deactivation, and the last admin."""

import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.domain import errors, members
from accounts.models import Brand, Membership, Role
from tests.factories import BrandFactory, MembershipFactory


def test_the_last_admin_stays(as_admin: Client, admin: Membership, csr: Membership) -> None:
    brand = admin.brand
    MembershipFactory(brand=brand, role=Role.ADMIN, is_active=False)
    MembershipFactory(brand=BrandFactory(), role=Role.ADMIN)

    page = as_admin.post(reverse("team_member", args=["fhi", admin.pk]), {"role": "csr"})

    assert "last admin" in page.context["form"].errors["role"][0]
    with pytest.raises(errors.LastAdmin):
        members.deactivate(brand, admin.pk)
    members.change_role(brand, csr.pk, Role.ADMIN)
    assert not members.deactivate(brand, admin.pk).is_active


def test_an_admin_whose_account_is_closed_does_not_count(admin: Membership) -> None:
    gone = MembershipFactory(brand=admin.brand, role=Role.ADMIN, user__is_active=False)

    with pytest.raises(errors.LastAdmin):
        members.deactivate(admin.brand, admin.pk)

    assert not members.deactivate(admin.brand, gone.pk).is_active


def test_a_deactivated_member_gets_no_new_role(brand: Brand, csr: Membership) -> None:
    MembershipFactory(brand=brand, role=Role.ADMIN)
    members.deactivate(brand, csr.pk)

    with pytest.raises(errors.TeamError, match="reactivate them first"):
        members.change_role(brand, csr.pk, Role.ADMIN)


def test_another_brands_member_cannot_be_changed(brand: Brand) -> None:
    stranger = MembershipFactory()

    for verb in (members.deactivate, members.reactivate):
        with pytest.raises(Membership.DoesNotExist):
            verb(brand, stranger.pk)
    with pytest.raises(Membership.DoesNotExist):
        members.change_role(brand, stranger.pk, Role.ADMIN)


def test_a_new_name_is_used_in_every_brand(csr: Membership) -> None:
    other = MembershipFactory(user=csr.user)

    members.rename(csr.user, "  Dana   Smith ")

    csr.refresh_from_db()
    other.refresh_from_db()
    assert (csr.user.name, csr.user_label, other.user_label) == ("Dana Smith",) * 3
    with pytest.raises(errors.TeamError, match="Write your name"):
        members.rename(csr.user, "   ")


@pytest.mark.django_db(transaction=True)
def test_two_admins_cannot_deactivate_each_other_at_once() -> None:
    brand = BrandFactory()
    pair = [MembershipFactory(brand=brand, role=Role.ADMIN) for _ in range(2)]
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def deactivate(member: Membership) -> None:
        start.wait()
        try:
            members.deactivate(brand, member.pk)
            outcomes.append("done")
        except errors.LastAdmin:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=deactivate, args=[member]) for member in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["done", "refused"]
    assert Membership.objects.filter(brand=brand, is_active=True).count() == 1

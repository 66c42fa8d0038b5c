"""The pages of the team."""

from django.test import Client
from django.urls import reverse

from accounts.models import Membership, Role


def test_an_admin_changes_a_role(as_admin: Client, csr: Membership) -> None:
    answer = as_admin.post(reverse("team_member", args=["fhi", csr.pk]), {"role": "billing"})

    csr.refresh_from_db()
    assert answer.status_code == 302
    assert csr.role == "billing"


def test_a_role_that_does_not_exist_is_refused(as_admin: Client, csr: Membership) -> None:
    answer = as_admin.post(reverse("team_member", args=["fhi", csr.pk]), {"role": "owner"})

    csr.refresh_from_db()
    assert answer.status_code == 422
    assert "role" in answer.context["form"].errors
    assert csr.role == "csr"


def test_deactivation_works_on_the_next_request(as_admin: Client, csr: Membership) -> None:
    csr.role = Role.ADMIN
    csr.save()
    theirs = Client()
    theirs.force_login(csr.user)
    assert theirs.get(reverse("team", args=["fhi"])).status_code == 200

    as_admin.post(reverse("team_member_deactivate", args=["fhi", csr.pk]))

    assert theirs.get(reverse("team", args=["fhi"])).status_code == 404
    assert theirs.get(reverse("account")).status_code == 200
    as_admin.post(reverse("team_member_reactivate", args=["fhi", csr.pk]))
    assert theirs.get(reverse("team", args=["fhi"])).status_code == 200


def test_asking_first_changes_nothing(as_admin: Client, csr: Membership) -> None:
    page = as_admin.get(reverse("team_member_deactivate", args=["fhi", csr.pk]))

    csr.refresh_from_db()
    assert "Deactivate Dana Whitfield" in page.content.decode()
    assert csr.is_active

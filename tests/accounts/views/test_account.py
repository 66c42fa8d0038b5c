"""One's own account."""

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from tests.factories import PASSWORD


def test_a_user_changes_their_own_name(client: Client, csr: Membership) -> None:
    client.force_login(csr.user)

    answer = client.post(reverse("account"), {"name": "Dana Smith"})
    empty = client.post(reverse("account"), {"name": " "})

    csr.refresh_from_db()
    assert answer.status_code == 302
    assert empty.status_code == 422
    assert csr.user_label == "Dana Smith"


def test_two_factor_is_turned_on_asked_for_and_sealed(client: Client, csr: Membership) -> None:
    login = {"login": csr.user.email, "password": PASSWORD}
    client.post(reverse("account_login"), login)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    code = totp.format_hotp_value(
        totp.hotp_value(secret, totp.yield_hotp_counters_from_time().__next__())
    )
    client.post(reverse("mfa_activate_totp"), {"code": code})

    stored = Authenticator.objects.get(user=csr.user, type="totp").data["secret"]
    fresh = Client()
    asked = fresh.post(reverse("account_login"), login)

    assert secret not in stored
    assert asked.headers["Location"] == reverse("mfa_authenticate")
    assert fresh.get(reverse("account")).status_code == 302
    assert "On" in client.get(reverse("account")).content.decode()

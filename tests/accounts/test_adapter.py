"""Nobody signs up, and an address means one person."""

from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.adapter import StaffAdapter
from accounts.models import Membership
from tests.factories import PASSWORD


def test_an_e_mail_address_in_any_case_signs_in(client: Client, csr: Membership) -> None:
    answer = client.post(
        reverse("account_login"), {"login": "Dana@Example.COM", "password": PASSWORD}
    )

    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(csr.user_id)


def test_the_adapter_is_closed_for_signup(rf: RequestFactory) -> None:
    assert settings.ACCOUNT_ADAPTER == "accounts.adapter.StaffAdapter"
    assert StaffAdapter().is_open_for_signup(rf.get("/")) is False

"""The settings page of providers: addresses, secrets that are never shown, a switch."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Brand, Role
from core.secrets import seal, unseal
from payments.models import ProviderAccount
from tests.factories import BrandFactory, MembershipFactory

URL = "/b/fhi/settings/providers/"


@pytest.fixture
def admin(brand: Brand) -> Browser:
    browser = Browser()
    browser.force_login(MembershipFactory(brand=brand, role=Role.ADMIN).user)
    return browser


@pytest.fixture
def account(brand: Brand) -> ProviderAccount:
    return ProviderAccount.objects.create(
        brand=brand, provider="guardian", webhook_secret=seal("the first secret")
    )


def test_each_provider_with_webhooks_has_its_address_and_signature(admin: Browser) -> None:
    text = admin.get(URL).content.decode()

    assert "/webhooks/pac/guardian/fhi/" in text
    assert "/webhooks/pac/flexfund/fhi/" in text
    assert text.index("Guardian") < text.index("FlexFund")
    assert "<code>X-Signature</code>: hex HMAC-SHA256 of the raw body" in " ".join(text.split())


def test_providers_without_webhooks_are_not_listed(admin: Browser) -> None:
    page = admin.get(URL)

    assert [p["slug"] for p in page.context["providers"]] == ["guardian", "flexfund"]


def test_a_new_secret_replaces_the_old_one_and_switches_on(
    admin: Browser, account: ProviderAccount
) -> None:
    ProviderAccount.objects.update(is_active=False)

    page = admin.post(URL, {"provider": "guardian", "secret": "the second secret"}, follow=True)

    account.refresh_from_db()
    assert unseal(account.webhook_secret) == "the second secret"
    assert account.is_active and account.secret_set_at
    assert "Guardian’s webhooks are checked with the new secret." in page.content.decode()


def test_a_webhook_is_switched_off_and_on(admin: Browser, account: ProviderAccount) -> None:
    switch = {"provider": "guardian", "do": "switch"}

    off = admin.post(URL, switch, follow=True).content.decode()
    account.refresh_from_db()
    assert not account.is_active
    assert "Guardian’s webhooks are refused from now on." in off

    admin.post(URL, switch)
    account.refresh_from_db()
    assert account.is_active


@pytest.mark.parametrize("provider", ["stripe", "manual", "nobody", ""])
def test_who_sends_no_webhooks_gets_no_account(provider: str, admin: Browser) -> None:
    assert admin.post(URL, {"provider": provider, "secret": "a long secret"}).status_code == 200
    assert not ProviderAccount.objects.exists()


def test_a_secret_that_is_missing_is_asked_for_at_its_provider(admin: Browser) -> None:
    page = admin.post(URL, {"provider": "flexfund", "secret": ""})

    errors = {p["slug"]: bool(p["form"].errors) for p in page.context["providers"]}
    assert errors == {"guardian": False, "flexfund": True}
    assert not ProviderAccount.objects.exists()


@pytest.mark.parametrize("role", [Role.CSR, Role.BILLING])
def test_only_admins_see_it(role: Role, brand: Brand) -> None:
    browser = Browser()
    browser.force_login(MembershipFactory(brand=brand, role=role).user)

    assert browser.get(URL).status_code == 403


def test_another_brands_account_is_left_alone(admin: Browser, account: ProviderAccount) -> None:
    other = BrandFactory(slug="other")
    theirs = ProviderAccount.objects.create(
        brand=other, provider="guardian", webhook_secret=seal("theirs")
    )

    admin.post(reverse("provider_settings", args=["fhi"]), {"provider": "guardian", "do": "switch"})

    theirs.refresh_from_db()
    assert theirs.is_active

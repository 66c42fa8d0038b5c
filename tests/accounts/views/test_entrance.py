"""Where somebody lands who comes in, and what a link of an invitation shows."""

from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from tests.factories import PASSWORD, BrandFactory, MembershipFactory, UserFactory


def test_signing_in_leads_to_the_brand_used_last(client: Client, csr: Membership) -> None:
    other = MembershipFactory(user=csr.user, brand=BrandFactory(slug="aaa", name="Aardvark"))
    signed = client.post(reverse("account_login"), {"login": csr.user.email, "password": PASSWORD})
    first = client.get("/")
    session = client.session
    session["brand"] = "fhi"
    session.save()
    last = client.get("/")

    assert signed.headers["Location"] == "/"
    assert first.headers["Location"] == reverse("work_orders", args=[other.brand.slug])
    assert last.headers["Location"] == reverse("work_orders", args=["fhi"])


def test_without_a_brand_the_page_says_what_to_do(client: Client, db: None) -> None:
    client.force_login(UserFactory())

    page = client.get("/")

    assert page.status_code == 200
    assert "Ask an admin of your company to invite you" in page.content.decode()

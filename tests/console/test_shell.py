"""The shell of every staff page: navigation by role, brands, what waits."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client as Browser
from django.test import RequestFactory

from accounts.models import Brand, Role
from console.shell import Shell, shell
from core import clock
from payments.models import ExceptionKind, PaymentException
from tests.factories import BrandFactory, MembershipFactory

EVERYBODY = ["Work orders", "Clients", "Payments", "Items", "Activity"]


@pytest.mark.parametrize(
    ("role", "more"),
    [
        (Role.CSR, set()),
        (Role.BILLING, {"Exceptions", "Services"}),
        (Role.ADMIN, {"Exceptions", "Services", "Team"}),
    ],
)
def test_a_member_sees_the_places_that_they_may_open(
    brand: Brand, client: Browser, role: Role, more: set[str]
) -> None:
    client.force_login(MembershipFactory(brand=brand, role=role).user)

    nav = client.get("/b/fhi/clients/").context["shell"].nav

    labels = [item["label"] for item in nav]
    assert set(labels) == {*EVERYBODY, *more}
    assert [item["label"] for item in nav if item["active"]] == ["Clients"]


def test_open_exceptions_are_counted_and_resolved_ones_are_not(
    brand: Brand, sign_in_billing: Browser
) -> None:
    for resolved_at in (None, clock.now()):
        PaymentException.objects.create(
            brand=brand,
            kind=ExceptionKind.CURRENCY,
            happened_at=clock.now(),
            resolved_at=resolved_at,
        )

    nav = sign_in_billing.get("/b/fhi/exceptions/").context["shell"].nav

    assert {item["label"]: item["count"] for item in nav if item["count"]} == {"Exceptions": 1}


def test_the_switcher_holds_only_the_brands_of_the_user(brand: Brand, client: Browser) -> None:
    user = MembershipFactory(brand=brand).user
    other = MembershipFactory(brand=BrandFactory(name="Canyon"), user=user).brand
    BrandFactory(name="Of somebody else")
    client.force_login(user)

    brands = client.get("/b/fhi/clients/").context["shell"].brands

    assert [(b["name"], b["active"]) for b in brands] == [(brand.name, True), (other.name, False)]


def test_nobody_has_no_navigation_and_it_costs_no_query(
    rf: RequestFactory, django_assert_num_queries: Any, db: None
) -> None:
    request = rf.get("/login/")
    request.user = AnonymousUser()
    request.session = {}  # type: ignore[assignment]

    with django_assert_num_queries(0):
        empty: Shell = shell(request)["shell"]
        assert (empty.nav, empty.brands, empty.search_url, empty.role_label) == ([], [], "", "")

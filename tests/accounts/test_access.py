"""What the decorators promise, where people land, and what the shell of a page costs."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.access import brand_view, public, signed_in
from accounts.models import Brand, Membership, Role, User
from console.shell import Shell
from tests.factories import MembershipFactory, UserFactory


def _request(user: User, path: str = "/") -> HttpRequest:
    request = RequestFactory().get(path)
    request.user = user
    request.session = {}  # type: ignore[assignment]  # all that a view needs of a session
    return request


def _view(role: Role) -> Any:
    @brand_view(role=role)
    def page(request: Any) -> HttpResponse:
        return HttpResponse(f"{request.brand.slug} {timezone.get_current_timezone()}")

    return page


def test_a_brand_view_knows_its_brand_and_its_clock(csr: Membership) -> None:
    request = _request(csr.user)
    csr.brand.time_zone = "America/Toronto"
    csr.brand.save()

    try:
        answer = _view(Role.CSR)(request, brand_slug="fhi")
        zone = timezone.get_current_timezone()
    finally:
        timezone.deactivate()

    assert answer.content == b"fhi America/Toronto"
    assert zone == ZoneInfo("America/Toronto")
    assert request.session["brand"] == "fhi"


def test_a_brands_clock_ends_with_the_request(as_admin: Client) -> None:
    as_admin.get(reverse("team", args=["fhi"]))

    assert timezone.get_current_timezone_name() == settings.TIME_ZONE


def test_the_session_is_written_only_when_the_brand_changes(as_admin: Client) -> None:
    as_admin.get(reverse("team", args=["fhi"]))

    with CaptureQueriesContext(connection) as queries:
        as_admin.get(reverse("team", args=["fhi"]))

    written = [q["sql"] for q in queries if not q["sql"].startswith("SELECT")]
    assert written == []


@pytest.mark.parametrize(
    ("has", "needs", "allowed"),
    [
        (Role.CSR, Role.CSR, True),
        (Role.CSR, Role.BILLING, False),
        (Role.BILLING, Role.BILLING, True),
        (Role.BILLING, Role.ADMIN, False),
        (Role.ADMIN, Role.CSR, True),
    ],
)
def test_each_role_may_do_what_the_lower_ones_may(
    brand: Brand, has: Role, needs: Role, allowed: bool
) -> None:
    member = MembershipFactory(brand=brand, role=has)

    if allowed:
        assert _view(needs)(_request(member.user), brand_slug="fhi").status_code == 200
    else:
        with pytest.raises(PermissionDenied, match=needs.label):
            _view(needs)(_request(member.user), brand_slug="fhi")


def test_for_an_outsider_a_brand_does_not_exist(brand: Brand, csr: Membership) -> None:
    ended = MembershipFactory(brand=brand, role=Role.ADMIN, is_active=False)

    for user, slug in ((UserFactory(), "fhi"), (ended.user, "fhi"), (csr.user, "nowhere")):
        with pytest.raises(Http404):
            _view(Role.CSR)(_request(user), brand_slug=slug)


def test_every_decorator_says_which_it_is() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert _view(Role.ADMIN).access == "admin"
    assert signed_in(view).access == "signed_in"  # type: ignore[attr-defined]
    assert public(view).access == "public"  # type: ignore[attr-defined]


def test_the_shell_costs_two_queries_at_most(
    csr: Membership, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    MembershipFactory(user=csr.user)
    csr.role = Role.ADMIN
    csr.save()
    request = _request(csr.user, "/b/fhi/team/")
    request.brand, request.membership = csr.brand, csr  # type: ignore[attr-defined]

    with django_assert_num_queries(2):
        shell = Shell(request)
        nav, brands = shell.nav, shell.brands
        shown = (shell.role_label, shell.search_url)

    assert [item["label"] for item in nav if item["active"]] == ["Team"]
    assert [item["active"] for item in brands].count(True) == 1
    assert shown[0] == "Admin"


def test_the_shell_costs_nothing_for_a_visitor(
    django_assert_num_queries: DjangoAssertNumQueries, rf: RequestFactory, db: None
) -> None:
    from django.contrib.auth.models import AnonymousUser

    request = rf.get("/")
    request.user = AnonymousUser()
    request.session = {}  # type: ignore[assignment]  # all that the shell needs of a session

    with django_assert_num_queries(0):
        shell = Shell(request)
        seen = (shell.nav, shell.brands, shell.search_url, shell.role_label)

    assert seen == ([], [], "", "")


def test_the_navigation_shows_what_the_role_may_open(brand: Brand) -> None:
    seen = {}
    for role in Role:
        member = MembershipFactory(brand=brand, role=role)
        request = _request(member.user)
        request.brand, request.membership = brand, member  # type: ignore[attr-defined]
        seen[role] = {item["label"] for item in Shell(request).nav}

    assert "Team" not in seen[Role.CSR] | seen[Role.BILLING]
    assert "Team" in seen[Role.ADMIN]
    assert "Exceptions" not in seen[Role.CSR]

"""Who acts in a web request, and what a request leaves behind."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from accounts.middleware import BrandMiddleware
from accounts.models import Membership
from activity.actors import ActorKind, current


def acting_in(user: Any) -> tuple[str, str, str]:
    """Kind, id and label of whoever acts in a request of ``user``."""
    seen: list[tuple[str, str, str]] = []

    def view(request: HttpRequest) -> HttpResponse:
        acting = current()
        assert acting is not None
        seen.append((acting.actor.kind, acting.actor.id, acting.actor.label))
        timezone.activate("America/Boise")
        return HttpResponse()

    request = RequestFactory().get("/")
    request.user = user
    BrandMiddleware(view)(request)
    assert current() is None
    assert timezone.get_current_timezone_name() == "UTC"
    return seen[0]


def test_a_signed_in_user_acts_in_their_own_name(csr: Membership) -> None:
    assert acting_in(csr.user) == (ActorKind.STAFF, str(csr.user_id), "Dana Whitfield")


def test_a_visitor_acts_as_the_sign_in_page() -> None:
    assert acting_in(AnonymousUser()) == (ActorKind.SYSTEM, "", "Sign-in page")


def test_a_view_that_fails_leaves_nobody_acting() -> None:
    def broken(_: HttpRequest) -> HttpResponse:
        timezone.activate("America/Boise")
        raise ArithmeticError

    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with pytest.raises(ArithmeticError):
        BrandMiddleware(broken)(request)

    assert current() is None
    assert timezone.get_current_timezone_name() == "UTC"

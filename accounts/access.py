"""Who may open which URL. Every view wears exactly one of these decorators.

``view.access`` says which, so that a test can walk every URL as an outsider: a view without
it fails the test. A brand's page lives under ``/b/<slug>/``; for somebody who is no active
member of that brand it does not exist (404), for a member of too low a role it is 403.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone

from accounts.models import Brand, Membership, Role, User
from accounts.once import only_once
from activity.actors import Actor, ActorKind

P = ParamSpec("P")


class BrandRequest(HttpRequest):
    """A request inside a brand, made by one of its members."""

    user: User  # signed in, or the view is not reached
    brand: Brand
    membership: Membership
    afterwards: list[Callable[[], object]]  # see accounts.once.later


BrandView = Callable[Concatenate[BrandRequest, P], HttpResponseBase]
AnyView = Callable[..., HttpResponseBase]


def brand_view(role: Role = Role.CSR) -> Callable[[BrandView[P]], AnyView]:
    """A page of one brand for members with at least ``role``; the view gets no ``brand_slug``.

    A form that is sent twice is carried out once (``accounts.once``): the view of a POST runs in
    one transaction, so it calls nothing outside the database (``once.later`` does that).
    """

    def decorate(view: BrandView[P]) -> AnyView:
        @wraps(view)
        @login_required
        def wrapped(request: Any, brand_slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            # PostgreSQL's text has no NUL, so nothing of that name can exist.
            named = [brand_slug, *(value for value in kwargs.values() if isinstance(value, str))]
            if any("\x00" in value for value in named):
                raise Http404("No such thing")
            membership = member_of(request.user, brand_slug)
            if membership is None:
                raise Http404("No such brand")
            request.brand, request.membership = membership.brand, membership
            if not membership.at_least(role):
                raise PermissionDenied(f"This page is for {role.label} and above.")
            _remember(request, membership.brand)
            return only_once(request, lambda: view(request, *args, **kwargs))

        wrapped.access = role.value  # type: ignore[attr-defined]  # read by the outsider test
        return wrapped

    return decorate


def _remember(request: BrandRequest, brand: Brand) -> None:
    """The brand used last, and its clock; the session is written only when the brand changes."""
    if request.session.get("brand") != brand.slug:
        request.session["brand"] = brand.slug
    # BrandMiddleware ends this with the request.
    timezone.activate(ZoneInfo(brand.time_zone))


def signed_in(view: Callable[P, HttpResponseBase]) -> AnyView:
    """A page for anybody who is signed in, outside any brand."""
    wrapped: Any = login_required(view)
    wrapped.access = "signed_in"
    return wrapped  # type: ignore[no-any-return]  # Any, to carry ``access``


def public(view: Callable[P, HttpResponseBase]) -> AnyView:
    """Open to everyone: health, webhooks (which prove themselves by signature), invitations."""
    marked: Any = view
    marked.access = "public"
    return marked  # type: ignore[no-any-return]  # likewise


def member_of(user: User, brand_slug: str) -> Membership | None:
    """The user's active membership in a brand, with its brand."""
    return (
        Membership.objects.select_related("brand")
        .filter(user=user, brand__slug=brand_slug, is_active=True)
        .first()
    )


def actor_of(user: User) -> Actor:
    """How the timeline names a staff user."""
    return Actor(ActorKind.STAFF, str(user), str(user.pk))

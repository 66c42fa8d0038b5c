"""Opens the actor of every web request, so that what it changes carries a name."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.access import actor_of
from activity.actors import Actor, ActorKind, acting_as
from core.logs import current_request_id


class BrandMiddleware:
    """Acts as the signed-in staff user; anonymous requests act as a visitor.

    Also gives every request ``brand`` and ``membership`` (None until ``brand_view`` finds them),
    which the page shell reads, and ends the brand's time zone with the request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.brand = None  # type: ignore[attr-defined]  # see BrandRequest
        request.membership = None  # type: ignore[attr-defined]  # likewise
        user = request.user
        actor = actor_of(user) if user.is_authenticated else Actor(ActorKind.SYSTEM, "Sign-in page")
        try:
            with acting_as(actor, request_id=current_request_id()):
                return self.get_response(request)
        finally:
            timezone.deactivate()

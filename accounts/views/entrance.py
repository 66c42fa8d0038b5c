"""Where people come in: the address after signing in, and the link of an invitation."""

from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import queries
from accounts.access import public, signed_in
from accounts.domain import invitations
from accounts.domain.errors import NotAcceptable, TeamError
from accounts.forms import AcceptForm
from accounts.models import Brand, Invitation, Role, User


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The work orders of the brand used last, else of the first; help for those without any."""
    memberships = queries.memberships(_user(request))
    last = queries.last_used(memberships, request.session.get("brand", ""))
    if last is None:
        return render(request, "accounts/no_brand.html")
    return redirect("work_orders", last.brand.slug)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Accept an invitation: with a new account, or as the signed-in user whom it is for."""
    try:
        invite = invitations.find(token)
        if request.user.is_authenticated:
            return _as_user(request, token, invite)
        if invitations.invited_user(invite) is not None:
            return _page(request, invite, {"sign_in": True})
        return _as_new(request, token, invite)
    except NotAcceptable as error:
        return render(request, "accounts/invitation_problem.html", {"problem": error}, status=410)


def _as_user(request: HttpRequest, token: str, invite: Invitation) -> HttpResponse:
    user = _user(request)
    if user.email.lower() != invite.email.lower():
        return _page(request, invite, {"other_user": user})
    if request.method == "POST":
        invitations.accept_as(token, user)
        return _welcome(request, invite.brand)
    return _page(request, invite, {})


def _as_new(request: HttpRequest, token: str, invite: Invitation) -> HttpResponseBase:
    form = AcceptForm(request.POST or None, email=invite.email, initial={"name": invite.name})
    if request.method == "POST" and form.is_valid():
        name, password = form.cleaned_data["name"], form.cleaned_data["password"]
        try:
            user = invitations.accept_as_new(token, name=name, password=password)
        except NotAcceptable:
            raise
        except TeamError as error:
            form.add_error(error.field or None, str(error))
        else:
            signed: HttpResponseBase = perform_login(request, user)
            _welcome(request, invite.brand)
            return signed
    return _page(request, invite, {"form": form}, status=422 if form.errors else 200)


def _welcome(request: HttpRequest, brand: Brand) -> HttpResponse:
    request.session["brand"] = brand.slug
    messages.success(request, f"Welcome to {brand}.")
    return redirect("home")


def _page(
    request: HttpRequest, invite: Invitation, context: dict[str, object], status: int = 200
) -> HttpResponse:
    shared = {"invitation": invite, "brand": invite.brand, "role": Role(invite.role).label}
    return render(request, "accounts/invitation.html", shared | context, status=status)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user

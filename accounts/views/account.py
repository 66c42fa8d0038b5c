"""One's own account."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import queries
from accounts.access import signed_in
from accounts.domain import members
from accounts.domain.errors import TeamError
from accounts.forms import NameForm
from accounts.models import User


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Name, password, second factor, memberships and appearance."""
    user = request.user
    assert isinstance(user, User)
    form = NameForm(request.POST or None, initial={"name": user.name})
    if request.method == "POST" and form.is_valid():
        try:
            members.rename(user, form.cleaned_data["name"])
        except TeamError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, "Your name is changed.")
            return redirect("account")
    context = {
        "form": form,
        "two_factor": is_mfa_enabled(user),
        "memberships": queries.memberships(user),
    }
    return render(request, "accounts/account.html", context, status=422 if form.errors else 200)

"""The team of a brand, for its admins."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import mail, queries
from accounts.access import BrandRequest, brand_view
from accounts.domain import invitations, members
from accounts.domain.errors import TeamError
from accounts.forms import InviteForm, RoleForm
from accounts.models import Invitation, Membership, Role
from accounts.once import later
from core import clock
from core.paging import page


@brand_view(role=Role.ADMIN)
@require_safe
def team(request: BrandRequest) -> HttpResponse:
    """Members, and invitations that nobody has accepted yet."""
    listed = page(
        queries.members(request.brand),
        ["user_label", "id"],
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    invited = page(
        queries.open_invitations(request.brand),
        ["-created_at", "-id"],
        after=request.GET.get("invited_after", ""),
        before=request.GET.get("invited_before", ""),
    )
    context = {"members": listed, "invitations": invited, "now": clock.now()}
    return render(request, "accounts/team.html", context)


@brand_view(role=Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def team_invite(request: BrandRequest) -> HttpResponse:
    """Invite somebody by e-mail."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            sendable = invitations.invite(
                request.brand,
                email=wanted["email"],
                name=wanted["name"],
                role=Role(wanted["role"]),
                by=request.user,
            )
        except TeamError as error:
            form.add_error(error.field or None, str(error))
        else:
            later(request, lambda: _send(request, sendable))
            return redirect("team", request.brand.slug)
    return render(request, "accounts/team_invite.html", {"form": form}, status=_status(form))


@brand_view(role=Role.ADMIN)
@require_POST
def team_invitation_resend(request: BrandRequest, invitation_id: int) -> HttpResponse:
    """Send an open invitation again, with a new link."""
    get_object_or_404(Invitation, pk=invitation_id, brand=request.brand)
    try:
        renewed = invitations.renew(request.brand, invitation_id)
        later(request, lambda: _send(request, renewed))
    except TeamError as error:
        messages.error(request, str(error))
    return redirect("team", request.brand.slug)


@brand_view(role=Role.ADMIN)
@require_POST
def team_invitation_revoke(request: BrandRequest, invitation_id: int) -> HttpResponse:
    """Take an open invitation back."""
    get_object_or_404(Invitation, pk=invitation_id, brand=request.brand)
    try:
        revoked = invitations.revoke(request.brand, invitation_id)
        messages.success(request, f"The invitation to {revoked.email} is revoked.")
    except TeamError as error:
        messages.error(request, str(error))
    return redirect("team", request.brand.slug)


@brand_view(role=Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def team_member(request: BrandRequest, member_id: int) -> HttpResponse:
    """One member: change the role."""
    member = _member(request, member_id)
    form = RoleForm(request.POST or None, initial={"role": member.role})
    if request.method == "POST" and form.is_valid():
        role = Role(form.cleaned_data["role"])
        try:
            members.change_role(request.brand, member.pk, role)
        except TeamError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, f"{member.user_label} now has the role {role.label}.")
            return redirect("team", request.brand.slug)
    context = {"form": form, "member": member, "own": member.user_id == request.user.pk}
    return render(request, "accounts/team_member.html", context, status=_status(form))


@brand_view(role=Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def team_member_deactivate(request: BrandRequest, member_id: int) -> HttpResponse:
    """Ask, then end a member's access to this brand."""
    member = _member(request, member_id)
    if request.method != "POST":
        return render(request, "accounts/team_member_deactivate.html", {"member": member})
    try:
        members.deactivate(request.brand, member.pk)
    except TeamError as error:
        messages.error(request, str(error))
        return redirect("team_member", request.brand.slug, member.pk)
    messages.success(request, f"{member.user_label} has no access to {request.brand} any more.")
    if member.user_id == request.user.pk:
        return redirect("home")
    return redirect("team", request.brand.slug)


@brand_view(role=Role.ADMIN)
@require_POST
def team_member_reactivate(request: BrandRequest, member_id: int) -> HttpResponse:
    """Let a deactivated member in again."""
    member = members.reactivate(request.brand, _member(request, member_id).pk)
    role = Role(member.role).label
    messages.success(request, f"{member.user_label} has access again, with the role {role}.")
    return redirect("team", request.brand.slug)


def _member(request: BrandRequest, member_id: int) -> Membership:
    return get_object_or_404(queries.members(request.brand), pk=member_id)


def _send(request: BrandRequest, sendable: invitations.Sendable) -> None:
    try:
        mail.send_invitation(sendable)
    except mail.NotSent as error:
        messages.error(request, f"{error} The invitation is saved: try sending it again later.")
    else:
        email, days = sendable.invitation.email, invitations.VALID_FOR.days
        messages.success(request, f"Sent to {email}. The link is valid for {days} days.")


def _status(form: InviteForm | RoleForm) -> int:
    return 422 if form.errors else 200

"""Roles, leaving and coming back. A brand always keeps an active admin; users are never deleted."""

from django.db import transaction

from accounts import queries
from accounts.domain.errors import LastAdmin, TeamError
from accounts.models import Brand, Membership, Role, User


@transaction.atomic
def change_role(brand: Brand, member_id: int, role: Role) -> Membership:
    """Give an active member another role.

    Raises Membership.DoesNotExist for another brand's member, TeamError for a deactivated one,
    LastAdmin when nobody else could manage the team.
    """
    member = _lock(brand, member_id)
    if not member.is_active:
        raise TeamError(f"{member.user_label} is deactivated; reactivate them first.")
    if role != Role.ADMIN:
        _keep_an_admin(member)
    if member.role != role:
        member.role = role
        member.save(update_fields=["role"])
    return member


@transaction.atomic
def deactivate(brand: Brand, member_id: int) -> Membership:
    """End a member's access to this brand, at once: every request asks for the membership.

    Raises Membership.DoesNotExist, and LastAdmin like ``change_role``. Doing it twice is fine.
    """
    member = _lock(brand, member_id)
    _keep_an_admin(member)
    return _set_active(member, active=False)


@transaction.atomic
def reactivate(brand: Brand, member_id: int) -> Membership:
    """Let a deactivated member in again, with the role they had."""
    return _set_active(_lock(brand, member_id), active=True)


@transaction.atomic
def rename(user: User, name: str) -> None:
    """Change a user's own name, and how each of their brands calls them from now on.

    Older entries of a feed keep the name that was right then. Raises TeamError for no name.
    """
    name = " ".join(name.split())
    if not name:
        raise TeamError("Write your name: others see it next to what you do.")
    own = Membership.objects.select_for_update(no_key=True).filter(user=user).order_by("id")
    list(own)
    user.name = name
    user.save(update_fields=["name"])
    Membership.objects.filter(user=user).exclude(user_label=name).update(user_label=name)


def lock_team(brand: Brand) -> None:
    """Changes of one team wait for each other: only so can the last admin be known."""
    Brand.objects.select_for_update(no_key=True).get(pk=brand.pk)


def _lock(brand: Brand, member_id: int) -> Membership:
    lock_team(brand)
    return Membership.objects.select_for_update(no_key=True).get(pk=member_id, brand=brand)


def _keep_an_admin(member: Membership) -> None:
    if not member.at_least(Role.ADMIN):
        return
    if not queries.active_admins(member.brand).exclude(pk=member.pk).exists():
        raise LastAdmin(
            f"{member.user_label} is the last admin of {member.brand}. Make somebody else an "
            "admin first."
        )


def _set_active(member: Membership, *, active: bool) -> Membership:
    if member.is_active != active:
        member.is_active = active
        member.save(update_fields=["is_active"])
    return member

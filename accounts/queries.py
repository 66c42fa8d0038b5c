"""Reads of this app: who belongs where, and who is invited."""

from collections.abc import Sequence

from django.db.models import QuerySet

from accounts.models import Brand, Invitation, Membership, User


def memberships(user: User) -> list[Membership]:
    """The user's active memberships with their brands, by the brand's name."""
    return list(
        Membership.objects.filter(user=user, is_active=True)
        .select_related("brand")
        .order_by("brand__name", "id")
    )


def last_used(memberships: Sequence[Membership], brand_slug: str) -> Membership | None:
    """The membership of the brand used last, else the first; None without any."""
    used = [m for m in memberships if m.brand.slug == brand_slug]
    return next(iter([*used, *memberships]), None)


def members(brand: Brand) -> QuerySet[Membership]:
    """Everybody who is or was a member, with their user. Page it by ``user_label, id``."""
    return Membership.objects.filter(brand=brand).select_related("user")


def open_invitations(brand: Brand) -> QuerySet[Invitation]:
    """Invitations neither accepted nor revoked; some may have expired. Newest first."""
    return (
        Invitation.objects.filter(brand=brand, accepted_at=None, revoked_at=None)
        .select_related("invited_by")
        .order_by("-created_at", "-id")
    )


def active_admins(brand: Brand) -> QuerySet[Membership]:
    """Members who can manage the team; a brand always keeps one."""
    return Membership.objects.filter(
        brand=brand, is_active=True, role="admin", user__is_active=True
    )

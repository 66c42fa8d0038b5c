"""Inviting somebody into a brand, and accepting. The token itself is only ever in the e-mail."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.access import actor_of
from accounts.domain.errors import (
    AlreadyInvited,
    AlreadyMember,
    Expired,
    InvitationClosed,
    NotAcceptable,
    OtherUser,
    Revoked,
    TeamError,
    UnknownToken,
    UsedUp,
    UserExists,
)
from accounts.domain.members import lock_team
from accounts.models import Brand, Invitation, Membership, Role, User
from activity.actors import acting_as
from core import clock

VALID_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Sendable:
    """An invitation and its token, which is known only now: send it, then forget it."""

    invitation: Invitation
    token: str


@transaction.atomic
def invite(brand: Brand, *, email: str, role: Role, by: User, name: str = "") -> Sendable:
    """Make an invitation that is valid for seven days; the caller e-mails its token.

    Raises AlreadyMember (also for a deactivated one) and AlreadyInvited.
    """
    email = email.strip().lower()
    lock_team(brand)
    _refuse_member(brand, email)
    if _open(brand).filter(email=email).exists():
        raise AlreadyInvited(
            f"{email} is invited already. Send that invitation again, or revoke it."
        )
    token = _new_token()
    invitation = Invitation.objects.create(
        brand=brand,
        email=email,
        name=" ".join(name.split()),
        role=role,
        token_hash=hash_of(token),
        invited_by=by,
        expires_at=clock.now() + VALID_FOR,
    )
    return Sendable(invitation, token)


@transaction.atomic
def renew(brand: Brand, invitation_id: int) -> Sendable:
    """Give an open invitation a new token and seven more days; the old link ends.

    Raises Invitation.DoesNotExist for another brand's, InvitationClosed for one that is
    accepted or revoked.
    """
    invitation = _lock_open(brand, invitation_id)
    token = _new_token()
    invitation.token_hash = hash_of(token)
    invitation.expires_at = clock.now() + VALID_FOR
    invitation.save(update_fields=["token_hash", "expires_at"])
    return Sendable(invitation, token)


@transaction.atomic
def revoke(brand: Brand, invitation_id: int) -> Invitation:
    """Take an open invitation back: its link ends. Raises like ``renew``."""
    invitation = _lock_open(brand, invitation_id)
    invitation.revoked_at = clock.now()
    invitation.save(update_fields=["revoked_at"])
    return invitation


def find(token: str) -> Invitation:
    """The invitation of a link, if it can be accepted now.

    Raises UnknownToken, UsedUp, Revoked or Expired.
    """
    return _by_token(token, Invitation.objects.select_related("brand", "invited_by"))


def invited_user(invitation: Invitation) -> User | None:
    """The account that the invited address already has."""
    return User.objects.filter(email__iexact=invitation.email).first()


@transaction.atomic
def accept_as_new(token: str, *, name: str, password: str) -> User:
    """Make the account of an invited person, who has proven the address by opening the link.

    The caller has validated the password. Raises like ``find``, and UserExists.
    """
    invitation = _claim(token)
    if invited_user(invitation) is not None:
        raise UserExists(f"{invitation.email} has an account. Sign in to accept.")
    name = " ".join(name.split())
    if not name:
        raise TeamError("Write your name: others see it next to what you do.")
    user = User.objects.create_user(invitation.email, password, name=name)
    _join(invitation, user)
    return user


@transaction.atomic
def accept_as(token: str, user: User) -> Membership:
    """Let a signed-in user accept. Raises like ``find``, and OtherUser, AlreadyMember."""
    invitation = _claim(token)
    if user.email.lower() != invitation.email.lower():
        raise OtherUser(
            f"You are signed in as {user.email}, but this invitation is for {invitation.email}. "
            "Sign out, then open the link again."
        )
    return _join(invitation, user)


def hash_of(token: str) -> str:
    """What is stored of a token. It has 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def _new_token() -> str:
    return secrets.token_urlsafe(32)


def _open(brand: Brand) -> QuerySet[Invitation]:
    return Invitation.objects.filter(brand=brand, accepted_at=None, revoked_at=None)


def _lock_open(brand: Brand, invitation_id: int) -> Invitation:
    lock_team(brand)
    invitation = Invitation.objects.select_for_update(no_key=True).get(
        pk=invitation_id, brand=brand
    )
    if invitation.accepted_at or invitation.revoked_at:
        done = "accepted" if invitation.accepted_at else "revoked"
        raise InvitationClosed(f"The invitation of {invitation.email} is already {done}.")
    return invitation


def _refuse_member(brand: Brand, email: str) -> None:
    member = Membership.objects.filter(brand=brand, user__email__iexact=email).first()
    if member is None:
        return
    if member.is_active:
        raise AlreadyMember(f"{email} is a member already ({member.user_label}).")
    raise AlreadyMember(f"{email} was a member ({member.user_label}): reactivate them instead.")


def _by_token(token: str, rows: QuerySet[Invitation]) -> Invitation:
    invitation = rows.filter(token_hash=hash_of(token)).first()
    if invitation is None:
        raise UnknownToken(
            "This link is not complete, or a newer invitation has replaced it. Open the newest "
            "e-mail, or ask the person who invited you to send it again."
        )
    inviter = invitation.invited_by
    if invitation.accepted_at:
        raise UsedUp("This invitation was accepted before. Sign in with your e-mail and password.")
    if invitation.revoked_at:
        raise Revoked(f"This invitation was taken back. If that is a mistake, ask {inviter}.")
    if invitation.expires_at <= clock.now():
        raise Expired(f"This invitation has expired. Ask {inviter} to send it again.")
    return invitation


def _claim(token: str) -> Invitation:
    """The invitation, locked: of two who accept at once, the second finds it used up."""
    lock_team(find(token).brand)
    rows = Invitation.objects.select_for_update(of=["self"], no_key=True)
    return _by_token(token, rows.select_related("brand", "invited_by"))


def _join(invitation: Invitation, user: User) -> Membership:
    if Membership.objects.filter(brand=invitation.brand, user=user, is_active=False).exists():
        raise NotAcceptable(
            f"Your access to {invitation.brand} was ended. Ask an admin there to reactivate it."
        )
    with acting_as(actor_of(user)):
        member, _ = Membership.objects.get_or_create(
            brand=invitation.brand,
            user=user,
            defaults={"user_label": str(user), "role": invitation.role},
        )
        invitation.accepted_at = clock.now()
        invitation.save(update_fields=["accepted_at"])
    return member

"""E-mail of this app. Sent after the verb's transaction, never inside it."""

from smtplib import SMTPException

import structlog
from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.domain.invitations import VALID_FOR, Sendable
from accounts.models import Role

log = structlog.get_logger()


class NotSent(Exception):
    """The mail server did not take the message; the invitation can be sent again."""


def send_invitation(sendable: Sendable) -> None:
    """E-mail the link. Raises NotSent."""
    invitation = sendable.invitation
    context = {
        "invitation": invitation,
        "inviter": invitation.invited_by,
        "brand": invitation.brand,
        "role": Role(invitation.role).label,
        "days": VALID_FOR.days,
        "url": settings.PUBLIC_URL.rstrip("/") + reverse("invitation", args=[sendable.token]),
    }
    message = EmailMessage(
        subject=f"{invitation.invited_by} invites you to {invitation.brand} on Paystory",
        body=render_to_string("accounts/mail/invitation.txt", context),
        to=[invitation.email],
        reply_to=[invitation.invited_by.email],
    )
    try:
        message.send()
    except (OSError, SMTPException, AnymailError) as error:
        log.warning("invitation.not_sent", invitation=invitation.pk, error=str(error))
        raise NotSent(f"The e-mail to {invitation.email} could not be sent.") from error

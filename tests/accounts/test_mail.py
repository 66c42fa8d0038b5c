"""The e-mail of an invitation."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse

from accounts.domain import invitations
from accounts.models import Brand, Invitation, Membership, Role


def _invite(brand: Brand, admin: Membership, email: str = "Kim@Example.com") -> str:
    sent = invitations.invite(brand, email=email, role=Role.BILLING, by=admin.user, name="Kim Osei")
    return sent.token


def _link() -> str:
    match = re.search(r"http://testserver(/invitations/\S+/)", str(mail.outbox[-1].body))
    assert match
    return match[1]


def test_a_mail_server_that_fails_loses_no_invitation(
    as_admin: Client, brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: EmailBackend, messages: Any) -> int:
        raise ConnectionRefusedError("no mail today")

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)

    page = as_admin.post(
        reverse("team_invite", args=["fhi"]),
        {"email": "kim@example.com", "role": "csr"},
        follow=True,
    )

    assert "could not be sent" in page.content.decode()
    assert Invitation.objects.get().accepted_at is None

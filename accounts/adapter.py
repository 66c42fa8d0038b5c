"""What we want otherwise than django-allauth: nobody signs up, and TOTP seeds are encrypted."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from core import secrets


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Accounts are made by accepting an invitation, and in no other way."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never, even if a sign-up address were added."""
        return False

    def clean_email(self, email: str) -> str:
        """Addresses are stored in lower case, so that one person has one account."""
        return str(super().clean_email(email)).lower()


class StaffMFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """Second factors at rest."""

    def encrypt(self, text: str) -> str:
        """Seal a TOTP seed or recovery seed for storage."""
        return secrets.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open what ``encrypt`` made."""
        return secrets.unseal(encrypted_text)

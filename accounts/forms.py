"""What people may type on the pages of this app."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from accounts.models import Role, User
from core.forms import Form

ROLE_HELP = (
    "CSRs see all payments and record them. Billing also reconciles, refunds and decides "
    "exceptions. Admins also manage the team."
)


class InviteForm(Form):
    """Who is invited, as what."""

    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label="Name", max_length=120, required=False, help_text="They can change it themselves."
    )
    role = forms.ChoiceField(choices=Role.choices, initial=Role.CSR, help_text=ROLE_HELP)


class RoleForm(Form):
    """A member's role."""

    role = forms.ChoiceField(choices=Role.choices, help_text=ROLE_HELP)


class NameForm(Form):
    """The own name of a user."""

    name = forms.CharField(
        label="Name",
        max_length=120,
        help_text="Shown next to everything you do.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class AcceptForm(NameForm):
    """Name and password of a new user; ``email`` is the invited address."""

    password = forms.CharField(
        label="Password",
        max_length=200,
        strip=False,
        help_text="At least ten characters: not only digits, nothing common, not like your name.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        """Refuse weak passwords, with the reason at the field."""
        cleaned = super().clean() or {}
        if password := cleaned.get("password"):
            user = User(email=self.email, name=cleaned.get("name", ""))
            try:
                validate_password(password, user)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned

"""Accounts: brands, staff users, memberships and roles."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers how changes of its tables read."""

    name = "accounts"

    def ready(self) -> None:
        """Load the sentences."""
        from accounts import activity  # noqa: F401  registers on import

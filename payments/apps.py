"""Payments: attempts, payments, refunds, disputes, and what providers tell us."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Registers how changes of its tables read."""

    name = "payments"

    def ready(self) -> None:
        """Load the sentences."""
        from payments import activity  # noqa: F401  registers on import

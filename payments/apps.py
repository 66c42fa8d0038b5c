"""Payments: attempts, payments, refunds, disputes, and what providers tell us."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PaymentsConfig(AppConfig):
    """Registers how changes of its tables read, what it knows of jobs, what follows a migration."""

    name = "payments"

    def ready(self) -> None:
        """Load the sentences, fill the hooks; settle jobs from before invoices after migrating."""
        from payments.cancelling.reviving import before_reviving
        from payments.domain import backfill
        from payments.domain import hooks as of_payments
        from payments.timeline import describe  # noqa: F401  registers on import
        from workorders.domain import hooks

        hooks.before_reviving.append(before_reviving)
        of_payments.register()
        post_migrate.connect(backfill.after_migrate, sender=self)

"""Invoicing: invoices, revisions, the ledger, fees, credits, settlement."""

from django.apps import AppConfig


class InvoicingConfig(AppConfig):
    """Registers how changes of its tables read, and what it hangs into the jobs' verbs."""

    name = "invoicing"

    def ready(self) -> None:
        """Load the sentences and fill the hooks of ``workorders``."""
        from invoicing.domain import hooks
        from invoicing.timeline import describe  # noqa: F401  registers on import

        hooks.register()

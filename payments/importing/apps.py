"""Importing has a table of its own: what was last imported of each job."""

from django.apps import AppConfig


class ImportingConfig(AppConfig):
    """Nested in payments: it writes jobs and their money, nothing above them."""

    name = "payments.importing"
    label = "importing"

    def ready(self) -> None:
        """Audits and explanations tell what older systems said otherwise."""
        from payments.importing import legacy
        from payments.truth.legacy import sources

        sources.append(legacy.figures)

"""Importing has a table of its own: what was last imported of each job."""

from django.apps import AppConfig


class ImportingConfig(AppConfig):
    """Nested in payments: it writes jobs and their money, nothing above them."""

    name = "importing"
    label = "importing"

    def ready(self) -> None:
        """Audits and explanations tell what older systems said otherwise."""
        from audit.legacy import sources
        from importing.legacy import figures

        sources.append(figures.figures)

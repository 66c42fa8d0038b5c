"""Importing has a table of its own: what was last imported of each job."""

from django.apps import AppConfig


class ImportingConfig(AppConfig):
    """Writes jobs and their money; apps below know nothing of it."""

    name = "importing"
    label = "importing"

    def ready(self) -> None:
        """Let audits and explanations show figures of older systems that differ."""
        from audit.legacy import sources
        from importing.legacy import figures

        sources.append(figures.figures)

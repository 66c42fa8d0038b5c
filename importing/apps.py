"""Importing has a table of its own: what was last imported of each job."""

from django.apps import AppConfig


class ImportingConfig(AppConfig):
    """Writes jobs and their money; apps below know nothing of it."""

    name = "importing"
    label = "importing"

    def ready(self) -> None:
        """Let audits compare what was imported, and show figures of older systems that differ."""
        from audit import imports, legacy
        from importing.legacy import figures
        from importing.proof import audited

        legacy.sources.append(figures.figures)
        imports.sources.append(audited.findings)

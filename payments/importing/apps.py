"""Importing has a table of its own: what was last imported of each job."""

from django.apps import AppConfig


class ImportingConfig(AppConfig):
    """Nested in payments: it writes jobs and their money, nothing above them."""

    name = "payments.importing"
    label = "importing"

"""Console."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The console app."""

    name = "console"

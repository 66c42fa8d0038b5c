"""The demo's data, by the import."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Has commands and no tables: demo data looks like any brand's own."""

    name = "demo"

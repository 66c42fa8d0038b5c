"""The demo's data, loaded by the import."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Has commands and no tables: demo data is stored like any brand's own."""

    name = "demo"

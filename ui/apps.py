"""What every page is made of: template tags, icons, list parameters, the style guide."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Has no tables: every floor above may use it."""

    name = "ui"

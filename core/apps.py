"""Core: money, splits, paging, clock, secrets at rest. Knows no other app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The lowest floor."""

    name = "core"

"""Stand-ins for outside services, for demos and tests."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """The stand-ins' buttons and commands; it has no tables."""

    name = "sandbox"

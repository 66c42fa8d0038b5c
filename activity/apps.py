"""Activity: what changed, who did it, and how it reads. Knows no other app."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class ActivityConfig(AppConfig):
    """Hands the actor to every database connection."""

    name = "activity"

    def ready(self) -> None:
        """Install the connection wrapper that tells the database who acts."""
        from activity.handover import install

        connection_created.connect(install, dispatch_uid="activity.handover")

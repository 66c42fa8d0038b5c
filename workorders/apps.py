"""Work orders: clients, contacts, services, jobs, charges, notes."""

from django.apps import AppConfig


class WorkordersConfig(AppConfig):
    """Registers how changes of its tables read."""

    name = "workorders"

    def ready(self) -> None:
        """Load the sentences."""
        from workorders import activity  # noqa: F401  registers on import

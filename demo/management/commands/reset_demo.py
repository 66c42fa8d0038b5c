"""``manage.py reset_demo``: empty every table of the demo's database."""

from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from demo import brands

# Tables that migrations fill.
NOT_EMPTIED = ("django_migrations", "django_content_type", "auth_permission", "django_site")


class Command(BaseCommand):
    """Tracked tables refuse TRUNCATE, but for a transaction that says it is a reset."""

    help = "Delete everything in the database (only with DEMO=1)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is no demo: only with DEMO=1 everything may be deleted.")
        self._refuse_real_brands()
        if not options["yes"] and not self._sure():
            raise CommandError("Nothing deleted.")
        tables = self._tables()
        names = ", ".join(connection.ops.quote_name(t) for t in tables)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('paystory.resetting', 'on', true)")
            cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
        self.stdout.write(f"{len(tables)} tables emptied.")

    def _refuse_real_brands(self) -> None:
        """Somebody's own brand in this database: then it is not only a demo."""
        strangers = brands.others()
        if strangers:
            raise CommandError(f"Not deleted: {', '.join(strangers)} did not come with the demo.")

    def _sure(self) -> bool:
        name = connection.settings_dict["NAME"]
        return input(f"Delete everything in the database {name}? [y/N] ").lower() == "y"

    def _tables(self) -> list[str]:
        models = apps.get_models(include_auto_created=True)
        mine = {m._meta.db_table for m in models if m._meta.managed and not m._meta.proxy}
        return sorted((mine & set(connection.introspection.table_names())) - set(NOT_EMPTIED))

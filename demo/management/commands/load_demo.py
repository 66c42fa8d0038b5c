"""``manage.py load_demo``: loads the demo's brands, people and jobs, once."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from accounts.models import Brand
from core import clock

LOCK = 0x50_44_45_4D
# One transaction loads everything: where this brand exists, all of it does.
BRAND = "fhi"
SHOWN_EVERY = 60


class Command(BaseCommand):
    """Loads all or nothing, by the same import as ``import_jobs``."""

    help = "Load the demo data (only with DEMO=1); a second time changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is no demo: set DEMO=1 to load made-up brands and users.")
        started = time.monotonic()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            is_there = Brand.objects.filter(slug=BRAND).exists()
            created = 0 if is_there else self._load()
        # Also when the data exists: the first run may have been stopped before this.
        self._project()
        took = time.monotonic() - started
        done = f"{created} jobs loaded in {took:.1f} s."
        self.stdout.write("The demo data is there." if is_there else done)

    def _load(self) -> int:
        # Imported here, as a start with existing data is quicker without.
        from demo import brands, data, staff_actions
        from importing.loader import load

        strangers = brands.others()
        if strangers:
            # Its logins are admins whose password everybody knows.
            names = ", ".join(strangers)
            raise CommandError(
                f"Not loaded: {names} did not come with the demo. Use a database of its own."
            )
        self.stdout.write("Loading the demo data …")
        brands.create()
        now = clock.now()
        report = load(data.lines(now), progress=self._progress)
        if report.rejected:
            raise CommandError("\n".join(str(p) for p in report.problems))
        staff_actions.do_all(now)
        return report.created

    def _progress(self, number: int, report: object) -> None:
        if number % SHOWN_EVERY == 0:
            self.stdout.write(f"  {number} jobs")
            self.stdout.flush()

    def _project(self) -> None:
        """Project every feed now, so that no page has to."""
        from activity.projection import project_pending

        while project_pending():
            pass

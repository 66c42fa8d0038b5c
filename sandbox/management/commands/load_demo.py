"""``manage.py load_demo``: the demo's brands, people and jobs; nothing when they are there."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from accounts.models import Brand
from activity.projection import project_pending
from core import clock
from payments.importing.loader import Report, load
from sandbox.demo import brands, data

LOCK = 0x50_44_45_4D
# The brand that is written last: with it, everything is there (one transaction loads it all).
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
            if Brand.objects.filter(slug=brands.BRANDS[-1].slug).exists():
                self.stdout.write("The demo data is there.")
                return
            self.stdout.write("Loading the demo data …")
            brands.create()
            report = load(data.lines(clock.now()), progress=self._progress)
            if report.rejected:
                raise CommandError("\n".join(str(p) for p in report.problems))
        self._project()
        took = time.monotonic() - started
        self.stdout.write(f"{report.created} jobs loaded in {took:.1f} s.")

    def _progress(self, number: int, report: Report) -> None:
        if number % SHOWN_EVERY == 0:
            self.stdout.write(f"  {number} jobs")
            self.stdout.flush()

    def _project(self) -> None:
        """Make every feed now, so that no page has to."""
        self.stdout.write("Telling their stories …")
        while project_pending():
            pass

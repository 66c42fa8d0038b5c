"""``manage.py backfill_jobs``: invoices and ledger for jobs from before there were any."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from payments.domain.backfill import backfill_jobs


class Command(BaseCommand):
    """Exit code 0: every job is settled. 1: some could not be, and are named."""

    help = "Give jobs from before invoicing their documents and ledger (migrate does it, too)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Settle the jobs that are not settled yet; change nothing where all are."""
        done = backfill_jobs(self.stdout.write)
        self.stdout.write(f"{done.jobs:,} jobs settled, {len(done.refused)} left.")
        if done.refused:
            sys.exit(1)

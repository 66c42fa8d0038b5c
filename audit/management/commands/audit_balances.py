"""``manage.py audit_balances``: every balance proved from its rows."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Brand
from audit.findings import Finding
from audit.run import Count, audit


class Command(BaseCommand):
    """Exit code 0: all agree. 1: one of ours is wrong. An older system's figures are only named.

    With ``--json`` each finding is an object on a line of its own (kind, brand,
    job, what, cause, found, expected, currency, ours; amounts as strings, null where something
    is missing); the last line is the summary: ``{"summary": {"jobs", "invoices", "ours",
    "legacy"}}``.
    """

    help = "Recompute every balance from ledger and lines and tell what does not agree."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Everything, or some of it."""
        parser.add_argument("--brand", metavar="SLUG", help="only this brand")
        parser.add_argument("--jobs", type=int, metavar="N", help="each brand’s N newest jobs")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print findings one by one, then how many there are."""
        count = Count()
        as_json = options["json"]
        findings = audit(
            _brands(options["brand"]),
            count,
            newest=_newest(options["jobs"]),
            progress=self._progress,
        )
        for finding in findings:
            self._tell(finding, as_json=as_json)
        if as_json:
            self.stdout.write(json.dumps({"summary": asdict(count)}))
        else:
            self.stdout.write(_summary(count))
        if count.ours:
            sys.exit(1)

    def _tell(self, finding: Finding, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(finding.as_dict(), ensure_ascii=False))
        else:
            legacy = "" if finding.is_ours else "(older system) "
            self.stdout.write(f"{legacy}{finding}")

    def _progress(self, count: Count) -> None:
        self.stderr.write(f"{count.jobs:,} jobs read")


def _summary(count: Count) -> str:
    read = f"{count.jobs:,} jobs, {count.invoices:,} invoices"
    if not count.ours and not count.legacy:
        return f"{read}: all agree."
    return f"{read}: {count.ours} wrong, {count.legacy} reported otherwise by an older system."


def _brands(slug: str | None) -> list[Brand]:
    brands = list(Brand.objects.filter(**({"slug": slug} if slug else {})).order_by("pk"))
    if slug and not brands:
        raise CommandError(f"--brand: there is no brand “{slug}”.")
    return brands


def _newest(jobs: int | None) -> int | None:
    if jobs is not None and jobs < 1:
        raise CommandError("--jobs: at least 1.")
    return jobs

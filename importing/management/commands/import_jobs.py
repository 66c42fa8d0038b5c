"""``manage.py import_jobs FILE``: jobs of an older system, one JSON object a line."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Brand
from importing.loader import Report, load


class Command(BaseCommand):
    """Exit code 0: every line is in. 1: at least one line was rejected, or nothing could start."""

    help = "Import jobs with their history from JSON Lines (see docs/import-format.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="JSON Lines, one job a line")
        parser.add_argument("--brand", metavar="SLUG", help="brand of lines that name none")
        parser.add_argument("--dry-run", action="store_true", help="do everything, keep nothing")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["brand"]
        if slug and not Brand.objects.filter(slug=slug).exists():
            raise CommandError(f"--brand: there is no brand “{slug}”.")
        try:
            with options["file"].open("rb") as lines:
                report = load(lines, brand_slug=slug, dry_run=options["dry_run"])
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
        else:
            self._print(report)
        if report.rejected:
            raise SystemExit(1)

    def _print(self, report: Report) -> None:
        for problem in report.problems:
            where = f" {problem.path}" if problem.path else ""
            self.stderr.write(f"line {problem.line}:{where}: {problem.reason}")
        for card in report.masked:
            self.stdout.write(f"line {card.line}: {card.path}: {card.reason}")
        for remark in report.remarks:
            self.stdout.write(f"line {remark.line}: {remark.path}: {remark.text}")
        for disagreement in report.disagreements:
            self.stdout.write(str(disagreement))
        counts = f"{report.created} created, {report.updated} updated, "
        counts += f"{report.unchanged} unchanged, {report.rejected} rejected"
        if report.policies:
            counts += f", {report.policies} with fees of the past"
        if report.disagreements:
            counts += f", older figures that disagree: {len(report.disagreements)}"
        if report.masked:
            counts += f", card numbers shortened: {len(report.masked)}"
        self.stdout.write(counts + (" (dry run: nothing was kept)" if report.dry_run else ""))

"""``manage.py write_import_format``: write docs/import-format.md from the model."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from importing.format.reference import render

PATH = Path(settings.BASE_DIR) / "docs" / "import-format.md"


class Command(BaseCommand):
    """``--check`` writes nothing and fails when the file is out of date."""

    help = "Write docs/import-format.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only see whether it is current")

    def handle(self, *args: Any, **options: Any) -> None:
        text = render()
        if PATH.exists() and PATH.read_text(encoding="utf-8") == text:
            self.stdout.write("docs/import-format.md is up to date.")
        elif options["check"]:
            raise CommandError("docs/import-format.md is out of date: run write_import_format.")
        else:
            PATH.write_text(text, encoding="utf-8")
            self.stdout.write("docs/import-format.md written.")

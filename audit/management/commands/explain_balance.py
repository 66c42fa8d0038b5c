"""``manage.py explain_balance NUMBER``: why a balance is what it is."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Brand
from audit import explain


class Command(BaseCommand):
    """Reads only. Exit code 1 where nothing, or too much, has that number."""

    help = "Explain the balance of a work order or invoice: the equation, and where it comes from."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A number, and its brand where several have it."""
        parser.add_argument("number", help="of a work order (FHI624) or an invoice (FHI624-2)")
        parser.add_argument("--brand", metavar="SLUG", help="where several brands have the number")
        parser.add_argument("--json", action="store_true", help="print it as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Explain it, or say why that cannot be."""
        slug = options["brand"]
        brands = list(Brand.objects.filter(**({"slug": slug} if slug else {})).order_by("pk"))
        if slug and not brands:
            raise CommandError(f"--brand: there is no brand “{slug}”.")
        try:
            explained = explain.explain_number(options["number"].strip(), brands)
        except explain.NoSuchNumberError as error:
            raise CommandError(str(error)) from error
        except explain.SeveralBrandsError as error:
            slugs = ", ".join(error.args)
            text = f"{options['number']} exists in {slugs}: name one with --brand."
            raise CommandError(text) from error
        if options["json"]:
            plain = explain.as_json(explained.settlement)
            self.stdout.write(json.dumps(plain, ensure_ascii=False, indent=2))
            return
        for line in explain.lines_of(explained):
            self.stdout.write(line)

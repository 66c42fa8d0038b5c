"""``manage.py create_brand``: a brand and its first admin; everybody else is invited."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.domain import brands
from accounts.domain.errors import BrandRefused
from activity.actors import acting_as, system

ARGUMENTS = {
    "slug": "part of every address, and of webhook addresses: choose it to stay (fhi)",
    "name": "the company’s name (Foothill Home Inspections)",
    "prefix": "what job numbers start with (FHI)",
    "currency": "of all its money, an ISO code (USD)",
    "time-zone": "where its days begin and end (America/Boise)",
    "email": "the first admin’s e-mail address",
}


class Command(BaseCommand):
    """Create a brand with its first admin."""

    help = "Create a brand and its first admin, who then invites the others in the browser."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """All needed but the admin's name."""
        for name, text in ARGUMENTS.items():
            parser.add_argument(f"--{name}", required=True, help=text)
        parser.add_argument("--admin", default="", help="the first admin’s name")

    def handle(self, **options: Any) -> None:
        """Create it, or name the argument that is wrong."""
        names = [name.replace("-", "_") for name in ARGUMENTS] + ["admin"]
        try:
            with acting_as(system("Set-up")):
                member = brands.create_brand(**{name: options[name] for name in names})
        except BrandRefused as error:
            field = error.field.replace("_", "-")
            raise CommandError(f"--{field}: {error}") from error
        self.stdout.write(f"{member.brand.name} is at /b/{member.brand.slug}/work-orders/")
        if not member.user.has_usable_password():
            self.stdout.write(
                f"{member.user.email} sets a password by “Forgot your password?” on the "
                "sign-in page."
            )

"""``manage.py demo_links``: where to look first, and how to sign in."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from activity.models import Entry
from demo.brands import PASSWORD, PEOPLE
from workorders.models import WorkOrder


class Command(BaseCommand):
    """Text for people, ``--json`` for programs."""

    help = "Print the demo's address, logins and deep links."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        links = self._links()
        if options["json"]:
            self.stdout.write(json.dumps(links, indent=2))
            return
        self.stdout.write(f"  Sign in      {links['address']}/")
        for login in links["logins"]:
            self.stdout.write(f"    {login['role']:<10} {login['email']}  ({login['name']})")
        self.stdout.write(f"    password   {PASSWORD}")
        self.stdout.write(f"  Cancelled, not free   {links['fhi624']}")
        self.stdout.write(f"  A declined card       {links['decline']}")
        self.stdout.write(f"  Paid, fee missing     {links['ria2159']}")
        self.stdout.write(f"  A credit on two bills {links['credit']}")

    def _links(self) -> dict[str, Any]:
        address = str(getattr(settings, "PUBLIC_URL", "http://127.0.0.1:8000")).rstrip("/")
        declined = self._decline()
        job = f"{address}/b/fhi/work-orders"
        return {
            "address": address,
            "password": PASSWORD,
            "logins": [
                {"email": email, "name": name, "role": str(role.label)}
                for email, name, role in PEOPLE
            ],
            "fhi624": f"{job}/FHI624/",
            "decline": f"{job}/FHI701/?entry={declined}#e-{declined}",
            "ria2159": f"{address}/b/ria/work-orders/RIA2159/",
            "credit": f"{address}/b/fhi/invoices/CM-000001/",
        }

    def _decline(self) -> int:
        """The first declined attempt of the job with three of them."""
        job = WorkOrder.objects.filter(brand__slug="fhi", number="FHI701").first()
        entry = (
            Entry.objects.filter(
                brand_id=job.brand_id, work_order_id=job.pk, kind="attempt", problem=True
            )
            .order_by("occurred_at", "id")
            .first()
            if job
            else None
        )
        if entry is None:
            raise CommandError("The demo data is not loaded: run load_demo first.")
        return entry.pk

"""``manage.py send_pay_at_close``: a pay-at-close order by signed webhooks, to watch it arrive."""

import urllib.error
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo.brands import BRANDS
from sandbox.pay_at_close import provider
from sandbox.pay_at_close.account import NoDemoAccount, account_of, amount_of
from workorders.models import WorkOrder
from workorders.queries import is_numbered


class Command(BaseCommand):
    """Send one order to a running server."""

    help = "Send a pay-at-close order to a running server, by signed webhooks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base-url", default=settings.PUBLIC_URL)
        parser.add_argument("--brand", default="", help="slug; needed where two have the number")
        parser.add_argument("--number", default="", help="work order number; default: the newest")
        parser.add_argument("--delay", type=float, default=2.5, help="seconds between facts")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is no demo: only with DEMO=1 orders may be made up.")
        job = self._job(options["brand"], options["number"])
        try:
            account = account_of(job.brand, options["base_url"])
        except NoDemoAccount as error:
            raise CommandError(str(error)) from error
        page = f"{options['base_url'].rstrip('/')}/b/{job.brand.slug}/work-orders/{job.number}/"
        self.stdout.write(f"Sending to {page}")
        try:
            order_id = provider.send_order(
                account,
                job.number,
                amount_of(job),
                delay=max(0.0, options["delay"]),
                report=self._report,
            )
        except urllib.error.HTTPError as error:
            body = error.read().decode(errors="replace")[:300]
            raise CommandError(f"The server answered {error.code}: {body}") from error
        except OSError as error:
            base = options["base_url"]
            raise CommandError(f"No server answers at {base}; is 'make demo' running?") from error
        self.stdout.write(self.style.SUCCESS(f"Order {order_id} is complete."))

    def _report(self, answer: provider.Answer) -> None:
        self.stdout.write(f"  {answer.status:<22} {answer.code} {answer.body.get('result', '')}")

    def _job(self, brand_slug: str, number: str) -> WorkOrder:
        mine = [demo.slug for demo in BRANDS]
        rows = WorkOrder.objects.filter(brand__slug__in=[brand_slug] if brand_slug else mine)
        rows = rows.select_related("brand").order_by("-happened_at", "-pk")
        jobs = list((rows.filter(is_numbered(number)) if number else rows)[:2])
        if not jobs:
            raise CommandError(f"There is no work order {number}".rstrip())
        if number and len(jobs) > 1:
            raise CommandError(f"Two brands have a work order {number}: say --brand.")
        return jobs[0]

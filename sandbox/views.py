"""Buttons of the demo."""

import threading
from decimal import Decimal

import structlog
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from accounts.access import BrandRequest, brand_view
from sandbox.pay_at_close import provider
from sandbox.pay_at_close.account import NoDemoAccount, account_of, amount_of
from workorders.models import WorkOrder
from workorders.queries import is_numbered

log = structlog.get_logger()

# Seconds between two facts: long enough to watch each arrive.
DELAY = 2.5


@brand_view()
def demo_order(request: BrandRequest, number: str) -> HttpResponseBase:
    """Start a pay-at-close order on this job, sent to this very server; answers at once."""
    if not settings.DEMO:
        raise Http404("Only in the demo")
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    job = get_object_or_404(WorkOrder, is_numbered(number), brand=request.brand)
    job.brand = request.brand
    try:
        # Never the Host header: it would say where a signed request of ours goes.
        account = account_of(request.brand, settings.PUBLIC_URL)
    except NoDemoAccount as error:
        messages.error(request, str(error))
        return redirect("work_order", request.brand.slug, job.number)
    amount = amount_of(job)
    thread = threading.Thread(target=_send, args=(account, job.number, amount), daemon=True)
    thread.start()
    messages.info(request, "A pay-at-close order is on its way: watch for new events.")
    return redirect("work_order", request.brand.slug, job.number)


def _send(account: provider.Account, number: str, amount: Decimal) -> None:
    """Run in a thread, without the database: it talks to the server as a provider does."""
    try:
        provider.send_order(account, number, amount, delay=DELAY)
    except OSError:
        log.exception("sandbox.pay_at_close_interrupted", work_order=number)

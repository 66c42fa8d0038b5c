"""Clients, and one client with their jobs, payments and newest activity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import BrandRequest, brand_view
from activity.models import Entry
from activity.reading import read_through_brand
from console.feed.rows import FeedDay, by_day
from console.lists import jobs as job_list
from console.lists.search import payments_of_client
from invoicing.queries import balances, items
from invoicing.queries.credits import Standing, client_credits
from payments.models import Payment
from ui.boxes import Boxes
from ui.lists import Params, paged, pager
from workorders.models import Client, WorkOrder
from workorders.queries import clients_matching, work_orders

FEED_ROWS = 20
PAYMENTS_SHOWN = 50


@brand_view()
def clients(request: BrandRequest) -> HttpResponse:
    """Everybody the brand works for, by name."""
    text = Params(request.GET).text("q")
    page = paged(request, clients_matching(request.brand, text), ["name", "id"])
    context = {
        "rows": _rows(request, page.rows),
        "text": text,
        **pager(request, page),
    }
    return render(request, "console/clients.html", context)


@dataclass(frozen=True)
class ClientRow:
    """One client of the list; ``newest`` is when their last job was booked."""

    client: Client
    money: balances.ClientMoney
    jobs: int
    newest: datetime | None


def _rows(request: BrandRequest, clients: list[Client]) -> list[ClientRow]:
    ids = [client.pk for client in clients]
    jobs, money = _jobs_of(request, ids), balances.of_clients(request.brand, ids)
    return [ClientRow(c, money[c.pk], *jobs.get(c.pk, (0, None))) for c in clients]


def _jobs_of(request: BrandRequest, ids: list[int]) -> dict[int, tuple[int, datetime]]:
    """How many jobs each client has, and when the newest was booked: one query."""
    rows = (
        WorkOrder.objects.filter(brand=request.brand, client_id__in=ids)
        .order_by()
        .values_list("client_id")
        .annotate(jobs=Count("pk"), newest=Max("happened_at"))
    )
    return {pk: (jobs, newest) for pk, jobs, newest in rows}


@brand_view()
def client(request: BrandRequest, client_id: int) -> HttpResponse:
    """One client: how to reach them, their jobs with figures, payments, and what happened."""
    brand = request.brand
    person = get_object_or_404(Client, brand=brand, pk=client_id)
    page = paged(request, work_orders(brand).filter(client=person), job_list.NEWEST_FIRST)
    pending = read_through_brand(brand.pk, _job_ids(request, person))
    boxes = Boxes(client=person.pk)
    boxes.add("figures", lambda: {"figures": _figures(_money(request, person))})
    boxes.add("jobs", lambda: {"rows": job_list.rows(brand, page.rows)})
    boxes.add("items", lambda: {"item_summary": items.summary(brand, client_id=person.pk)})
    boxes.add("credits", lambda: {"credits": _open_credits(request, person)})
    boxes.add("payments", lambda: _payments(request, person))
    boxes.add("feed", lambda: {"feed": _feed(request, person)})
    context = {
        "client": person,
        "currency": brand.currency,
        "pending_count": pending,
        "tz_name": brand.time_zone,
        **boxes.context,
        **pager(request, page),
    }
    return render(request, "console/client.html", context)


def _money(request: BrandRequest, person: Client) -> balances.ClientMoney:
    return balances.of_clients(request.brand, [person.pk])[person.pk]


def _open_credits(request: BrandRequest, person: Client) -> list[Standing]:
    return [c for c in client_credits(request.brand, person.pk) if c.is_open]


def _payments(request: BrandRequest, person: Client) -> dict[str, Any]:
    """The newest payments for the client's jobs."""
    payments = (
        Payment.objects.filter(brand=request.brand)
        .filter(payments_of_client(request.brand, person.pk))
        .select_related("work_order")
        .order_by("-happened_at", "-id")
    )
    shown = list(payments[: PAYMENTS_SHOWN + 1])
    return {"payments": shown[:PAYMENTS_SHOWN], "more_payments": len(shown) > PAYMENTS_SHOWN}


def _figures(money: balances.ClientMoney) -> Sequence[dict[str, Any]]:
    """What a client owes and has, over all their jobs: each the sum of rows below."""
    owes = {
        "key": "owed",
        "label": "Owes",
        "amount": money.owed,
        "note": "due on issued invoices" if money.owed else "nothing is due",
        "state": "due" if money.owed else "paid",
        "total": True,
        "url": "#jobs-title",
    }
    notes = ["on drafts"] if money.unissued != money.void else []
    if money.beside:
        notes.append(f"{money.beside:,f} next to issued invoices")
    if money.void:
        notes.append(f"{money.void:,f} of void invoices")
    drafts = ", ".join(notes)
    rest = [
        ("unissued", "Not issued yet", money.unissued, drafts, "#jobs-title"),
        ("overpaid", "Overpaid", money.overpaid, "held on jobs, to return or keep", "#jobs-title"),
        ("credit", "Credit", money.credit, "left to use", "#credits-title"),
    ]
    return [owes] + [
        {
            "key": key,
            "label": label,
            "amount": amount,
            "note": note if amount else "none",
            "url": url,
        }
        for key, label, amount, note, url in rest
    ]


def _job_ids(request: BrandRequest, person: Client) -> list[int]:
    jobs = WorkOrder.objects.filter(brand=request.brand, client=person)
    return list(jobs.values_list("pk", flat=True))


def _feed(request: BrandRequest, person: Client) -> list[FeedDay]:
    entries = (
        Entry.objects.filter(
            brand_id=request.brand.pk,
            work_order_id__in=_job_ids(request, person),
            payment_view=True,
            technical=False,
        )
        .select_related("thread")
        .order_by("-occurred_at", "-id")[:FEED_ROWS]
    )
    return by_day(request.brand, entries, ZoneInfo(request.brand.time_zone))

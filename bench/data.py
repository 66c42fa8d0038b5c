"""What is measured: the demo's FHI624 in a brand of thousands of made-up jobs.

Rows are written in bulk into the same tables, past the same triggers as everything else. The same
number of jobs gives the same rows.
"""

import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import connection, transaction

from accounts.models import Brand, User
from activity.actors import Actor, ActorKind, acting_as, provider
from core import clock
from demo import brands
from demo.data import jobs as demo_jobs
from importing.loader import load
from invoicing.models import Unsettled
from payments.models import (
    AttemptStatus,
    Payment,
    PaymentAllocation,
    PaymentAttempt,
    PaymentStatus,
    ProviderEvent,
    Refund,
    RefundStatus,
)
from workorders.models import Charge, Client, Contact, Message, WorkOrder

BATCH = 1000
# 40 payments of 50 entries each: 2,000.
PAYMENTS_OF_LONG_JOB, STEPS_PER_PAYMENT = 40, 49
STAFF = Actor(ActorKind.STAFF, "Dana Whitfield", "1")
FIRST = ("Alma", "Ben", "Carla", "Dev", "Ella", "Finn", "Grace", "Hugo", "Iris", "Jonas")
LAST = ("Moreno", "Okafor", "Pruitt", "Quill", "Reyes", "Sandoval", "Tran", "Ueda", "Vance", "Webb")
STREETS = ("Alder Court", "Birch Lane", "Cedar Avenue", "Dogwood Drive", "Elm Street")
DECLINES = ("insufficient_funds", "expired_card", "do_not_honor")


@dataclass
class Rows:
    """Rows of one batch of jobs, table by table."""

    jobs: list[WorkOrder] = field(default_factory=list)
    below: dict[type[Any], list[Any]] = field(default_factory=dict)

    def add(self, row: Any) -> Any:
        """Keep ``row`` for its table."""
        self.below.setdefault(type(row), []).append(row)
        return row


def user() -> User:
    """The demo's admin."""
    return User.objects.get(email="admin@demo.paystory.test")


def brand_with_fhi624() -> Brand:
    """The demo's FHI, with FHI624 and nothing else, imported and not yet projected."""
    brand = brands.create()["fhi"]
    line = next(j for j in demo_jobs(clock.now()) if j["number"] == "FHI624")
    report = load([json.dumps(line).encode()])
    if report.created != 1:
        raise RuntimeError(f"FHI624 was not imported: {report.problems}")
    return brand


def many_jobs(brand: Brand, count: int) -> None:
    """``count`` jobs with charges, people, a payment each, some declines and refunds."""
    chance = random.Random(624)
    with acting_as(STAFF):
        names = [f"{first} {last}" for first in FIRST for last in LAST]
        clients = Client.objects.bulk_create(
            [Client(brand=brand, name=n, email=f"c{i}@example.com") for i, n in enumerate(names)]
        )
    numbers = iter(range(count))
    while batch := list(islice(numbers, BATCH)):
        rows = Rows()
        for n in batch:
            _job(rows, brand, clients[n % len(clients)], n, chance)
        _write(rows)


def _write(rows: Rows) -> None:
    """One transaction a batch; charges and contacts after their job, refunds after payments."""
    order = (Charge, Contact, Message, Payment, PaymentAllocation, PaymentAttempt, Refund)
    with acting_as(STAFF), transaction.atomic():
        WorkOrder.objects.bulk_create(rows.jobs)
        for model in order:
            model._default_manager.bulk_create(rows.below.get(model, []))
        Unsettled.objects.all().delete()  # as before there were invoices: backfilling settles them


def _job(rows: Rows, brand: Brand, client: Client, n: int, chance: random.Random) -> None:
    at = clock.now() - timedelta(days=chance.randrange(3, 900), minutes=n % 600)
    job = WorkOrder(
        brand=brand,
        client=client,
        number=f"BEN{n:06}",
        address=f"{n + 100} {STREETS[n % len(STREETS)]}, Boise ID",
        inspector="Sam Ortega",
        happened_at=at,
        scheduled_for=at + timedelta(days=2),
    )
    rows.jobs.append(job)
    common: dict[str, Any] = {"brand": brand, "work_order": job, "happened_at": at}
    price = Decimal(chance.randrange(300, 900))
    rows.add(Charge(**common, description="General Home Inspection", amount=price))
    rows.add(Contact(**common, role="buyers_agent", name=f"{LAST[n % 10]} Realty"))
    rows.add(Message(**common, kind="agreement_signed", person=client.name))
    _money(rows, common | {"happened_at": at + timedelta(days=2)}, job, price, n, chance)


def _money(
    rows: Rows, common: dict[str, Any], job: WorkOrder, price: Decimal, n: int, chance: Any
) -> None:
    last4 = f"{4000 + n % 400}"
    card = {"method": "card", "provider": "guardian", "currency": "USD", "card_brand": "Visa"}
    fate = chance.random()
    if fate < 0.06:  # declined, and nothing since
        code = DECLINES[n % 3]
        failed = {"status": AttemptStatus.FAILED, "decline_code": code, "last4": last4}
        rows.add(PaymentAttempt(**common, **card, **failed, number=1, amount=price))
        return
    payment = rows.add(
        Payment(
            **common,
            **card,
            number=1,
            status=PaymentStatus.COMPLETED,
            amount=price,
            services_amount=price,
            payer_name=job.client.name,
            last4=last4,
            reference=f"ch_{n:08}",
            references=[f"ch_{n:08}", f"pi_{n:08}"],
            provider_order_id=f"bench-{n:08}",
            paid_at=common["happened_at"],
        )
    )
    rows.add(_allocation(payment, common))
    if fate > 0.9:
        part = {"amount": Decimal(50), "services_amount": Decimal(50), "currency": "USD"}
        status = RefundStatus.FAILED if fate > 0.98 else RefundStatus.COMPLETED
        rows.add(Refund(**common, **part, payment=payment, number=1, status=status))


def _allocation(payment: Payment, common: dict[str, Any]) -> PaymentAllocation:
    return PaymentAllocation(
        **common,
        payment=payment,
        amount=payment.amount,
        services_amount=payment.services_amount,
        status=payment.status,
        payment_label=f"P-{payment.number}",
    )


def long_job(brand: Brand) -> WorkOrder:
    """One job with 40 payments of fifty entries each: 2,000, all about money."""
    at = clock.now() - timedelta(days=30)
    with transaction.atomic():
        with acting_as(STAFF, at=at):
            job = WorkOrder.objects.create(
                brand=brand,
                client=Client.objects.filter(brand=brand).earliest("pk"),
                number="BENLONG",
                address="1 Long Street, Boise ID",
                happened_at=at,
            )
        for n in range(PAYMENTS_OF_LONG_JOB):
            _long_payment(brand, job, n, at + timedelta(hours=3 * n))
        Unsettled.objects.all().delete()
    return job


def _long_payment(brand: Brand, job: WorkOrder, n: int, at: datetime) -> None:
    common: dict[str, Any] = {"brand": brand, "work_order": job, "happened_at": at}
    guardian = provider("Guardian", "guardian")
    parts = {"amount": Decimal(10), "services_amount": Decimal(10), "status": "completed"}
    with acting_as(guardian, at=at):
        payment = Payment.objects.create(
            **common,
            **parts,
            number=n + 1,
            method="card",
            provider="guardian",
            currency="USD",
            last4="4242",
            card_brand="Visa",
            provider_order_id=f"long-{n}",
        )
        _allocation(payment, common).save()
    for step in range(STEPS_PER_PAYMENT):
        step_at = at + timedelta(minutes=step + 1)
        with acting_as(guardian, at=step_at):
            ProviderEvent.objects.create(
                **{**common, "happened_at": step_at},
                payment=payment,
                provider="guardian",
                event_id=f"long-{n}-{step}",
                order_id=f"long-{n}",
                method="card",
                status="settled",
                currency="USD",
                detail=f"Batch {n}, step {step}",
                received_at=step_at,
                folded_at=step_at,
                payload_hash="0" * 64,
            )


def forget_pending() -> None:
    """Drop the changes of the writing figures: projecting them again measures nothing new."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM activity_change WHERE projected_at IS NULL")


def forget_feed(job: WorkOrder) -> None:
    """As if nothing of the job's feed had ever been projected."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (
            """UPDATE activity_change SET projected_at = NULL, entry_id = NULL
            WHERE brand_id = %s AND work_order_id = %s""",
            "DELETE FROM activity_entry WHERE brand_id = %s AND work_order_id = %s",
            "DELETE FROM activity_thread WHERE brand_id = %s AND work_order_id = %s",
        ):
            cursor.execute(statement, [job.brand_id, job.pk])

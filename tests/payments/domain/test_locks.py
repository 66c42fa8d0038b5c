"""Who waits for whom, counted as statements that wait for a lock and not as time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections, transaction

from accounts.models import Brand
from invoicing.domain.numbering import settings_of
from payments.domain.locks import lock_payment
from payments.domain.record import Manual, record_payment
from payments.ingest.receive import Received, receive
from payments.models import Method, Payment
from tests.factories import BrandFactory, PaymentFactory, WorkOrderFactory
from tests.payments.conftest import T0, incoming, together
from workorders.domain import charges, jobs
from workorders.domain.charges import ChargeLine
from workorders.domain.jobs import JobDetails
from workorders.domain.people import NewClient
from workorders.models import Client, WorkOrder, WorkOrderStatus

D = Decimal
# Statements that wait for what the connection %s holds.
WAITING = """
    SELECT query FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
      AND %s = ANY(pg_blocking_pids(pid))
"""


class Watch:
    """Asks again and again, over its own connection, which statements wait for ``pid``."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.waits: list[str] = []
        self.saw_one = threading.Event()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(10)

    def _look(self) -> None:
        try:
            while not self._end.wait(0.002):
                with connection.cursor() as cursor:
                    cursor.execute(WAITING, [self.pid])
                    self.waits += [row[0] for row in cursor.fetchall()]
                if self.waits:
                    self.saw_one.set()
        finally:
            connections.close_all()


@contextmanager
def held_open(work: Callable[[], Any]) -> Iterator[Watch]:
    """``work`` done in a transaction that stays open until the block ends; and who waits for it."""
    with transaction.atomic():
        work()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        with Watch(pid) as watch:
            yield watch


def book(brand: Brand) -> None:
    jobs.create_work_order(brand, client=NewClient("Jo"), details=JobDetails())


def issued_job(brand: Brand, number: str) -> WorkOrder:
    job = WorkOrderFactory(brand=brand, number=number)
    charges.replace_charges(brand, job.pk, [ChargeLine("Home inspection", D("329.00"))])
    return jobs.set_status(brand, job.pk, WorkOrderStatus.CONFIRMED)


def webhook(brand: Brand, job: WorkOrder) -> Received:
    order = {"event_id": f"ev-{job.number}", "order_id": job.number, "work_order": job.number}
    fact = incoming("captured", 1, "329.00", method="card", **order)
    return receive(brand, "guardian", fact, payload="{}", received_at=T0 + timedelta(days=1))


def by_hand(brand: Brand, job: WorkOrder) -> Payment:
    return record_payment(brand, job, D("329.00"), Manual(Method.CASH), by="Dana Whitfield")


@pytest.mark.django_db(transaction=True)
def test_webhooks_and_payments_of_a_brand_wait_for_no_booking() -> None:
    brand = BrandFactory(slug="fhi")
    settings_of(brand)
    own = [issued_job(brand, f"FHI{n}") for n in range(100, 108)]
    works = [partial(webhook if n % 2 else by_hand, brand, job) for n, job in enumerate(own)]

    with held_open(partial(book, brand)) as watch:
        results = together(*works)

    assert [r for r in results if not isinstance(r, Received | Payment)] == []
    assert watch.waits == []
    assert Payment.objects.filter(status="completed").count() == len(own)


@pytest.mark.django_db(transaction=True)
def test_the_watch_sees_a_statement_that_waits() -> None:
    """A full lock of the brand, which no verb takes, makes an insert wait, and that is noticed."""
    brand = BrandFactory(slug="fhi")

    def add_client() -> None:
        try:
            Client.objects.create(brand=brand, name="Jo")
        finally:
            connections.close_all()

    inserting = threading.Thread(target=add_client)
    with held_open(lambda: Brand.objects.select_for_update().get(pk=brand.pk)) as watch:
        inserting.start()
        assert watch.saw_one.wait(20)
    inserting.join(20)

    assert "workorders_client" in watch.waits[0]
    assert Client.objects.get().name == "Jo"


def test_a_locked_payment_is_read_again(brand: Brand, job: WorkOrder) -> None:
    payment = PaymentFactory(work_order=job, brand=brand)
    Payment.objects.filter(pk=payment.pk).update(payer_name="Jo")

    assert lock_payment(payment).payer_name == "Jo"

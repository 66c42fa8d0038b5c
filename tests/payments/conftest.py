"""A brand with one job, and facts of its providers."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections

from accounts.models import Brand
from invoicing.domain.fees import add_policy
from invoicing.models import FeePolicy
from payments.ingest.imported_fact import freeze
from payments.ingest.incoming import IncomingFact
from payments.ingest.receive import Received, receive
from payments.models import Payment
from tests.factories import BrandFactory, WorkOrderFactory
from workorders.domain import charges, jobs
from workorders.domain.charges import ChargeLine
from workorders.models import WorkOrder, WorkOrderStatus

D = Decimal
T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


@pytest.fixture
def brand(db: None) -> Brand:
    return BrandFactory(slug="fhi", name="Frontier Home Inspections")


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    return WorkOrderFactory(brand=brand, number="FHI624")


def with_policy(brand: Brand, **rest: Any) -> FeePolicy:
    """A fee policy in force since 400 days before the first fact."""
    values: dict[str, Any] = {"percent": D("3.59"), "fundings": ["credit"], **rest}
    return add_policy(brand, T0 - timedelta(days=400), **values)


@pytest.fixture
def policy(brand: Brand) -> FeePolicy:
    """3.59 % on credit cards; a missing fee is absorbed."""
    return with_policy(brand)


@pytest.fixture
def bill(job: WorkOrder) -> WorkOrder:
    """The job with its service of 500.00, issued."""
    charges.replace_charges(job.brand, job.pk, [ChargeLine("Home inspection", D("500.00"))])
    jobs.set_status(job.brand, job.pk, WorkOrderStatus.CONFIRMED)
    return job


def incoming(status: str, minute: int = 0, amount: str | None = None, **rest: Any) -> IncomingFact:
    """A fact of order ``ord-1`` on FHI624, ``minute`` minutes after the first."""
    values: dict[str, Any] = {
        "event_id": f"ev-{status}-{minute}",
        "order_id": "ord-1",
        "work_order": "FHI624",
        "status": status,
        "at": T0 + timedelta(minutes=minute),
        "amount": Decimal(amount) if amount is not None else None,
    }
    return IncomingFact(**{**values, **rest})


Tell = Callable[..., Received]


@pytest.fixture
def tell(brand: Brand) -> Tell:
    """``tell(fact, provider="guardian")`` receives a fact as the webhook does."""

    def _tell(fact: IncomingFact, provider: str = "guardian", **rest: Any) -> Received:
        values = {"payload": "{}", "received_at": T0 + timedelta(days=1), **rest}
        return receive(brand, provider, fact, **values)

    return _tell


def frozen(payment: Payment) -> Payment:
    """``payment`` as the importer leaves it: its present state is a fact of its own."""
    payment.imported_fact = freeze(payment.__dict__, payment.happened_at)
    payment.save(update_fields=["imported_fact"])
    return payment


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run each in a thread of its own, at the same moment; answers or exceptions."""
    gate = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(index: int, work: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[index] = work()
        except Exception as error:  # whatever it was, the test looks at it
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results

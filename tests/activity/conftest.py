"""A job, and connections to its database that know nothing of Django."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client

from accounts.models import Brand
from activity.projection import project_pending
from tests.factories import BrandFactory, ChargeFactory, MembershipFactory, WorkOrderFactory
from workorders.models import Charge, WorkOrder

Connect = Callable[[], psycopg.Connection[Any]]


@pytest.fixture(autouse=True)
def _unwatched(request: pytest.FixtureRequest) -> None:
    """What is captured is tried with rows that no verb wrote, and nothing posts them."""
    asks_for_rows = {"db", "transactional_db"} & set(request.fixturenames)
    if asks_for_rows or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("unwatched")


@pytest.fixture
def brand(db: None) -> Brand:
    return BrandFactory(name="Frontier Home Inspections")


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    return WorkOrderFactory(brand=brand, number="FHI624")


@pytest.fixture
def outside(transactional_db: None) -> Iterator[Connect]:
    """``outside()`` opens a connection as psql would: no Django, no actor."""
    opened: list[psycopg.Connection[Any]] = []

    def connect() -> psycopg.Connection[Any]:
        known = connection.get_connection_params()
        names = ("dbname", "host", "port", "user", "password")
        opened.append(psycopg.connect(**{n: known[n] for n in names if known.get(n)}))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


@pytest.fixture
def csr(job: WorkOrder, client: Client) -> Client:
    client.force_login(MembershipFactory(brand=job.brand).user)
    return client


@pytest.fixture
def charge(job: WorkOrder) -> Charge:
    """A charge whose own story is already on the feed."""
    made = ChargeFactory(work_order=job)
    project_pending()
    return made

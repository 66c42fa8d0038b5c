"""A web request that would wait too long gets an answer that says what to do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from config.timeouts import TimeoutMiddleware, limit
from tests.factories import BrandFactory, MembershipFactory, WorkOrderFactory
from workorders.domain.locks import lock_work_order
from workorders.models import WorkOrder

middleware = TimeoutMiddleware(lambda _: HttpResponse())


@pytest.fixture
def impatient(transactional_db: None) -> Iterator[None]:
    """The connection of this test gives up as one of a web server does, only sooner."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 100; SET statement_timeout = 2000")
    yield
    connection.close()


@contextmanager
def locked_by_somebody(job: WorkOrder) -> Iterator[None]:
    has_lock, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                lock_work_order(job.brand, job.pk)
                has_lock.set()
                done.wait(30)
        finally:
            connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert has_lock.wait(30)
    try:
        yield
    finally:
        done.set()
        holder.join(30)


def test_a_job_that_somebody_else_is_changing_answers_a_page(
    impatient: None, client: Client
) -> None:
    brand = BrandFactory()
    job = WorkOrderFactory(brand=brand, address="1 Elm")
    client.force_login(MembershipFactory(brand=brand).user)
    page = reverse("work_order_edit", args=[brand.slug, job.number])
    values = {"address": "2 Oak", "inspector": "Sam"}

    with locked_by_somebody(job):
        answer = client.post(page, values)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "Somebody else is changing this right now" in answer.text
    assert "send the form again" in answer.text
    job.refresh_from_db()
    assert job.address == "1 Elm"
    assert client.post(page, values).status_code == 302


def test_a_statement_that_takes_too_long_says_so(impatient: None) -> None:
    with connection.cursor() as cursor, pytest.raises(OperationalError) as refused:
        cursor.execute("SELECT pg_sleep(60)")

    answer = middleware.process_exception(RequestFactory().get("/"), refused.value)

    assert answer is not None
    assert answer.status_code == 503
    assert "This took too long" in answer.text
    assert "load the page again" in answer.text


@pytest.mark.parametrize("error", [OperationalError("no connection"), ValueError("no number")])
def test_any_other_error_stays_an_error(error: Exception) -> None:
    assert middleware.process_exception(RequestFactory().get("/"), error) is None


@pytest.mark.django_db
def test_a_limited_connection_gives_up_by_itself() -> None:
    mine = connection.copy()
    limit(mine.settings_dict, lock_ms=1234, statement_ms=5678)
    try:
        with mine.cursor() as cursor:
            cursor.execute("SELECT current_setting('lock_timeout')")
            assert cursor.fetchone() == ("1234ms",)
            cursor.execute("SELECT current_setting('statement_timeout')")
            assert cursor.fetchone() == ("5678ms",)
    finally:
        mine.close()


@pytest.mark.parametrize(
    ("database", "options"),
    [
        ({}, "-c lock_timeout=5 -c statement_timeout=7"),
        (
            {"OPTIONS": {"options": "-c lock_timeout=9"}},
            "-c lock_timeout=5 -c statement_timeout=7 -c lock_timeout=9",
        ),
    ],
)
def test_the_options_of_the_address_come_last(database: dict[str, Any], options: str) -> None:
    limit(database, lock_ms=5, statement_ms=7)

    assert database["OPTIONS"]["options"] == options


def test_pooled_connections_and_zero_are_not_limited() -> None:
    pooled: dict[str, Any] = {"DISABLE_SERVER_SIDE_CURSORS": True}
    limit(pooled, lock_ms=5, statement_ms=7)
    endless: dict[str, Any] = {}
    limit(endless, lock_ms=0, statement_ms=0)

    assert pooled == {"DISABLE_SERVER_SIDE_CURSORS": True}
    assert endless == {}

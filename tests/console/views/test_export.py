"""A job's feed as a file: the filtered view, streamed, as CSV or JSON."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Brand
from activity.actors import Actor, ActorKind, acting_as
from tests.factories import (
    AttemptFactory,
    NoteFactory,
    PaymentFactory,
    RefundFactory,
    WorkOrderFactory,
)
from workorders.models import WorkOrder

DANA = Actor(ActorKind.STAFF, "Dana Whitfield", "7")


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    with acting_as(DANA):
        made: WorkOrder = WorkOrderFactory(brand=brand, number="FHI624")
    return made


def _file(browser: Browser, job: WorkOrder, form: str, **query: str) -> str:
    answer = browser.get(reverse("work_order_export", args=["fhi", job.number, form]), query)
    return b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_filtered_view_as_a_file(csr: Browser, job: WorkOrder, form: str) -> None:
    with acting_as(DANA):
        AttemptFactory(work_order=job, amount=Decimal("340.52"))
    with acting_as(DANA):
        payment = PaymentFactory(work_order=job, amount=Decimal("340.52"))
    with acting_as(DANA):
        RefundFactory(payment=payment, amount=Decimal("211.14"))

    body = _file(csr, job, form, show="refunds")

    assert "$211.14 refunded" in body
    assert "Attempt" not in body


def test_another_form_does_not_exist(csr: Browser, job: WorkOrder) -> None:
    url = reverse("work_order_export", args=["fhi", job.number, "exe"])

    assert csr.get(url).status_code == 404


def test_a_file_is_of_the_tab_that_it_was_asked_on_and_oldest_first(
    csr: Browser, job: WorkOrder
) -> None:
    with acting_as(DANA):
        NoteFactory(work_order=job, text="Gate code 4711")
    with acting_as(DANA):
        PaymentFactory(work_order=job, amount=Decimal("340.52"))

    payments, everything = _file(csr, job, "json"), _file(csr, job, "json", all="1")

    assert "Gate code 4711" not in payments
    assert "Gate code 4711" in everything
    times = [datetime.fromisoformat(row["occurred_at"]) for row in json.loads(everything)]
    assert times == sorted(times)


def test_a_streamed_file_writes_every_instant_by_the_brands_clock(
    csr: Browser, job: WorkOrder
) -> None:
    with acting_as(DANA):
        payment = PaymentFactory(work_order=job, amount=Decimal("340.52"))
    with acting_as(DANA):
        payment.paid_at = datetime(2026, 3, 2, 16, 15, tzinfo=UTC)
        payment.save()

    body = _file(csr, job, "json")

    assert "2 Mar 2026 09:15:00 MST" in body
    assert "UTC" not in body

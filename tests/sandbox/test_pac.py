"""The stand-in plays a whole order against a running server, as often as one likes."""

import time
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from payments.models import Payment, ProviderEvent
from sandbox import pac, views
from tests.factories import BrandFactory, ChargeFactory, MembershipFactory, WorkOrderFactory
from workorders.models import WorkOrder


@pytest.fixture
def job(transactional_db: None) -> WorkOrder:
    found: WorkOrder = WorkOrderFactory(brand=BrandFactory(slug="fhi"), number="FHI624")
    ChargeFactory(work_order=found, amount=Decimal("329.00"))
    return found


def test_the_command_plays_the_whole_story_twice(live_server: LiveServer, job: WorkOrder) -> None:
    out = StringIO()

    for _ in range(2):
        call_command(
            "play_pay_at_close", base_url=live_server.url, number="FHI624", delay=0, stdout=out
        )

    payments = Payment.objects.order_by("number")
    assert [(p.status, p.amount) for p in payments] == [("completed", Decimal("329.000"))] * 2
    told = ProviderEvent.objects.filter(payment=payments[0]).order_by("happened_at")
    assert [e.status for e in told] == [status for status, _, _ in pac.STORY]
    assert out.getvalue().count("is complete") == 2


def test_the_command_says_when_no_server_answers(job: WorkOrder) -> None:
    with pytest.raises(CommandError, match="No server answers"):
        call_command("play_pay_at_close", base_url="http://127.0.0.1:9", number="FHI624")


def test_the_button_answers_at_once_and_the_order_arrives(
    live_server: LiveServer, job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "DELAY", 0)
    browser = Browser(headers={"host": live_server.url.removeprefix("http://")})
    browser.force_login(MembershipFactory(brand=job.brand).user)

    response = browser.post(reverse("demo_play", args=["fhi", "FHI624"]))

    assert response["Location"] == reverse("work_order", args=["fhi", "FHI624"])
    deadline = time.monotonic() + 20
    while ProviderEvent.objects.count() < len(pac.STORY) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert Payment.objects.get().status == "completed"


def test_the_button_is_a_post(job: WorkOrder) -> None:
    browser = Browser()
    browser.force_login(MembershipFactory(brand=job.brand).user)

    assert browser.get(reverse("demo_play", args=["fhi", "FHI624"])).status_code == 405

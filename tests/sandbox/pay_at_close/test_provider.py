"""The stand-in plays a whole order against a running server, as often as one likes."""

import threading
import time
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from core.secrets import seal
from payments.models import Payment, ProviderAccount, ProviderEvent
from sandbox import views
from sandbox.pay_at_close import provider
from tests.factories import BrandFactory, ChargeFactory, MembershipFactory, WorkOrderFactory
from workorders.models import WorkOrder


@pytest.fixture
def job(transactional_db: None) -> WorkOrder:
    found: WorkOrder = WorkOrderFactory(brand=BrandFactory(slug="fhi"), number="FHI624")
    ChargeFactory(work_order=found, amount=Decimal("329.00"))
    ProviderAccount.objects.create(
        brand=found.brand, provider="flexfund", webhook_secret=seal("demo-secret")
    )
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
    assert [e.status for e in told] == [status for status, _, _ in provider.STORY]
    assert out.getvalue().count("is complete") == 2


def test_the_command_says_when_no_server_answers(job: WorkOrder) -> None:
    with pytest.raises(CommandError, match="No server answers"):
        call_command("play_pay_at_close", base_url="http://127.0.0.1:9", number="FHI624")


def test_the_button_answers_at_once_and_the_order_arrives(
    live_server: LiveServer,
    job: WorkOrder,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    monkeypatch.setattr(views, "DELAY", 0)
    settings.PUBLIC_URL = live_server.url
    browser = Browser()
    browser.force_login(MembershipFactory(brand=job.brand).user)

    response = browser.post(reverse("demo_play", args=["fhi", "FHI624"]))

    assert response["Location"] == reverse("work_order", args=["fhi", "FHI624"])
    deadline = time.monotonic() + 20
    while ProviderEvent.objects.count() < len(provider.STORY) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert Payment.objects.get().status == "completed"


def test_the_button_is_a_post(job: WorkOrder) -> None:
    browser = Browser()
    browser.force_login(MembershipFactory(brand=job.brand).user)

    assert browser.get(reverse("demo_play", args=["fhi", "FHI624"])).status_code == 405


def test_the_host_header_says_nothing_about_where_webhooks_go(
    job: WorkOrder, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    sent: list[provider.Account] = []
    monkeypatch.setattr(provider, "play", lambda account, *_, **__: sent.append(account))
    monkeypatch.setattr(threading, "Thread", Now)
    settings.PUBLIC_URL = "http://127.0.0.1:8123"
    settings.ALLOWED_HOSTS = ["*"]
    browser = Browser(headers={"host": "somewhere.example:99"})
    browser.force_login(MembershipFactory(brand=job.brand).user)

    browser.post(reverse("demo_play", args=["fhi", "FHI624"]))

    assert [a.url for a in sent] == ["http://127.0.0.1:8123/webhooks/pac/flexfund/fhi/"]


class Now:
    """A thread that is over when it was started."""

    def __init__(self, target: Callable[..., None], args: tuple[Any, ...], daemon: bool) -> None:
        self.start = lambda: target(*args)


# --- only the demo's own -------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["play_pay_at_close", "demo_live"])
def test_outside_the_demo_no_order_is_made_up(command: str, job: WorkOrder, settings: Any) -> None:
    settings.DEMO = False

    with pytest.raises(CommandError, match="This is no demo"):
        call_command(command, number="FHI624")


@pytest.fixture
def real_job(transactional_db: None) -> WorkOrder:
    brand = BrandFactory(slug="real", name="Real Company")
    found: WorkOrder = WorkOrderFactory(brand=brand, number="R1")
    ProviderAccount.objects.create(
        brand=brand, provider="flexfund", webhook_secret=seal("their own")
    )
    return found


def test_a_brand_of_somebodys_own_is_never_played_with(
    real_job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "send", lambda *_: pytest.fail("sent"))

    with pytest.raises(CommandError, match="Real Company did not come with the demo"):
        call_command("play_pay_at_close", brand="real", number="R1")
    with pytest.raises(CommandError, match="There is no work order"):
        call_command("play_pay_at_close")


def test_the_button_of_such_a_brand_says_so_and_plays_nothing(
    real_job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "play", lambda *_, **__: pytest.fail("played"))
    browser = Browser()
    browser.force_login(MembershipFactory(brand=real_job.brand).user)

    response = browser.post(reverse("demo_play", args=["real", "R1"]))

    assert [str(m) for m in get_messages(response.wsgi_request)] == [
        "Real Company did not come with the demo."
    ]


def test_an_account_that_is_missing_or_switched_off_is_not_made_up(job: WorkOrder) -> None:
    ProviderAccount.objects.update(is_active=False)
    with pytest.raises(CommandError, match="no active FlexFund account"):
        call_command("play_pay_at_close", number="FHI624")
    ProviderAccount.objects.all().delete()

    with pytest.raises(CommandError, match="no active FlexFund account"):
        call_command("play_pay_at_close", number="FHI624")

    assert not ProviderAccount.objects.exists()

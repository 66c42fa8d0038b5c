"""The demo's button answers at once, and the order arrives by real webhooks."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client as Browser
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from payments.models import Payment, ProviderEvent
from sandbox import views
from sandbox.pay_at_close import provider
from tests.factories import MembershipFactory
from workorders.models import WorkOrder


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

    response = browser.post(reverse("demo_order", args=["fhi", "FHI624"]))

    assert response["Location"] == reverse("work_order", args=["fhi", "FHI624"])
    deadline = time.monotonic() + 20
    while ProviderEvent.objects.count() < len(provider.STEPS) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert Payment.objects.get().status == "completed"


def test_the_button_is_a_post(job: WorkOrder) -> None:
    browser = Browser()
    browser.force_login(MembershipFactory(brand=job.brand).user)

    assert browser.get(reverse("demo_order", args=["fhi", "FHI624"])).status_code == 405


def test_outside_the_demo_there_is_no_button(job: WorkOrder, settings: Any) -> None:
    settings.DEMO = False
    browser = Browser()
    browser.force_login(MembershipFactory(brand=job.brand).user)

    assert browser.post(reverse("demo_order", args=["fhi", "FHI624"])).status_code == 404


def test_the_host_header_says_nothing_about_where_webhooks_go(
    job: WorkOrder, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    sent: list[provider.Account] = []
    monkeypatch.setattr(provider, "send_order", lambda account, *_, **__: sent.append(account))
    monkeypatch.setattr(threading, "Thread", Now)
    settings.PUBLIC_URL = "http://127.0.0.1:8123"
    settings.ALLOWED_HOSTS = ["*"]
    browser = Browser(headers={"host": "somewhere.example:99"})
    browser.force_login(MembershipFactory(brand=job.brand).user)

    browser.post(reverse("demo_order", args=["fhi", "FHI624"]))

    assert [a.url for a in sent] == ["http://127.0.0.1:8123/webhooks/pac/flexfund/fhi/"]


class Now:
    """A thread that runs its work at once, inside ``start``."""

    def __init__(self, target: Callable[..., None], args: tuple[Any, ...], daemon: bool) -> None:
        self.start = lambda: target(*args)


def test_the_button_of_a_brand_of_somebodys_own_says_so_and_sends_nothing(
    real_job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "send_order", lambda *_, **__: pytest.fail("sent"))
    browser = Browser()
    browser.force_login(MembershipFactory(brand=real_job.brand).user)

    response = browser.post(reverse("demo_order", args=["real", "R1"]))

    assert [str(m) for m in get_messages(response.wsgi_request)] == [
        "Real Company did not come with the demo."
    ]

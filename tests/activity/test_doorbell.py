"""Redis may be stopped or hang: writes are as quick as ever, and pages show the truth."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from activity import doorbell
from activity.actors import acting_as
from tests.activity.feeds import DANA, notes, page, shows
from tests.factories import (
    NoteFactory,
)
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bell(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[doorbell._State]:
    """A doorbell that rings, and has not rung yet."""
    settings.PAYSTORY_DOORBELL = True
    for name, value in {"quiet_until": 0.0, "last_ring": 0.0, "ringing": None}.items():
        monkeypatch.setattr(doorbell._State, name, value)
    return doorbell._State


@pytest.fixture
def no_redis(bell: object, settings: Any) -> Iterator[None]:
    """The broker's and the cache's address lead nowhere, as when Redis is stopped."""
    from config.celery import app

    celery: Any = app  # its pools and settings are not in its hints
    nowhere, usual = "redis://127.0.0.1:1/0", celery.conf.broker_url
    celery.conf.broker_url = nowhere
    celery.pool.force_close_all()
    celery._pool = celery.amqp._producer_pool = None
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": nowhere}}
    yield
    celery.conf.broker_url = usual
    celery._pool = celery.amqp._producer_pool = None


def _rung() -> None:
    assert doorbell._State.ringing is not None, "nobody rang"
    doorbell._State.ringing.join(20)
    assert not doorbell._State.ringing.is_alive()


def test_without_redis_a_write_is_quick_and_its_page_is_right(
    job: WorkOrder, csr: Client, no_redis: None
) -> None:
    page(csr, job)  # templates are compiled
    _rung()
    doorbell._State.quiet_until = doorbell._State.last_ring = 0.0

    started = time.perf_counter()
    with acting_as(DANA):
        NoteFactory(work_order=job, text="Gate code 4711")
    written = time.perf_counter()
    html = page(csr, job)
    shown = time.perf_counter()

    assert written - started < 1
    assert shown - written < 1
    assert shows(html, "Gate code 4711")
    _rung()
    assert doorbell._State.quiet_until > 0, "Redis answered"


def test_a_broker_that_hangs_holds_no_commit_up(
    job: WorkOrder, bell: type[doorbell._State], monkeypatch: pytest.MonkeyPatch
) -> None:
    hang, sent = threading.Event(), list[int]()

    def send() -> None:
        sent.append(1)
        hang.wait(20)

    monkeypatch.setattr(doorbell, "_send", send)

    started = time.perf_counter()
    notes(job, 3)
    took = time.perf_counter() - started
    hang.set()
    _rung()

    assert took < 1
    assert sent == [1], "one ring on its way is enough"


def test_rings_are_coalesced_and_rest_after_a_failure(
    bell: type[doorbell._State], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []

    def send() -> None:
        sent.append(1)
        if len(sent) == 2:
            raise ConnectionError

    monkeypatch.setattr(doorbell, "_send", send)
    for _ in range(3):
        doorbell.ring()
        _rung()
    assert sent == [1]

    bell.last_ring -= doorbell.COALESCE_SECONDS
    doorbell.ring()
    _rung()
    bell.last_ring -= doorbell.COALESCE_SECONDS
    doorbell.ring()

    assert sent == [1, 1]
    assert bell.quiet_until - time.monotonic() > doorbell.QUIET_AFTER_FAILURE_SECONDS - 1

"""Workers die, brokers vanish, describers fail: nothing lost, nothing twice, pages right."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Brand
from activity import describe as d
from activity import doorbell, projection
from activity.actors import Actor, ActorKind, acting_as
from activity.models import Change, Entry, Thread
from activity.projection import Feed, project, project_pending, read_through
from tests.activity.conftest import Connect
from tests.factories import (
    ChargeFactory,
    ClientFactory,
    MembershipFactory,
    NoteFactory,
    WorkOrderFactory,
)
from workorders.models import Charge, WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)
DANA = Actor(ActorKind.STAFF, "Dana Whitfield", "7")
LOCK = "SELECT pg_advisory_xact_lock(%s, %s)"


def _feed(job: WorkOrder) -> Feed:
    return Feed(job.brand_id, job.pk)


def _notes(job: WorkOrder, count: int) -> None:
    """``count`` facts, each with an entry of its own."""
    for n in range(count):
        with acting_as(DANA):
            NoteFactory(work_order=job, text=f"Note {n}")


def assert_shown_once() -> None:
    """Every change is projected and on one entry; no entry shows nothing; threads add up."""
    assert not Change.objects.filter(projected_at=None).exists()
    assert not Change.objects.filter(entry=None).exists()
    assert not Entry.objects.filter(changes=None).exists()
    for thread in Thread.objects.all():
        assert thread.entry_count == thread.entries.count()


# --- a killed worker ----------------------------------------------------------------------------

# A worker that is in the middle of its transaction: entries are written, changes are not marked.
WORKER = """
import django, sys, time
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from activity import projection
def hang(*args):
    print("in mid-batch", flush=True)
    time.sleep(60)
projection._mark = hang
projection.project_pending()
"""


def _start_worker() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(connection.settings_dict["NAME"])],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_worker_killed_in_mid_batch_leaves_nothing_behind(job: WorkOrder) -> None:
    _notes(job, 3)
    worker = _start_worker()
    assert worker.stdout is not None
    try:
        assert worker.stdout.readline() == "in mid-batch\n"
        project_pending()
        held = Entry.objects.filter(work_order_id=job.pk).count()
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    _until_free(job)
    project_pending()

    assert held == 0
    assert Entry.objects.filter(work_order_id=job.pk, kind="note").count() == 3
    assert_shown_once()


def _until_free(job: WorkOrder) -> None:
    """The server notices that a client is gone when it next looks at the socket."""
    for _ in range(100):
        if project(_feed(job)):
            return
        time.sleep(0.1)
    raise AssertionError("the killed worker still holds its lock")


# --- no Redis -----------------------------------------------------------------------------------


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

    nowhere, usual = "redis://127.0.0.1:1/0", app.conf.broker_url
    app.conf.broker_url = nowhere
    app.pool.force_close_all()
    app._pool = app.amqp._producer_pool = None
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": nowhere}}
    yield
    app.conf.broker_url = usual
    app._pool = app.amqp._producer_pool = None


def _rung() -> None:
    assert doorbell._State.ringing is not None, "nobody rang"
    doorbell._State.ringing.join(20)
    assert not doorbell._State.ringing.is_alive()


@pytest.fixture
def csr(job: WorkOrder, client: Client) -> Client:
    client.force_login(MembershipFactory(brand=job.brand).user)
    return client


def _page(client: Client, job: WorkOrder, name: str = "work_order_activity") -> str:
    response = client.get(reverse(name, args=[job.brand.slug, job.number]))
    assert response.status_code == 200
    return response.content.decode()


def test_without_redis_a_write_is_quick_and_its_page_is_right(
    job: WorkOrder, csr: Client, no_redis: None
) -> None:
    _page(csr, job)  # templates are compiled
    _rung()
    doorbell._State.quiet_until = doorbell._State.last_ring = 0.0

    started = time.perf_counter()
    with acting_as(DANA):
        NoteFactory(work_order=job, text="Gate code 4711")
    written = time.perf_counter()
    page = _page(csr, job)
    shown = time.perf_counter()

    assert written - started < 1
    assert shown - written < 1
    assert _shows(page, "Gate code 4711")
    _rung()
    assert doorbell._State.quiet_until > 0, "Redis answered"


def test_a_broker_that_hangs_holds_no_commit_up(
    job: WorkOrder, bell: type[doorbell._State], monkeypatch: pytest.MonkeyPatch
) -> None:
    hang, sent = threading.Event(), []
    monkeypatch.setattr(doorbell, "_send", lambda: (sent.append(1), hang.wait(20)))

    started = time.perf_counter()
    _notes(job, 3)
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


def _shows(page: str, text: str) -> bool:
    """Whether the timeline (not only the panel of notes beside it) has the note's entry."""
    entry = Entry.objects.filter(data__text=text).first()
    return entry is not None and f'id="e-{entry.pk}"' in page


# --- several projectors -------------------------------------------------------------------------


def test_many_projectors_at_once_show_everything_once(brand: Brand) -> None:
    jobs = WorkOrderFactory.create_batch(6, brand=brand)
    faults: list[BaseException] = []

    def projector() -> None:
        try:
            for _ in range(8):
                project_pending()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    def writer(job: WorkOrder) -> None:
        try:
            _notes(job, 5)
            Charge.objects.filter(work_order=job).update(amount=5)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=projector) for _ in range(4)]
    threads += [threading.Thread(target=writer, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    project_pending()

    assert faults == []
    assert Entry.objects.filter(kind="note").count() == 6 * 5
    assert_shown_once()


def test_projecting_again_adds_nothing(job: WorkOrder) -> None:
    _notes(job, 2)
    project_pending()
    before = list(Entry.objects.order_by("pk").values()), list(Thread.objects.values())

    project_pending()
    read_through(_feed(job))

    assert (list(Entry.objects.order_by("pk").values()), list(Thread.objects.values())) == before


def test_a_page_does_not_wait_for_a_busy_worker(
    job: WorkOrder, csr: Client, outside: Connect
) -> None:
    _page(csr, job)
    _notes(job, 3)
    worker = outside()
    worker.execute(LOCK, _feed(job).lock)

    started = time.perf_counter()
    left = read_through(_feed(job))
    waited = time.perf_counter() - started
    page = _page(csr, job)
    shown = Entry.objects.filter(data__text="Note 2").exists()
    worker.rollback()
    after = _page(csr, job)

    assert left == 3
    assert 0.25 < waited < 0.9
    assert "3 changes being read" in page
    assert not shown
    assert "being read" not in after
    assert _shows(after, "Note 2")


def test_a_page_takes_over_when_the_worker_is_done_in_time(
    job: WorkOrder, outside: Connect
) -> None:
    _notes(job, 1)
    worker = outside()
    worker.execute(LOCK, _feed(job).lock)
    ending = threading.Timer(0.1, worker.rollback)
    ending.start()

    left = read_through(_feed(job))
    ending.join()

    assert left == 0
    assert_shown_once_of(job)


def assert_shown_once_of(job: WorkOrder) -> None:
    assert not Change.objects.filter(work_order_id=job.pk, entry=None).exists()


def test_the_servers_own_lock_timeout_survives_projection(job: WorkOrder) -> None:
    _notes(job, 1)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '7s'")
        assert read_through(_feed(job)) == 0
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("7s",)


# --- batches ------------------------------------------------------------------------------------


def test_batches_never_cut_a_step(job: WorkOrder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "BATCH", 5)
    project_pending()
    steps = []
    for n in (3, 4, 2, 5, 1):
        with acting_as(DANA) as step, transaction.atomic():
            ChargeFactory.create_batch(n, work_order=job)
        steps.append(step.step)

    project_pending()

    entries = [set(Change.objects.filter(step=s).values_list("entry", flat=True)) for s in steps]
    assert [len(e) for e in entries] == [1] * 5
    assert_shown_once()


def test_steps_that_interleave_are_not_cut_either(
    job: WorkOrder, outside: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_pending()
    monkeypatch.setattr(projection, "BATCH", 4)
    first, second = outside(), outside()
    for n in range(3):
        for psql in (first, second):
            psql.execute(
                "INSERT INTO workorders_charge (brand_id, work_order_id, description, amount,"
                " service_type, position, external_id, happened_at)"
                " VALUES (%s, %s, %s, 10, 'standard', 0, '', now())",
                [job.brand_id, job.pk, f"Line {n}"],
            )
    first.commit()
    second.commit()

    project_pending()

    by_transaction = Change.objects.filter(actor_kind="database").values_list("txid", "entry_id")
    pairs = set(by_transaction.exclude(entry=None).filter(entity="workorders.charge"))
    assert len(pairs) == 2
    assert len({entry for _, entry in pairs}) == 2
    assert_shown_once()


def test_a_step_larger_than_a_batch_is_read_in_parts(
    job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "BATCH", 4)
    with acting_as(DANA), transaction.atomic():
        NoteFactory.create_batch(11, work_order=job)

    project_pending()

    assert Entry.objects.filter(kind="note").count() == 11
    assert_shown_once()


def test_a_page_reads_one_batch_and_says_what_is_left(
    job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_pending()
    monkeypatch.setattr(projection, "BATCH", 4)
    _notes(job, 6)

    assert read_through(_feed(job)) == 2
    assert read_through(_feed(job)) == 0
    assert_shown_once()


# --- faults -------------------------------------------------------------------------------------


class Alarms:
    """What was logged as an error."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def exception(self, event: str, **_: Any) -> None:
        self.events.append(event)


@pytest.fixture
def alarms(monkeypatch: pytest.MonkeyPatch) -> Alarms:
    found = Alarms()
    monkeypatch.setattr(projection, "log", found)
    return found


def _break(monkeypatch: pytest.MonkeyPatch, describer: d.Describer) -> None:
    """Notes are described by ``describer`` from now on."""
    family = d.Family(("workorders.note", "workorders.message"), describer, {})
    monkeypatch.setitem(d._families, "workorders.note", family)


def _raises(changes: Sequence[d.ChangeRow]) -> list[d.Line]:
    raise ZeroDivisionError


def _shows_twice(changes: Sequence[d.ChangeRow]) -> list[d.Line]:
    return [*d.plain_lines(changes), *d.plain_lines(changes)]


def _cannot_be_stored(changes: Sequence[d.ChangeRow]) -> list[d.Line]:
    key = d.ThreadKey("note", changes[0].object_id)
    shows = tuple(c.id for c in changes)
    return [d.Line("note.changed", key, shows, "a kind that is longer than its column is wide")]


def _is_no_json(changes: Sequence[d.ChangeRow]) -> list[d.Line]:
    key = d.ThreadKey("note", changes[0].object_id)
    return [d.Line("note.changed", key, tuple(c.id for c in changes), "note", {"x": object()})]


def _names_another(changes: Sequence[d.ChangeRow]) -> list[d.Line]:
    return [d.Line("note.changed", d.ThreadKey("note", 1), (changes[0].id + 1000,), "note")]


def _shows_nothing(changes: Sequence[d.ChangeRow]) -> list[d.Line]:
    return [d.Line("note.changed", d.ThreadKey("note", 1), (), "note")]


@pytest.mark.parametrize(
    "describer",
    [_raises, _shows_twice, _cannot_be_stored, _is_no_json, _names_another, _shows_nothing],
    ids=lambda f: str(f.__name__)[1:],
)
def test_a_describer_that_fails_costs_words_and_nothing_else(
    job: WorkOrder,
    csr: Client,
    alarms: Alarms,
    monkeypatch: pytest.MonkeyPatch,
    describer: d.Describer,
) -> None:
    _break(monkeypatch, describer)
    with acting_as(DANA):
        NoteFactory(work_order=job, text="Gate code 4711")
    with acting_as(DANA):
        ChargeFactory(work_order=job, description="Radon test")

    page = _page(csr, job)

    assert alarms.events
    plain = Entry.objects.get(code=d.PLAIN)
    charged = Entry.objects.get(code="charges.changed")
    assert f'id="e-{plain.pk}"' in page
    assert f'id="e-{charged.pk}"' in page
    assert plain.technical
    assert plain.data["diff"]["text"] == [None, "Gate code 4711"]
    assert charged.actor_label == "Dana Whitfield"
    project_pending()
    assert_shown_once()


def test_a_feed_that_fails_keeps_no_other_waiting(
    brand: Brand, alarms: Alarms, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = WorkOrderFactory.create_batch(3, brand=brand)
    poisoned = jobs[0].pk

    def handler(feed: Feed, rows: Sequence[d.ChangeRow]) -> None:
        if feed.work_order_id == poisoned:
            raise ZeroDivisionError

    monkeypatch.setattr(projection, "_handlers", [handler])
    project_pending()

    waiting = Change.objects.filter(projected_at=None)
    assert set(waiting.values_list("work_order_id", flat=True)) == {poisoned}
    assert not Entry.objects.filter(work_order_id=poisoned).exists()
    assert alarms.events == ["activity.feed_failed"]
    assert read_through(_feed(jobs[0])) == 1  # the page stands, and says so

    monkeypatch.setattr(projection, "_handlers", [])
    project_pending()
    assert_shown_once()


def test_an_arrival_does_not_project_a_brands_feed_that_a_worker_is_at(
    brand: Brand, job: WorkOrder, outside: Connect
) -> None:
    from payments.models import ProviderEvent
    from tests.activity.test_arrivals import an_event

    event = an_event(brand, "ev-1")
    ClientFactory(brand=brand)
    ProviderEvent.objects.filter(pk=event.pk).update(work_order=job)
    worker = outside()
    worker.execute(LOCK, Feed(brand.pk, None).lock)

    left = read_through(_feed(job))
    shown = Entry.objects.count()
    worker.rollback()
    project_pending()

    assert left == 2
    assert shown == 0
    assert_shown_once()


def test_a_rolled_back_write_leaves_no_trace(job: WorkOrder) -> None:
    project_pending()
    before = Change.objects.count()

    with transaction.atomic():
        NoteFactory(work_order=job)
        transaction.set_rollback(True)
    project_pending()

    assert Change.objects.count() == before


def test_a_lock_is_only_its_own_feeds(job: WorkOrder, outside: Connect) -> None:
    _notes(job, 1)
    worker = outside()
    worker.execute(LOCK, Feed(job.pk, None).lock)  # a brand with this job's number
    worker.execute(LOCK, Feed(job.brand_id, job.pk + 1).lock)

    assert project(_feed(job))


def test_settings_use_no_session_locks() -> None:
    """PgBouncer in transaction mode gives the session to somebody else between transactions."""
    source = Path(projection.__file__).read_text()

    assert "pg_try_advisory_xact_lock(" in source
    assert "pg_advisory_lock(" not in source
    assert settings.DATABASES["default"].get("OPTIONS", {}).get("pool") is None
    assert issubclass(psycopg.errors.LockNotAvailable, psycopg.OperationalError)

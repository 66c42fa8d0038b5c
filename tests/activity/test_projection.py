"""Workers die, meet each other, or are busy: nothing lost, nothing twice, pages right."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import connection, connections, transaction
from django.test import Client

from accounts.models import Brand
from activity import projection, reading
from activity.actors import acting_as
from activity.models import Change, Entry, Thread
from activity.projection import project, project_pending
from activity.reading import read_through
from tests.activity.conftest import Connect
from tests.activity.feeds import DANA, LOCK, assert_shown_once, feed, notes, page, shows
from tests.factories import (
    ChargeFactory,
    NoteFactory,
    WorkOrderFactory,
)
from workorders.models import Charge, WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)


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
    notes(job, 3)
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
    """The server notices that a client is gone when it next reads the socket."""
    for _ in range(100):
        if project(feed(job)):
            return
        time.sleep(0.1)
    raise AssertionError("the killed worker still holds its lock")


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
            notes(job, 5)
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
    notes(job, 2)
    project_pending()
    before = list(Entry.objects.order_by("pk").values()), list(Thread.objects.values())

    project_pending()
    read_through(feed(job))

    assert (list(Entry.objects.order_by("pk").values()), list(Thread.objects.values())) == before


def test_a_page_does_not_wait_for_a_busy_worker(
    job: WorkOrder, csr: Client, outside: Connect
) -> None:
    page(csr, job)
    notes(job, 3)
    worker = outside()
    worker.execute(LOCK, feed(job).lock)

    started = time.perf_counter()
    left = read_through(feed(job))
    waited = time.perf_counter() - started
    html = page(csr, job)
    shown = Entry.objects.filter(data__text="Note 2").exists()
    worker.rollback()
    after = page(csr, job)

    assert left == 3
    assert 0.25 < waited < 0.9
    assert "3 changes being processed" in html
    assert not shown
    assert "being processed" not in after
    assert shows(after, "Note 2")


def test_a_page_takes_over_when_the_worker_is_done_in_time(
    job: WorkOrder, outside: Connect
) -> None:
    notes(job, 1)
    worker = outside()
    worker.execute(LOCK, feed(job).lock)
    ending = threading.Timer(0.1, worker.rollback)
    ending.start()

    left = read_through(feed(job))
    ending.join()

    assert left == 0
    assert not Change.objects.filter(work_order_id=job.pk, entry=None).exists()


def test_the_servers_own_lock_timeout_survives_projection(job: WorkOrder) -> None:
    notes(job, 1)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '7s'")
        assert read_through(feed(job)) == 0
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
                " service_type, position, external_id, happened_at, tax_name, tax_percent)"
                " VALUES (%s, %s, %s, 10, 'standard', 0, '', now(), '', 0)",
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
    monkeypatch.setattr(reading, "PAGE_BATCH", 4)
    notes(job, 6)

    assert read_through(feed(job)) == 2
    assert read_through(feed(job)) == 0
    assert_shown_once()

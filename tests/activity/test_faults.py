"""A describer that fails costs its own step its words, and nothing else anything."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from accounts.models import Brand
from activity import describe as d
from activity import projection
from activity.actors import acting_as
from activity.models import Change, Entry
from activity.projection import Feed, project, project_pending
from activity.reading import read_through
from tests.activity.conftest import Connect
from tests.activity.feeds import DANA, LOCK, assert_shown_once, feed, notes, page
from tests.factories import (
    ChargeFactory,
    ClientFactory,
    NoteFactory,
    WorkOrderFactory,
)
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)


class Alarms:
    """What was logged as an error."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def exception(self, event: str, **_: Any) -> None:
        self.events.append(event)


@pytest.fixture
def alarms(monkeypatch: pytest.MonkeyPatch) -> Alarms:
    raised = Alarms()
    monkeypatch.setattr(projection, "log", raised)
    return raised


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


def _of_another_shape(changes: Sequence[d.ChangeRow]) -> list[d.Line]:
    key = d.ThreadKey("note", changes[0].object_id)
    shows = tuple(c.id for c in changes)
    return [d.Line("note.changed", key, shows, "note", {"op": "I", "words": "Gate code"})]


def _heads_its_thread_with_another_shape(changes: Sequence[d.ChangeRow]) -> list[d.Line]:
    key = d.ThreadKey("payment", changes[0].object_id)
    shows = tuple(c.id for c in changes)
    head = {key: d.ThreadUpdate("succeeded", "completed", {"amount": 30.0})}
    return [d.Line("note.changed", key, shows, "note", {"op": "I"}, threads=head)]


def _names_another(changes: Sequence[d.ChangeRow]) -> list[d.Line]:
    return [d.Line("note.changed", d.ThreadKey("note", 1), (changes[0].id + 1000,), "note")]


def _shows_nothing(changes: Sequence[d.ChangeRow]) -> list[d.Line]:
    return [d.Line("note.changed", d.ThreadKey("note", 1), (), "note")]


@pytest.mark.parametrize(
    "describer",
    [
        *(_raises, _shows_twice, _cannot_be_stored, _is_no_json, _of_another_shape),
        *(_heads_its_thread_with_another_shape, _names_another, _shows_nothing),
    ],
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

    html = page(csr, job)

    assert alarms.events
    plain = Entry.objects.get(code=d.PLAIN)
    charged = Entry.objects.get(code="charges.changed")
    assert f'id="e-{plain.pk}"' in html
    assert f'id="e-{charged.pk}"' in html
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
    assert read_through(feed(jobs[0])) == 1  # the page is shown, and says so

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

    left = read_through(feed(job))
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
    notes(job, 1)
    worker = outside()
    worker.execute(LOCK, Feed(job.pk, None).lock)  # a brand with this job's number
    worker.execute(LOCK, Feed(job.brand_id, job.pk + 1).lock)

    assert project(feed(job))


def test_settings_use_no_session_locks() -> None:
    """PgBouncer in transaction mode gives the session to somebody else between transactions."""
    source = Path(projection.__file__).read_text()

    assert "pg_try_advisory_xact_lock(" in source
    assert "pg_advisory_lock(" not in source
    assert settings.DATABASES["default"].get("OPTIONS", {}).get("pool") is None
    assert issubclass(psycopg.errors.LockNotAvailable, psycopg.OperationalError)


def test_handlers_hear_of_each_change_once_in_the_projecting_transaction(
    brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[bool, Feed, list[str]]] = []

    def handler(of: Feed, rows: Sequence[d.ChangeRow]) -> None:
        in_transaction = connection.in_atomic_block
        heard.append((in_transaction, of, [row.entity for row in rows]))

    monkeypatch.setattr(projection, "_handlers", [])
    projection.on_projected(handler)
    with acting_as(DANA):
        job = WorkOrderFactory(brand=brand)
    project_pending()
    heard.clear()

    with acting_as(DANA):
        NoteFactory(work_order=job)
    project_pending()
    project_pending()

    assert heard == [(True, feed(job), ["workorders.note"])]

"""What is new on an open page is what its snapshot could not see, whatever its number."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction

from activity.models import Entry, Thread
from activity.projection import project_pending
from console.feed import live
from core import clock
from tests.activity.conftest import Connect
from tests.factories import NoteFactory
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def seen(job: WorkOrder) -> Entry:
    """An entry that every page shows."""
    project_pending()
    return Entry.objects.get(kind="job")


def _copy(psql: Any, seen: Entry) -> int:
    """Write an entry in ``psql``'s transaction, as a projector would; answers its number."""
    columns = ", ".join(
        f'"{f.column}"' for f in Entry._meta.concrete_fields if f.column not in ("id", "txid")
    )
    return int(
        psql.execute(
            f"INSERT INTO activity_entry ({columns}, txid)"
            f" SELECT {columns}, pg_current_xact_id()::text::bigint FROM activity_entry"
            " WHERE id = %s RETURNING id",
            [seen.pk],
        ).fetchone()[0]
    )


def _new(since: str) -> list[int]:
    return sorted(live.unseen(Entry.objects.all(), since).values_list("pk", flat=True))


def test_what_a_page_could_see_is_not_new(seen: Entry) -> None:
    assert _new(live.snapshot()) == []


def test_an_entry_with_a_lower_number_that_commits_later_is_new(
    seen: Entry, outside: Connect
) -> None:
    early, late = outside(), outside()
    slow = _copy(early, seen)  # begins first, has the lower number, commits last
    quick = _copy(late, seen)
    late.commit()

    since = live.snapshot()
    before = _new(since)
    early.commit()

    assert slow < quick
    assert before == []
    assert _new(since) == [slow]
    assert _new(live.snapshot()) == []


def test_several_transactions_under_way_are_distinguished(seen: Entry, outside: Connect) -> None:
    under_way = [outside() for _ in range(3)]
    numbers = [_copy(psql, seen) for psql in under_way]
    under_way[1].commit()
    since = live.snapshot()
    under_way[0].commit()
    under_way[2].rollback()
    after = _copy(late := outside(), seen)
    late.commit()

    assert _new(since) == [numbers[0], after]


def test_an_entry_of_an_older_date_is_new(seen: Entry, job: WorkOrder) -> None:
    since = live.snapshot()

    NoteFactory(work_order=job, happened_at=clock.now() - timedelta(days=900))
    project_pending()

    (number,) = _new(since)
    assert Entry.objects.get(pk=number).occurred_at < seen.occurred_at


def test_a_moved_entry_is_new_where_it_arrives(seen: Entry) -> None:
    from activity.threads import absorb

    since = live.snapshot()
    there = Thread.objects.create(
        brand_id=seen.brand_id,
        work_order_id=seen.work_order_id,
        kind="payment",
        object_id=1,
        first_at=seen.occurred_at,
        last_at=seen.occurred_at,
    )

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (txid,) = cursor.fetchone()
        absorb(seen.thread, there, txid)

    assert _new(since) == [seen.pk]


def test_entries_of_another_servers_dump_are_no_news(seen: Entry) -> None:
    since = live.snapshot()

    Entry.objects.filter(pk=seen.pk).update(txid=2**40)

    assert _new(since) == []


def test_a_page_rendered_while_workers_write_misses_nothing(seen: Entry, job: WorkOrder) -> None:
    """The page and the entries reported as new afterwards are together everything, once."""
    faults: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(10):
                NoteFactory(work_order=job)
                project_pending()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    pages = []
    while any(w.is_alive() for w in writers):
        since = live.snapshot()
        pages.append((since, set(Entry.objects.values_list("pk", flat=True))))
    for writer in writers:
        writer.join()
    project_pending()

    everything = set(Entry.objects.values_list("pk", flat=True))
    assert faults == []
    assert len(everything) == 2 + 2 * 10
    for since, shown in pages:
        assert shown | set(_new(since)) == everything


@pytest.mark.parametrize(
    "text", ["", "1:2", "0:0:", "5:4:", "5:9:10", "5:9:7,6", "5:9:6,6", "a:b:c", "1:2:3:4"]
)
def test_a_text_that_is_no_snapshot_is_refused(text: str) -> None:
    assert not live.is_snapshot(text)


def test_a_snapshot_is_one() -> None:
    assert live.is_snapshot(live.snapshot())
    assert live.is_snapshot("5:9:5,6")

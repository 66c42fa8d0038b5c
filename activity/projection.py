"""The projector: captured changes → threads and entries, exactly once.

Changes of one feed (a work order, or a brand's own) are projected under an advisory lock that
lives as long as the transaction, so two projectors never split a feed and a killed one leaves
nothing behind. Entries are written, and changes marked, in that same transaction. A describer
that fails costs a savepoint: its changes get plain entries and an alarm is logged.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from psycopg import errors

from activity import describe as d
from activity.models import Change, Entry, Thread
from activity.threads import Threads, absorb
from core import clock

log = structlog.get_logger()

READ_THROUGH_MS = 300
BATCH = 2000
ARRIVAL_WAIT_MS = 5000
# Two advisory lock spaces, so that a work order and a brand of one id do not share a lock.
WORK_ORDER_SPACE, BRAND_SPACE = 0x5041, 0x5042


@dataclass(frozen=True)
class Feed:
    """Whose changes: one work order's, or those of a brand that belong to no work order."""

    brand_id: int | None
    work_order_id: int | None

    @property
    def lock(self) -> tuple[int, int]:
        """Advisory lock key. Ids past 2^31 wrap: sharing a lock costs time, not truth."""
        space = WORK_ORDER_SPACE if self.work_order_id is not None else BRAND_SPACE
        number = self.work_order_id if self.work_order_id is not None else self.brand_id or 0
        return space, number % 2**31


Handler = Callable[[Feed, Sequence[d.ChangeRow]], None]
_handlers: list[Handler] = []


def on_projected(handler: Handler) -> Handler:
    """Register a handler that runs in the projecting transaction; it may only mark things dirty."""
    _handlers.append(handler)
    return handler


def pending_count(feed: Feed) -> int:
    """How many changes of a feed are captured and not yet shown."""
    return _pending(feed).count()


def project(feed: Feed, *, wait_ms: int | None = None) -> bool:
    """Project what is pending for one feed. False: another projector is at it.

    ``wait_ms`` None: do not wait for a busy projector; else wait at most so long.
    """
    if not _pending(feed).exists():
        return True
    with transaction.atomic():
        if not _lock(feed, wait_ms):
            return False
        while _project_batch(feed) == BATCH:
            pass
    return True


def project_pending(limit: int = 500) -> int:
    """Project every feed that has something pending; each in a transaction of its own.

    Answers how many feeds were projected. Feeds that another projector holds are left to it.
    """
    done = 0
    feeds = (
        Change.objects.filter(projected_at=None)
        .order_by()
        .values_list("brand_id", "work_order_id")
        .distinct()[:limit]
    )
    for brand_id, work_order_id in list(feeds):
        done += project(Feed(brand_id, work_order_id))
    return done


def read_through(feed: Feed) -> int:
    """Bring a feed up to date for a page. Answers how many changes are still being read."""
    if project(feed, wait_ms=READ_THROUGH_MS):
        return 0
    return pending_count(feed)


def _pending(feed: Feed) -> QuerySet[Change]:
    return Change.objects.filter(
        projected_at=None, brand_id=feed.brand_id, work_order_id=feed.work_order_id
    )


def _lock(feed: Feed, wait_ms: int | None) -> bool:
    """Take the feed's lock for this transaction."""
    with connection.cursor() as cursor:
        if wait_ms is None:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", feed.lock)
            return bool(cursor.fetchone()[0])
        try:
            with transaction.atomic():
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{wait_ms}ms"])
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", feed.lock)
                cursor.execute("SELECT set_config('lock_timeout', '0', true)")
        except OperationalError as error:
            if isinstance(error.__cause__, errors.LockNotAvailable):
                return False
            raise
    return True


def _project_batch(feed: Feed) -> int:
    """Project up to about BATCH changes; answers how many (fewer than BATCH: it was the rest)."""
    changes = list(_pending(feed).order_by("id")[:BATCH])
    full = len(changes) == BATCH
    steps = _by_step(changes)
    if full and len(steps) > 1:
        steps.pop()  # perhaps cut in two: the next batch has it whole
    changes = [change for step in steps for change in step]
    rows = [_row(change) for change in changes]
    _bring_arrivals(feed, rows)
    lines = [(line, step) for step in steps for line in _lines(feed, step)]
    _write(feed, lines, changes)
    for handler in _handlers if rows else ():
        handler(feed, rows)
    return BATCH if full else len(changes)


def _by_step(changes: Sequence[Change]) -> list[list[Change]]:
    """Changes of one step of one transaction belong together, however others interleave."""
    steps: dict[tuple[int, str], list[Change]] = {}
    for change in changes:
        steps.setdefault((change.txid, change.step), []).append(change)
    return list(steps.values())


def _lines(feed: Feed, step: Sequence[Change]) -> list[d.Line]:
    rows = [_row(change) for change in step]
    try:
        return d.describe(rows)
    except Exception:  # whatever a describer raises: its changes are shown plainly, never lost
        log.exception(
            "activity.describer_failed",
            work_order_id=feed.work_order_id,
            changes=[row.id for row in rows],
        )
        return d.plain_lines([row for row in rows if not d.is_silent(row)])


def _row(change: Change) -> d.ChangeRow:
    return d.ChangeRow(
        id=change.pk,
        entity=change.entity,
        op=change.op,
        object_id=change.object_id,
        work_order_id=change.work_order_id,
        occurred_at=change.occurred_at,
        recorded_at=change.recorded_at,
        before=change.before or {},
        after=change.after or {},
        actor_kind=change.actor_kind,
        actor_id=change.actor_id,
        actor_label=change.actor_label,
        imported=change.imported,
    )


def _entry(feed: Feed, line: d.Line, step: Sequence[Change]) -> Entry:
    # The line's first change is its main one: its time and actor are the entry's.
    first = next(c for c in step if c.pk == line.shows[0])
    return Entry(
        brand_id=feed.brand_id or 0,
        work_order_id=feed.work_order_id,
        occurred_at=first.occurred_at,
        recorded_at=first.recorded_at,
        code=line.code,
        kind=line.kind,
        data=d.plain(line.data),
        state=line.state,
        actor_kind=first.actor_kind,
        actor_id=first.actor_id,
        actor_label=first.actor_label,
        source=source_of(first),
        imported=first.imported,
        request_id=first.request_id,
        references=sorted({r for r in line.references if r}),
        payment_view=line.payment_view,
        money_moved=line.money_moved,
        problem=line.problem,
        technical=line.technical,
    )


def source_of(change: Change) -> str:
    """The source tag that filters go by: a provider's slug, else the kind of actor."""
    if change.actor_kind == "provider":
        return change.actor_id or "provider"
    return change.actor_kind


def _write(
    feed: Feed, lines: Sequence[tuple[d.Line, Sequence[Change]]], changes: Sequence[Change]
) -> None:
    """Insert threads and entries, and mark every change of the batch, in one pass each."""
    threads = Threads(feed.brand_id or 0, feed.work_order_id)
    threads.load(line for line, _ in lines)
    txid = _txid()
    entries = []
    for line, step in lines:
        entry = _entry(feed, line, step)
        entry.txid = txid
        threads.apply(line, entry, version=max(line.shows))
        entries.append(entry)
    threads.save()
    for entry in entries:
        entry.thread_id = entry.thread.pk  # known only since the threads were saved
    Entry.objects.bulk_create(entries)
    threads.carry_out_moves(txid)
    shown_by = {
        number: entry
        for (line, _), entry in zip(lines, entries, strict=True)
        for number in line.shows
    }
    _mark(
        {change.pk: shown_by[change.pk].pk if change.pk in shown_by else None for change in changes}
    )


def _mark(entry_of: Mapping[int, int | None]) -> None:
    """Note which entry shows each change. One statement: a bulk_update takes ten times as long."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE activity_change c SET projected_at = %s, entry_id = shown.entry_id "
            "FROM unnest(%s::bigint[], %s::bigint[]) AS shown (id, entry_id) WHERE c.id = shown.id",
            [clock.now(), list(entry_of), list(entry_of.values())],
        )


def _txid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return int(cursor.fetchone()[0])


def _bring_arrivals(feed: Feed, rows: Sequence[d.ChangeRow]) -> None:
    """Objects whose work order became known bring their earlier entries from the brand's feed.

    The brand's lock is taken after the work order's, never the other way round. What is still
    pending there is projected first, so that nothing is left behind.
    """
    arrivals = [r for r in rows if r.op == "U" and r.before.get("work_order_id", 0) is None]
    if feed.work_order_id is None or not arrivals:
        return
    brand_id = feed.brand_id or 0
    brand_feed = Feed(brand_id, None)
    _lock(brand_feed, ARRIVAL_WAIT_MS)
    while _project_batch(brand_feed) == BATCH:
        pass
    txid = _txid()
    for arrival in arrivals:
        behind = Thread.objects.filter(
            brand_id=brand_id,
            work_order_id=None,
            entries__changes__entity=arrival.entity,
            entries__changes__object_id=arrival.object_id,
        ).distinct()
        for old in behind:
            _move_thread(old, feed.work_order_id, txid)


def _move_thread(old: Thread, work_order_id: int, txid: int) -> None:
    """``old`` stands on the work order's feed from now on, joined with its namesake there."""
    there = Thread.objects.filter(
        brand_id=old.brand_id,
        work_order_id=work_order_id,
        kind=old.kind,
        object_id=old.object_id,
    ).first()
    if there is not None:
        absorb(old, there, txid)
        return
    old.work_order_id = work_order_id
    old.save(update_fields=["work_order_id"])
    Entry.objects.filter(thread=old).update(work_order_id=work_order_id, txid=txid)

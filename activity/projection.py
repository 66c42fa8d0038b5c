"""The projector: captured changes → threads and entries, exactly once.

Changes of one feed (a work order, or a brand's own) are projected under an advisory lock that
lives as long as the transaction, so two projectors never split a feed and a killed one leaves
nothing behind. Entries are written, and changes marked, in that same transaction. A describer
that fails gives plain entries and an alarm in the log, and harms no other step.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import QuerySet
from psycopg import errors

from activity import describe as d
from activity.models import Change, Entry, Thread
from activity.threads import Threads, absorb
from core import clock

log = structlog.get_logger()

BATCH = 2000
ARRIVAL_WAIT_MS = 1000
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


class Busy(Exception):
    """Another projector is at this feed."""


def project(feed: Feed, *, wait_ms: int | None = None, most: int | None = None) -> bool:
    """Project what is pending for one feed. False: something is left.

    Another projector may be at it: ``wait_ms`` None does not wait for it, else at most so long.
    Each batch is a transaction of its own. ``most``: one batch only, of about so many changes.
    """
    more = _pending(feed).exists()
    while more:
        try:
            with transaction.atomic():
                _lock(feed, wait_ms)
                more = _project_batch(feed, wait_ms, most or BATCH)
        except Busy:
            return False
        if most is not None:
            break
    return not more


def project_pending(limit: int = 500) -> int:
    """Project every feed that has something pending.

    Answers how many feeds were projected. Feeds that another projector holds are left to it, and
    one that fails (an alarm is logged) does not keep the others waiting.
    """
    done = 0
    feeds = (
        Change.objects.filter(projected_at=None)
        .order_by()
        .values_list("brand_id", "work_order_id")
        .distinct()[:limit]
    )
    for brand_id, work_order_id in list(feeds):
        try:
            done += project(Feed(brand_id, work_order_id))
        except Exception:  # whatever it was: the next sweep tries again
            log.exception("activity.feed_failed", brand_id=brand_id, work_order_id=work_order_id)
            if not connection.is_usable():
                raise
    return done


def _pending(feed: Feed) -> QuerySet[Change]:
    return Change.objects.filter(
        projected_at=None, brand_id=feed.brand_id, work_order_id=feed.work_order_id
    )


def _lock(feed: Feed, wait_ms: int | None) -> None:
    """Take the feed's lock for this transaction; Busy if somebody else has it (for so long).

    Of the transaction and not of the session: PgBouncer may hand the session to another.
    """
    with connection.cursor() as cursor:
        if wait_ms is None:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", feed.lock)
            if not cursor.fetchone()[0]:
                raise Busy
            return
        cursor.execute("SELECT current_setting('lock_timeout')")
        (usual,) = cursor.fetchone()
        try:
            with transaction.atomic():
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{wait_ms}ms"])
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", feed.lock)
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [usual])
        except OperationalError as error:
            if isinstance(error.__cause__, errors.LockNotAvailable):
                raise Busy from error
            raise


def _project_batch(feed: Feed, wait_ms: int | None, size: int) -> bool:
    """Project up to about ``size`` changes; answers whether there may be more."""
    changes = list(_pending(feed).order_by("id")[:size])
    is_full = len(changes) == size
    steps = _whole_steps(feed, changes) if is_full else _by_step(changes)
    if not steps:
        return False
    rows = [_row(change) for step in steps for change in step]
    _bring_arrivals(feed, rows, wait_ms)
    _show(feed, steps)
    for handler in _handlers:
        handler(feed, rows)
    return is_full


def _whole_steps(feed: Feed, changes: Sequence[Change]) -> list[list[Change]]:
    """The steps that a full batch did not cut in two; writers interleave, so it may cut several.

    A step that is larger than a batch itself is read in parts.
    """
    beyond = _pending(feed).filter(id__gt=changes[-1].pk, txid__in={c.txid for c in changes})
    cut = set(beyond.order_by().values_list("txid", "step").distinct())
    steps = _by_step(changes)
    whole = [step for step in steps if (step[0].txid, step[0].step) not in cut]
    if whole:
        return whole
    first = _pending(feed).filter(txid=changes[0].txid, step=changes[0].step)
    return [list(first.order_by("id")[: max(BATCH, len(changes))])]


def _by_step(changes: Sequence[Change]) -> list[list[Change]]:
    """Changes of one step of one transaction belong together, however others interleave."""
    steps: dict[tuple[int, str], list[Change]] = {}
    for change in changes:
        steps.setdefault((change.txid, change.step), []).append(change)
    return list(steps.values())


def _show(feed: Feed, steps: Sequence[Sequence[Change]]) -> None:
    """Write the lines of all steps at once; if that fails, one step at a time, plainly if need be.

    A describer may fail, or answer with something that cannot be stored: that costs its own step
    its words, and no other step anything.
    """
    if _written(feed, [(line, step) for step in steps for line in _lines(feed, step)], steps):
        return
    for step in steps:
        lines = [(line, step) for line in _lines(feed, step)]
        if not _written(feed, lines, [step]):
            _write(feed, [(line, step) for line in _plain_lines(step)], step)


def _written(
    feed: Feed,
    lines: Sequence[tuple[d.Line, Sequence[Change]]],
    steps: Sequence[Sequence[Change]],
) -> bool:
    changes = [change for step in steps for change in step]
    try:
        with transaction.atomic():
            _write(feed, lines, changes)
    except (OperationalError, InterfaceError):
        raise  # the database's own trouble: all of it is tried again
    except Exception:  # whatever a line did: it is shown plainly, and an alarm is logged
        log.exception(
            "activity.line_refused",
            work_order_id=feed.work_order_id,
            changes=[change.pk for change in changes],
        )
        return False
    return True


def _lines(feed: Feed, step: Sequence[Change]) -> list[d.Line]:
    try:
        return d.describe([_row(change) for change in step])
    except Exception:  # whatever a describer raises: its changes are shown plainly, never lost
        log.exception(
            "activity.describer_failed",
            work_order_id=feed.work_order_id,
            changes=[change.pk for change in step],
        )
        return _plain_lines(step)


def _plain_lines(step: Sequence[Change]) -> list[d.Line]:
    rows = [_row(change) for change in step]
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
        headed = entry.thread.data
        entry.data = {**{name: headed[name] for name in line.takes if name in headed}, **entry.data}
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


def _bring_arrivals(feed: Feed, rows: Sequence[d.ChangeRow], wait_ms: int | None) -> None:
    """Objects whose work order became known bring their earlier entries from the brand's feed.

    The brand's lock is taken after the work order's, never the other way round. What is still
    pending there is projected first, so that nothing is left behind. Busy: nothing is done.
    """
    arrivals = [r for r in rows if r.op == "U" and r.before.get("work_order_id", 0) is None]
    if feed.work_order_id is None or not arrivals:
        return
    brand_id = feed.brand_id or 0
    brand_feed = Feed(brand_id, None)
    _lock(brand_feed, ARRIVAL_WAIT_MS if wait_ms is None else wait_ms)
    while _project_batch(brand_feed, wait_ms, BATCH):
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
    """``old`` belongs to the work order's feed from now on, joined with its namesake there."""
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

"""Threads as the projector keeps them: loaded once per batch, changed in memory, saved once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Q

from activity.describe import Line, ThreadKey, ThreadUpdate, plain
from activity.models import Entry, Thread

UPDATED_COLUMNS = [
    "parent",
    "state",
    "status",
    "data",
    "payment_view",
    "first_at",
    "last_at",
    "entry_count",
    "state_change_id",
]


class Threads:
    """The threads of one feed that a batch touches. The caller holds the feed's lock."""

    def __init__(self, brand_id: int, work_order_id: int | None) -> None:
        self.brand_id = brand_id
        self.work_order_id = work_order_id
        self._by_key: dict[ThreadKey, Thread] = {}
        self._parents: dict[ThreadKey, ThreadKey] = {}
        self._moves: dict[ThreadKey, ThreadKey] = {}

    def load(self, lines: Iterable[Line]) -> None:
        """Read every thread that ``lines`` name, in one query."""
        keys = {key for line in lines for key in _keys(line)} - set(self._by_key)
        by_kind: dict[str, list[int]] = defaultdict(list)
        for key in keys:
            by_kind[key.kind].append(key.object_id)
        wanted = Q(pk__in=[])
        for kind, numbers in by_kind.items():
            wanted |= Q(kind=kind, object_id__in=numbers)
        threads = Thread.objects.filter(
            wanted, brand_id=self.brand_id, work_order_id=self.work_order_id
        ).select_related("parent")
        for thread in threads:
            self._by_key[ThreadKey(thread.kind, thread.object_id)] = thread

    def apply(self, line: Line, entry: Entry, *, version: int) -> None:
        """Count ``entry`` in and take over what ``line`` says of its threads.

        ``version`` is the newest change the line shows: an older one never overwrites a state.
        """
        entry.thread = self._get(line.thread, entry.occurred_at)
        self._count(entry.thread, entry)
        if line.parent is not None:
            self._parents[line.thread] = line.parent
            parent = self._get(line.parent, entry.occurred_at)
            parent.last_at = max(parent.last_at, entry.occurred_at)
            parent.payment_view |= entry.payment_view
        for key, update in line.threads.items():
            _update(self._get(key, entry.occurred_at), update, version)
        for old in line.moves:
            if old != line.thread:
                self._moves[old] = line.thread

    def save(self) -> None:
        """Write new threads, then all of them with what this batch made of them."""
        new = [t for t in self._by_key.values() if t._state.adding]
        Thread.objects.bulk_create(new)
        for key, parent in self._parents.items():
            self._by_key[key].parent = self._by_key[parent]
        fresh = {id(t) for t in new}
        Thread.objects.bulk_update(
            [t for t in self._by_key.values() if id(t) not in fresh], UPDATED_COLUMNS
        )
        # New ones are written already, but for a parent that had no key yet.
        Thread.objects.bulk_update([t for t in new if t.parent_id], ["parent"])

    def carry_out_moves(self, txid: int) -> None:
        """Move earlier entries to the thread they turned out to belong to."""
        for old_key, new_key in self._moves.items():
            old = self._by_key.pop(old_key, None)
            while new_key not in self._by_key and new_key in self._moves:
                new_key = self._moves[new_key]  # that one has moved on itself
            if old is not None:
                absorb(old, self._by_key[new_key], txid)

    def _get(self, key: ThreadKey, at: datetime) -> Thread:
        if key not in self._by_key:
            self._by_key[key] = Thread(
                brand_id=self.brand_id,
                work_order_id=self.work_order_id,
                kind=key.kind,
                object_id=key.object_id,
                first_at=at,
                last_at=at,
            )
        return self._by_key[key]

    def _count(self, thread: Thread, entry: Entry) -> None:
        thread.entry_count += 1
        thread.payment_view |= entry.payment_view
        thread.first_at = min(thread.first_at, entry.occurred_at)
        thread.last_at = max(thread.last_at, entry.occurred_at)


def _keys(line: Line) -> set[ThreadKey]:
    parents = {line.parent} if line.parent else set()
    return {line.thread, *parents, *line.threads, *line.moves}


def _update(thread: Thread, update: ThreadUpdate, version: int) -> None:
    if version < thread.state_change_id:
        return
    thread.state_change_id = version
    if update.state is not None:
        thread.state = update.state
    if update.status is not None:
        thread.status = update.status
    data: Mapping[str, object] = plain(update.data)
    thread.data = {**thread.data, **data}


def absorb(old: Thread, new: Thread, txid: int) -> None:
    """``old``'s entries and children become ``new``'s, as new to every open page; ``old`` goes."""
    Entry.objects.filter(thread=old).update(thread=new, work_order_id=new.work_order_id, txid=txid)
    Thread.objects.filter(parent=old).update(parent=new, work_order_id=new.work_order_id)
    new.entry_count += old.entry_count
    new.first_at = min(new.first_at, old.first_at)
    new.last_at = max(new.last_at, old.last_at)
    new.payment_view |= old.payment_view
    if (old.kind, old.object_id) == (new.kind, new.object_id):
        _take_state(old, new)
    new.save()
    old.delete()
    if new.parent_id is not None:
        Thread.objects.filter(pk=new.parent_id, last_at__lt=new.last_at).update(last_at=new.last_at)


def _take_state(old: Thread, new: Thread) -> None:
    """Two threads of one thing: the newer change has the state that counts."""
    older, newer = sorted((old, new), key=lambda t: t.state_change_id)
    new.data = {**older.data, **newer.data}
    new.state, new.status = newer.state, newer.status
    new.state_change_id = newer.state_change_id

"""After any sequence of changes to tracked columns, each is on the feed, once."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import DatabaseError, models, transaction
from django.db.models import ProtectedError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from activity import describe as d
from activity.actors import Actor, ActorKind, acting_as, provider, system
from activity.models import Change, Entry, Thread
from activity.projection import _row, project_pending
from activity.shapes import read
from tests.activity import invoicing_rows as bills
from tests.activity import tracked_rows as w
from tests.activity.columns import TABLES

ACTORS = [
    Actor(ActorKind.STAFF, "Dana Whitfield", "7"),
    Actor(ActorKind.CLIENT, "Kim Castle", "c-1"),
    provider("Guardian", "guardian"),
    system(),
    None,
]
Fact = tuple[str, str, int, str]  # entity, op, object id, who


class Undone(Exception):
    """Rolls the step back."""


@dataclass
class RandomWriter:
    """Writes random changes and notes what the database must have captured of them."""

    draw: Any
    world: w.TrackedRows
    facts: list[Fact] = field(default_factory=list)

    def transaction(self) -> None:
        """One transaction of one to three steps, or the same steps in autocommit."""
        steps = self.draw(st.integers(1, 3))
        if self.draw(st.booleans()):
            with transaction.atomic():
                for _ in range(steps):
                    self.step()
        else:
            for _ in range(steps):
                self.step()

    def step(self) -> None:
        """One actor's doing; one step in five is rolled back."""
        actor = self.draw(st.sampled_from(ACTORS))
        noted = len(self.facts)
        living = {k: [r.pk for r in v] for k, v in self.world.rows.items()}
        undo = self.draw(st.integers(0, 4)) == 0
        try:
            with transaction.atomic() if undo else _nothing(), _acting(actor):
                for _ in range(self.draw(st.integers(1, 3))):
                    self.act(actor.label if actor else "")
                if undo:
                    raise Undone
        except Undone:
            del self.facts[noted:]
            for entity, numbers in living.items():
                living_rows = TABLES[entity].model._default_manager.filter(pk__in=numbers)
                self.world.rows[entity] = list(living_rows.order_by("pk"))

    def act(self, who: str) -> None:
        """Insert, change or delete a row."""
        entity = self.draw(st.sampled_from(sorted(TABLES)))
        kind = self.draw(st.sampled_from(["update"] * 6 + ["insert", "delete"]))
        if kind == "insert":
            self.insert(entity, who)
        elif kind == "delete" and (entity in w.DELETABLE or entity in bills.APPEND_ONLY):
            self.delete(entity, who)
        else:
            self.update(entity, who)

    def insert(self, entity: str, who: str) -> None:
        row = w.insert(self.world, entity)
        if row is not None and bills.is_captured(TABLES[entity], row):
            self.facts.append((entity, "I", row.pk, who))

    def update(self, entity: str, who: str) -> None:
        rows, table = self.world.of(entity), TABLES[entity]
        if not rows:
            return
        row = self.draw(st.sampled_from(rows))
        changed = w.new_values(self.draw, self.world, table, row)
        before = w.image(table, row)
        way = self.draw(st.sampled_from(["save", "update", "sql"]))
        if bills.is_refused(table, row, changed):
            with _refused():
                w.write(way, row, changed)
            row.refresh_from_db()
            return
        w.write(way, row, changed)
        if w.image(table, row) != before and bills.is_captured(table, row):
            self.facts.append((entity, "U", row.pk, who))

    def delete(self, entity: str, who: str) -> None:
        rows = self.world.of(entity)
        if not rows:
            return
        row = self.draw(st.sampled_from(rows))
        number, table = row.pk, TABLES[entity]
        if bills.is_undeletable(table, row):
            with _refused():
                w.delete(row)
            return
        is_captured = bills.is_captured(table, row)
        try:
            with transaction.atomic():
                row.delete()
        except (ProtectedError, DatabaseError):
            row.pk = number
            return
        rows.remove(row)
        if is_captured:
            self.facts.append((entity, "D", number, who))


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _refused() -> Iterator[None]:
    """The database must refuse the step and keep nothing of it."""
    with pytest.raises(DatabaseError, match=bills.REFUSED), transaction.atomic():
        yield


@contextmanager
def _acting(actor: Actor | None) -> Iterator[None]:
    if actor is None:
        yield
    else:
        with acting_as(actor):
            yield


@pytest.mark.django_db(transaction=True)
@given(data=st.data())
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # each try writes to a database: shrinking would take minutes
    suppress_health_check=list(HealthCheck),
)
def test_each_change_is_on_the_feed_once(data: st.DataObject) -> None:
    world = w.build()
    project_pending()
    start = Change.objects.latest("pk").pk
    writer = RandomWriter(data.draw, world)

    for _ in range(data.draw(st.integers(1, 5))):
        writer.transaction()
        if data.draw(st.booleans()):
            project_pending()
    project_pending()

    changes = list(
        Change.objects.filter(brand_id=world.brand.pk, pk__gt=start).select_related("entry")
    )
    _captured_exactly(changes, writer.facts)
    for change in changes:
        _is_shown(change)
    _adds_up(world.brand.pk)
    _again_adds_nothing(world.brand.pk)


def _captured_exactly(changes: list[Change], facts: list[Fact]) -> None:
    captured = Counter(
        (c.entity, c.op, c.object_id, "" if c.actor_kind == "database" else c.actor_label)
        for c in changes
    )
    assert captured == Counter(facts)


def _is_shown(change: Change) -> None:
    """Its entry is by its actor, in words, and has every value that the change brought."""
    row, entry = _row(change), change.entry
    assert change.projected_at is not None
    if entry is None:
        assert d.is_silent(row), f"{change.entity} {row.diff} is not on the feed"
        return
    assert entry.code != d.PLAIN, f"{change.entity} {row.diff} has no words"
    assert (entry.actor_kind, entry.actor_label) == (change.actor_kind, change.actor_label)
    if change.op == "U" and "work_order_id" not in row.diff:
        assert change.work_order_id is None or entry.work_order_id == change.work_order_id
    shape, renderer = d._renderers[entry.code]
    sentence = renderer(read(shape, {"currency": "USD", **entry.data}))
    known = json.dumps(entry.data, ensure_ascii=False) + str(sentence)
    for name, (before, after) in row.diff.items():
        if change.op == "U" or (row.now[name] not in (None, "", [], {}) and change.op == "I"):
            assert _is_shown_in(known, name, after), f"{change.entity}.{name}: {after!r} unseen"
        assert before != after or change.op != "U"


def _is_shown_in(known: str, name: str, value: Any) -> bool:
    if value in (None, "", [], {}) or isinstance(value, bool | list | dict):
        # Nothing to look for but its name; a bill's lines hold their rows whole.
        return f'"{name}"' in known
    return json.dumps(w.as_text(value), ensure_ascii=False)[1:-1] in known


def _adds_up(brand_id: int) -> None:
    entries = Entry.objects.filter(brand_id=brand_id)
    assert not entries.filter(changes=None).exists()
    for thread in Thread.objects.filter(brand_id=brand_id).prefetch_related("children"):
        own = list(thread.entries.values_list("occurred_at", flat=True))
        assert thread.entry_count == len(own)
        below = [c.last_at for c in thread.children.all()]
        # A refund that came to belong to another payment leaves its time behind.
        assert thread.last_at >= max([*own, *below], default=thread.last_at)
        assert {e.work_order_id for e in thread.entries.all()} <= {thread.work_order_id}


def _again_adds_nothing(brand_id: int) -> None:
    entries = Entry.objects.filter(brand_id=brand_id)
    before = list(entries.order_by("pk").values())

    assert project_pending() == 0

    assert list(entries.order_by("pk").values()) == before


REFUSALS = [
    *((entity, 0, {"reason": "Another one"}) for entity in sorted(bills.APPEND_ONLY)),
    ("invoicing.invoice", 2, {"number": "FHI1"}),
    ("invoicing.invoice", 2, {"status": "draft"}),
    ("invoicing.item", 1, {"fulfilment": "client_paid"}),
]


@pytest.mark.parametrize(("entity", "which", "changed"), REFUSALS)
@pytest.mark.parametrize("way", ["save", "update", "sql"])
def test_what_is_refused_leaves_no_trace(
    way: str, entity: str, which: int, changed: dict[str, Any], db: None
) -> None:
    row = w.build().of(entity)[which]
    before = Change.objects.count()

    assert bills.is_refused(TABLES[entity], row, changed)
    with _refused():
        w.write(way, row, changed)

    assert Change.objects.count() == before


@pytest.mark.parametrize(("entity", "which"), [(e, n) for e, n, _ in REFUSALS[:4]])
def test_a_refused_deletion_leaves_no_change(entity: str, which: int, db: None) -> None:
    row = w.build().of(entity)[which]
    before = Change.objects.count()

    assert bills.is_undeletable(TABLES[entity], row)
    with _refused():
        w.delete(row)

    assert Change.objects.count() == before


def test_the_world_has_a_row_of_every_tracked_table(db: None) -> None:
    rows: dict[str, list[models.Model]] = w.build().rows

    assert {entity for entity, living in rows.items() if living} == set(TABLES)

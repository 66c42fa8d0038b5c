"""Every tracked column of every tracked table has a sentence, or is a listed silence."""

import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from activity import describe as d
from activity import shapes
from tests.activity.columns import TABLES, Table, values

AT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
UNMATCHED = {"work_order_id": None, "payment_id": None, "refund_id": None}


def _change(
    table: Table, op: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> d.ChangeRow:
    return d.ChangeRow(1, table.entity, op, 7, 3, AT, before or {}, after or {})


def _text(change: d.ChangeRow) -> str:
    """Everything that a person can read of a change."""
    sentences = []
    for line in d.describe([change]):
        assert line.code != d.PLAIN, f"{change.entity} {change.op} has no sentence"
        assert line.code in d._renderers, f"{line.code} has no sentence"
        # As stored and read again: whatever is not in the data is not known any more.
        data = {"currency": "USD", **d.plain(line.data)}
        shape, renderer = d._renderers[line.code]
        sentences.append(str(renderer(shapes.read(shape, data))))
    assert sentences, f"{change.entity} {change.op} is not shown"
    return "\n".join(sentences)


def _loud() -> Iterator[tuple[str, str]]:
    for entity, table in TABLES.items():
        family = d.family_of(entity)
        assert family is not None, f"nobody describes {entity}"
        silent = family.silent.get(entity, frozenset())
        yield from ((entity, column) for column in table.columns if column not in silent)


LOUD = list(_loud())


def test_every_tracked_table_is_looked_at() -> None:
    from activity.tracking import tracked

    assert set(TABLES) == set(tracked())
    assert len(TABLES) >= 17


def test_silences_name_tracked_columns_only() -> None:
    for entity, table in TABLES.items():
        family = d.family_of(entity)
        assert family is not None
        assert family.silent.get(entity, frozenset()) <= set(table.columns)


@pytest.mark.parametrize("base", ["base", "bare"])
@pytest.mark.parametrize(("entity", "column"), LOUD)
def test_a_changed_column_is_reported_with_its_new_value(
    entity: str, column: str, base: str
) -> None:
    table = TABLES[entity]
    row = getattr(table, base)
    possible = values(table.field(column))

    for before in possible:
        texts = {
            _text(_change(table, "U", {**row, column: before}, {**row, column: after}))
            for after in possible
            if after != before
        }

        assert len(texts) == len(possible) - 1, f"two new values read alike, from {before!r}"


@pytest.mark.parametrize("base", ["base", "bare"])
@pytest.mark.parametrize("entity", TABLES)
def test_no_column_is_hidden_by_another_that_changes_with_it(entity: str, base: str) -> None:
    table = TABLES[entity]
    row = getattr(table, base)
    hidden = []

    for (_, loud), (_, other) in itertools.permutations([x for x in LOUD if x[0] == entity], 2):
        first, second, *_, last = [*values(table.field(other)), *values(table.field(other))]
        before = {**row, loud: values(table.field(loud))[0], other: first}
        after = {**before, loud: values(table.field(loud))[-1]}
        alone = _text(_change(table, "U", before, after))
        together = {
            _text(_change(table, "U", before, {**after, other: value})) for value in (second, last)
        }
        if alone in together:
            hidden.append(f"{other} beside {loud}")

    assert hidden == []


@pytest.mark.parametrize("base", ["base", "bare"])
@pytest.mark.parametrize("entity", TABLES)
def test_an_added_and_a_deleted_row_have_sentences(entity: str, base: str) -> None:
    table = TABLES[entity]
    row = getattr(table, base)

    added = _text(_change(table, "I", None, row))
    deleted = _text(_change(table, "D", row, None))

    assert added != deleted


@pytest.mark.parametrize("entity", TABLES)
def test_a_deletion_never_reads_like_a_change(entity: str) -> None:
    table = TABLES[entity]

    for base in (table.base, table.bare, {**table.base, **_choices(table)}):
        (line,) = d.describe([_change(table, "D", base, None)])
        sentence = d.render(line.code, {"currency": "USD", **d.plain(line.data)})

        words = f"{sentence.headline} {sentence.second}".lower()
        assert any(w in words for w in ("deleted", "removed")), words


def _choices(table: Table) -> dict[str, Any]:
    fields = {c: table.field(c) for c in table.columns}
    return {c: f.choices[0][0] for c, f in fields.items() if f.choices}


@pytest.mark.parametrize("entity", ["payments.provider_event", "payments.exception"])
def test_what_was_unmatched_reads_well_before_and_after(entity: str) -> None:
    table = TABLES[entity]
    free = {c: v for c, v in UNMATCHED.items() if c in table.columns}
    waiting = {**table.base, **free}

    arrived = _text(_change(table, "I", None, waiting))
    matched = _text(_change(table, "U", waiting, table.base))

    assert arrived != matched


def _step(*changes: tuple[str, str, Mapping[str, Any]]) -> str:
    """What a step reads like that changed or added several rows at once."""
    rows = [
        d.ChangeRow(n, t, op, n, 3, AT, {} if op == "I" else TABLES[t].base, after)
        for n, (t, op, after) in enumerate(changes, start=1)
    ]
    lines = d.describe(rows)
    assert sorted(n for line in lines for n in line.shows) == list(range(1, len(rows) + 1))
    return "\n".join(str(d.render(x.code, {"currency": "USD", **d.plain(x.data)})) for x in lines)


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "cancelled"},
        {"status": "confirmed"},
        {"published_at": None},
        {"fee_disabled": False},
        {"address": "Alder Court"},
    ],
)
def test_an_invoice_that_changes_with_its_job_is_reported(changed: Mapping[str, Any]) -> None:
    job, charge = TABLES["workorders.work_order"].base, TABLES["workorders.charge"].base
    job = {**job, "status": "pending", **changed}

    sentence = _step(
        ("workorders.work_order", "U", job),
        ("workorders.charge", "U", {**charge, "amount": Decimal("99.000")}),
    )

    assert "$340.52 → $99.00" in sentence


def test_a_psql_sessions_time_zone_does_not_shift_a_moment() -> None:
    table = TABLES["payments.payment"]

    text = _text(
        _change(table, "U", table.base, {**table.base, "paid_at": "2026-03-02T09:15:00-07:00"})
    )

    assert "2 Mar 2026 16:15:00 UTC" in text

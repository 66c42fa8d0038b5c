"""The data of entries and threads has one shape per code and kind."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from structlog.testing import capture_logs

from activity import describe as d
from activity.shapes import Amount, Diff, Part, Shape, ShapeFault, check, read
from core.faults import COULD_NOT_SHOW
from tests.activity.columns import TABLES

_AT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
# What the release before shapes wrote: entries of every code, threads of every kind.
FIRST = Path(__file__).with_name("first_entries.jsonl")
OLD = [json.loads(line) for line in FIRST.read_text(encoding="utf-8").splitlines()]
OLD_ENTRIES = [row for row in OLD if "code" in row]
OLD_THREADS = [row for row in OLD if "kind" in row]


class _Share(Shape):
    share: Amount
    share_of: str = ""
    diff: Diff = {}


def test_data_is_read_as_a_value() -> None:
    data = read(_Share, {"share": "20.00", "share_of": None, "diff": {"a": ["", "x"]}, "new": 1})

    assert (data.share, data.share_of, data.diff) == (Decimal("20.00"), "", {"a": ("", "x")})


@pytest.mark.parametrize(
    "data",
    [{}, {"share": "a lot"}, {"share": 20.0}, {"share": "NaN"}, {"share": "1", "diff": {"a": []}}],
)
def test_data_of_another_shape_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ShapeFault):
        read(_Share, data)
    with pytest.raises(ShapeFault):
        check(_Share, data)


def test_a_name_that_nobody_could_read_is_not_written() -> None:
    with pytest.raises(ShapeFault, match="has no shared_of"):
        check(_Share, {"share": "20.00", "shared_of": "FHI704-P-1"})


def test_columns_are_those_that_say_something() -> None:
    class Row(Part):
        name: str = ""
        tags: list[str] = []
        count: int = 7
        done: bool = True

    assert list(Row.model_validate({"done": False, "name": "", "tags": []}).columns()) == [
        ("done", False)
    ]


def _line(code: str, data: dict[str, Any], **update: Any) -> d.Line:
    key = d.ThreadKey("payment", 1)
    threads = {key: d.ThreadUpdate("succeeded", "completed", update)} if update else {}
    return d.Line(code, key, (1,), "payment", data, threads=threads)


@pytest.mark.parametrize(
    "line",
    [
        _line("payment.added", {"row": {"status": "completed"}}),
        _line("payment.invented", {}),
        _line("note.changed", {"op": "I", "text": "Hi"}, share={"amount": "1.00"}),
        _line("note.changed", {"op": "I", "text": "Hi"}, shared="1.00"),
    ],
)
def test_a_describer_writes_only_what_can_be_read(
    line: d.Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = TABLES["workorders.note"]
    family = d.Family(("workorders.note",), lambda changes: [line], {})
    monkeypatch.setitem(d._families, "workorders.note", family)
    change = d.ChangeRow(1, "workorders.note", "I", 7, 3, _AT, {}, table.base)

    with pytest.raises(ShapeFault):
        d.describe([change])


def _parts(shape: type[BaseModel]) -> set[str]:
    """Every column that a shape can read: its own, and those of the rows in it."""
    names = set(shape.model_fields)
    for field in shape.model_fields.values():
        for inner in _models(field.annotation):
            names |= _parts(inner)
    return names


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for inner in getattr(annotation, "__args__", ()) for m in _models(inner)]


@pytest.mark.parametrize("entity", TABLES)
def test_every_tracked_column_is_a_field(entity: str) -> None:
    table = TABLES[entity]
    for line in d.describe([d.ChangeRow(1, entity, "I", 7, 3, _AT, {}, table.base)]):
        shape, _ = d._renderers[line.code]
        assert set(table.columns) <= _parts(shape), line.code


def _words(code: str, data: dict[str, Any]) -> d.Sentence:
    with capture_logs() as logs:
        sentence = d.render(code, {"currency": "USD", **data})
    assert logs == [], code
    return sentence


def test_entries_of_every_code_were_written_before_there_were_shapes() -> None:
    codes = {row["code"] for row in OLD_ENTRIES}

    assert len(codes) >= 75
    assert codes <= set(d._renderers)  # none was renamed or removed since
    assert {row["kind"] for row in OLD_THREADS} >= {"payment", "refund", "attempt", "invoice"}


@pytest.mark.parametrize("row", OLD_ENTRIES, ids=lambda row: row["code"])
def test_an_old_entry_stays_readable(row: dict[str, Any]) -> None:
    sentence = _words(row["code"], row["data"])

    assert sentence.headline
    assert COULD_NOT_SHOW not in sentence.headline
    assert not _has_hole(sentence), sentence


@pytest.mark.parametrize("row", OLD_THREADS, ids=lambda row: f"{row['kind']}-{row['status']}")
def test_an_old_thread_stays_readable(row: dict[str, Any]) -> None:
    with capture_logs() as logs:
        head = d.headline(row["kind"], {"currency": "USD", **row["data"]}, row["status"])

    assert logs == []
    assert head is None or not _has_hole(head), head


def _has_hole(said: d.Sentence | d.Headline) -> bool:
    """Whether a sentence shows that something is missing in it."""
    return bool(re.search(r"\bNone\b", str(vars(said).values())))


@pytest.mark.parametrize("row", OLD_ENTRIES, ids=lambda row: row["code"])
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_an_entry_that_cannot_be_read_is_a_plain_line_and_an_alarm(
    row: dict[str, Any], data: st.DataObject
) -> None:
    """Whatever is missing or damaged: a sentence comes back, and where it is plain, an alarm."""
    broken = _damaged(row["data"], data)
    with capture_logs() as logs:
        sentence = d.render(row["code"], broken)

    assert (COULD_NOT_SHOW in sentence.headline) == bool(logs)


def _damaged(value: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    """The same with one thing in it taken out, or replaced by something else."""
    copy: dict[str, Any] = json.loads(json.dumps(value))
    if not copy:
        return {"row": 7}
    name = data.draw(st.sampled_from(sorted(copy)))
    if isinstance(copy[name], dict) and copy[name] and data.draw(st.booleans()):
        copy[name] = _damaged(copy[name], data)
    elif data.draw(st.booleans()):
        del copy[name]
    else:
        copy[name] = data.draw(st.sampled_from([None, "", "x", 7, [], {}, ["x"], {"a": 1}]))
    return copy

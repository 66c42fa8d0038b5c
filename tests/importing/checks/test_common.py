"""Lists of an import file: nothing twice, nothing out of order."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from importing.checks.common import EARLIER, in_order, twice, unique
from importing.format.job import JobStep

AT = datetime(2026, 5, 2, 16, 0, tzinfo=UTC)


def test_a_second_use_of_an_id_is_reported_at_its_place() -> None:
    items = [SimpleNamespace(id=key) for key in ("A", None, "B", "A", None)]

    (problem,) = unique("notes", items)

    assert (problem.path, problem.reason) == ("notes[3].id", twice("A"))


def test_a_step_is_compared_with_the_latest_before_it() -> None:
    start, *steps = [JobStep(at=AT + timedelta(hours=hour)) for hour in (1, 5, 0, 3, 5)]

    problems = list(in_order("history", start, steps))

    assert [(p.path, p.reason) for p in problems] == [
        ("history[1].at", EARLIER),
        ("history[2].at", EARLIER),
    ]

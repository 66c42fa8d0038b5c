"""One bad line is rejected by number, path and reason, and never takes the others with it."""

import json

import pytest
from django.db import DataError

from importing.checks.line import Problem
from importing.history.base import Change
from importing.loader import load
from importing.writers.money import MoneyWriter
from tests.importing.conftest import a_job, a_payment, counts, run
from workorders.models import WorkOrder

pytestmark = pytest.mark.usefixtures("brand")

UNREADABLE = (
    (b'{"brand": "fhi", "number": %s}' % (b"1" * 4301), "", "a number in it is too long"),
    (b'{"brand": "fhi", "a": ' + b"[" * 100_000, "", "nested too deeply"),
    (b'{"brand": "fhi", "a": 1e99999999999999999999}', "", "a number in it is too long"),
    (
        json.dumps(a_job(number="FHI7", inspector="a\x00b")).encode(),
        "inspector",
        "cannot be stored",
    ),
    (json.dumps(a_job(number="FHI7", **{"k\ud800": 1})).encode(), "", ""),
)


@pytest.mark.parametrize(("raw", "path", "reason"), UNREADABLE)
def test_a_line_that_nobody_can_read_is_rejected_and_the_others_load(
    raw: bytes, path: str, reason: str
) -> None:
    good = [json.dumps(a_job(number=number)).encode() for number in ("FHI1", "FHI2")]

    report = load([good[0], raw, good[1]])

    assert counts(report) == (2, 0, 0, 1)
    assert {p.line for p in report.problems} == {2}
    json.dumps(report.as_dict(), ensure_ascii=False).encode()  # can be printed
    assert reason in report.problems[0].reason
    assert report.problems[0].path.startswith(path)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OverflowError("date value out of range"), "date value out of range"),
        (ValueError(), "ValueError"),
        (
            DataError("integer out of range\nCONTEXT: row 1"),
            "an amount, or what amounts come to, is too large",
        ),
        (
            DataError("value too long for type character varying(40)\n"),
            "a text is longer than 40 characters",
        ),
        (
            DataError("stack depth limit exceeded\nHINT: max_stack_depth"),
            "nested too deeply",
        ),
        (DataError("something else\nDETAIL: row 1"), "it contradicts what is here already"),
        (RecursionError(), "nested too deeply"),
    ],
)
def test_a_fault_while_writing_rejects_the_line_and_names_what_was_written(
    monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def breaks(writer: MoneyWriter, change: Change) -> None:
        if writer.job.number == "FHI2":
            raise error

    monkeypatch.setattr(MoneyWriter, "write", breaks)

    report = run(*(a_job(number=f"FHI{n}", payments=[a_payment()]) for n in (1, 2, 3)))

    (problem,) = report.problems
    assert (problem.line, problem.path) == (2, "payments[0]")
    assert problem.reason.startswith(reason)
    assert "DETAIL" not in problem.reason
    assert set(WorkOrder.objects.values_list("number", flat=True)) == {"FHI1", "FHI3"}


def test_what_a_problem_quotes_is_short_and_can_be_printed() -> None:
    problem = Problem(1, "a\x1b[2J\ud800", "x" * 5000)

    assert problem.path == "a\\u001b[2J\\ud800"
    assert len(problem.reason) == 300

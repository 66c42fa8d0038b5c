"""Junk in any field of a line is an error of that field, or nothing; never half a job."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importing.format.examples import CREDITS, EXAMPLE, INVOICES, LEGACY
from importing.loader import load
from payments.models import Payment
from tests.importing.conftest import Line, a_job, a_payment, an_order, run
from tests.importing.lines import settled

pytestmark = pytest.mark.usefixtures("brand")
D = Decimal

DATABASE_WORDS = re.compile(
    r"violates|constraint|DETAIL|relation|overflow|value too long|null value|syntax|psycopg|"
    r"Traceback|object at 0x|NoneType|KeyError|AttributeError",
    re.IGNORECASE,
)
FULL: Line = a_job(
    client={"id": "C1", "name": "Priya Raman", "email": "priya@example.com", "phone": "1"},
    contacts=[{"role": "client", "name": "P", "email": "p@example.com", "gets_invoices": True}],
    notes=[{"at": "2026-05-02T11:00:00-06:00", "text": "Gate code"}],
    messages=[{"at": "2026-05-02T12:00:00-06:00", "kind": "agreement_sent"}],
    history=[
        {"at": "2026-05-02T13:00:00-06:00", "status": "confirmed"},
        {"at": "2026-05-03T13:00:00-06:00", "status": "cancelled", "reason": "Withdrew"},
    ],
    payments=[
        an_order(
            statusHistory=[
                {
                    "status": "captured",
                    "at": "2026-05-04T08:15:00-06:00",
                    "amount": "340.52",
                    "event_id": "ev-1",
                    "data": {"note": "x"},
                },
                {
                    "status": "refunded",
                    "at": "2026-05-05T08:15:00-06:00",
                    "amount": "40.00",
                    "refund_id": "rf-1",
                },
            ]
        ),
        a_payment(
            id="P2",
            status="completed",
            refunds=[{"at": "2026-05-06T08:15:00-06:00", "status": "queued", "amount": "5.00"}],
            disputes=[
                {
                    "id": "d1",
                    "at": "2026-05-07T08:15:00-06:00",
                    "status": "lost",
                    "amount": "7.00",
                }
            ],
        ),
    ],
)
JUNK: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(
        [
            *(None, "", " ", "none", ".", "..", [], {}, [[]], [{}], {"a": {}}, True, 0, -1, 1),
            *("-5.00", "999999999999.99", "1e9", 10**11, 10**30, "0.005", "x" * 5000, "\x00"),
            *("\u202e", "🙂", "'; DROP TABLE", "a@x; b@x", "2026-05-04", "9999-12-31T00:00:00Z"),
            *("2026-05-04T09:00:00", "2099-01-01T00:00:00Z", "completed", "draft", "void", "#1"),
        ]
    ),
    st.text(max_size=8),
    st.integers(-(10**15), 10**15),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in a line."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in inside:
        yield (*path, key)
        if isinstance(one, dict | list):
            yield from places(one, (*path, key))


LINES = [
    FULL,
    {**EXAMPLE},
    {**INVOICES},
    {**CREDITS, "credits": CREDITS["credits"][1:]},
    {**LEGACY},
]
PLACES = [(n, path) for n, line in enumerate(LINES) for path in places(line)]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(place=st.sampled_from(PLACES), junk=JUNK)
def test_junk_in_any_field_is_an_error_of_that_line_or_nothing(
    place: tuple[int, tuple[Any, ...]], junk: Any
) -> None:
    number, path = place
    line = deepcopy(LINES[number])
    inside: Any = line
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = junk

    report = load([json.dumps(line).encode()], dry_run=True)

    assert report.created + report.rejected == 1
    for problem in report.problems:
        assert problem.path, (path, junk, problem.reason)
        assert not DATABASE_WORDS.search(problem.reason), (path, junk, problem.reason)


@pytest.mark.parametrize("line", LINES, ids=str)
def test_the_lines_are_fine_without_junk(line: Line) -> None:
    report = load([json.dumps(line).encode()], dry_run=True)

    assert report.created == 1, report.problems


def test_what_was_fine_stays_fine(brand: Any) -> None:
    run(FULL)

    assert settled(brand).received == D("662.52")
    assert Payment.objects.count() == 2

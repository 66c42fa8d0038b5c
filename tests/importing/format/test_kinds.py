"""Amounts, times and texts of the format: what is refused, with its field."""

import json
from decimal import Decimal
from typing import Any

import pytest

from importing.checks.line import BadLine, decode, validate
from tests.importing.conftest import a_job, a_payment, an_order


def problems(line: Any) -> list[tuple[str, str]]:
    try:
        validate(decode(json.dumps(line).encode()), "USD")
    except BadLine as error:
        return [(wrong.path, wrong.reason) for wrong in error.wrong]
    return []


def paid(**changes: Any) -> dict[str, Any]:
    return a_job(payments=[a_payment(**changes)])


def ordered(**changes: Any) -> dict[str, Any]:
    return a_job(payments=[an_order(("captured", "08:14"), **changes)])


STEP = {"at": "2026-05-05T09:00:00Z"}


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "329"), ("KWD", "329.125")])
def test_decimals_are_those_of_the_currency(currency: str, amount: str) -> None:
    line = a_job(charges=[{"service": "X", "amount": amount}])

    assert validate(line, currency).charges[0].amount == Decimal(amount)
    with pytest.raises(BadLine, match=currency):
        validate(a_job(charges=[{"service": "X", "amount": "0.0001"}]), currency)


def test_a_float_is_refused_even_from_python() -> None:
    with pytest.raises(BadLine, match="an amount is a string"):
        validate(a_job(charges=[{"service": "X", "amount": 1.5}]), "USD")


# --- what a database cannot hold ------------------------------------------------------------------


NUL, HALF = "a\x00b", "a\ud800b"


CANNOT = "cannot be stored"


@pytest.mark.parametrize("text", [NUL, HALF])
@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda text: a_job(client={"name": text}), "client.name"),
        (lambda text: a_job(inspector=text), "inspector"),
        (lambda text: paid(reference=text), "payments[0].reference"),
        (lambda text: paid(references=["pi_1", text]), "payments[0].references"),
        (
            lambda text: a_job(notes=[{"at": "2026-05-02T10:00:00Z", "text": text}]),
            "notes[0].text",
        ),
        (
            lambda text: ordered(
                statusHistory=[{"status": "captured", **STEP, "data": {"a": [{"b": text}]}}]
            ),
            "payments[0].statusHistory[0].data",
        ),
        (
            lambda text: ordered(statusHistory=[{"status": "captured", **STEP, "data": {text: 1}}]),
            "payments[0].statusHistory[0].data",
        ),
    ],
)
def test_a_character_that_cannot_be_stored_is_named_with_its_field(
    make: Any, path: str, text: str
) -> None:
    reported = problems(make(text))

    assert [p for p, _ in reported] == [path]
    assert CANNOT in reported[0][1]


@pytest.mark.parametrize(
    "when",
    [
        "0001-01-01T00:00:00+14:00",
        "1989-12-31T23:59:59Z",
        "2101-01-01T00:00:00Z",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_a_time_of_another_age_is_named_with_its_field(when: str) -> None:
    year = int(when[:4])

    assert problems(a_job(scheduled_for=when)) == [
        ("scheduled_for", f"the year is {year}; it must be within 1990 and 2100")
    ]


def test_a_year_of_five_digits_is_no_time() -> None:
    assert [path for path, _ in problems(a_job(at="10000-01-01T00:00:00Z"))] == ["at"]


def test_a_date_of_another_age_is_named_with_its_field() -> None:
    reported = problems(paid(follow_up_on="0001-01-01"))

    assert reported == [
        ("payments[0].follow_up_on", "the year is 1; it must be within 1990 and 2100")
    ]


@pytest.mark.parametrize("amount", ["1e999999999", "1e-999999999"])
def test_an_amount_is_never_written_out_when_it_is_absurd(amount: str) -> None:
    raw = json.dumps(a_job()).replace('"329.00"', amount).encode()

    with pytest.raises(BadLine, match="an amount has fewer digits than this"):
        validate(decode(raw), "USD")


# --- refunds together -----------------------------------------------------------------------------

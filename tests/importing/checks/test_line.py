"""Each error of a line is reported with its path and reason."""

import json
from decimal import Decimal
from typing import Any

import pytest

from importing.checks.line import BadLine, decode, validate
from importing.errors import Refused
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


@pytest.mark.parametrize(
    ("line", "path", "reason"),
    [
        (a_job(colour="red"), "colour", "unknown key"),
        (paid(amout="1"), "payments[0].amout", "unknown key"),
        (a_job(at="2026-05-02T10:00:00"), "at", "needs its zone"),
        (a_job(at=1777777777), "at", "a time is a string"),
        (a_job(at="yesterday"), "at", "valid datetime"),
        (a_job(client={}), "client.name", "missing"),
        (a_job(number="FHI 1"), "number", "pattern"),
        (a_job(number="new"), "number", "part of addresses"),
        (a_job(status="done"), "status", "'pending', 'confirmed' or 'cancelled'"),
        (a_job(actor={"kind": "robot", "name": "R"}), "actor.kind", "Input should be"),
        (a_job(source="stripe"), "", "kind “provider”"),
        (a_job(charges=[{"service": "X", "amount": "1.234"}]), "charges[0].amount", "2"),
        (a_job(charges=[{"service": "X", "amount": True}]), "charges[0].amount", "is a string"),
        (a_job(charges=[{"service": "X", "amount": "NaN"}]), "charges[0].amount", "not an amount"),
        (a_job(charges=[{"amount": "5"}]), "charges[0]", "a service or a description"),
        (a_job(charges=[{"service": "X", "amount": "-5"}]), "charges", "less than zero"),
        (a_job(history=[{**STEP, "status": "cancelled"}]), "history[0].reason", "its reason"),
        (a_job(history=[{"at": "2026-05-01T09:00:00Z"}]), "history[0].at", "earlier"),
        (a_job(published_at="2026-05-01T09:00:00Z"), "published_at", "before the job"),
        (paid(amount="0"), "payments[0].amount", "more than zero"),
        (paid(fee_amount="400"), "payments[0].fee_amount", "more than the amount"),
        (paid(fee_amount="-1"), "payments[0].fee_amount", "not be negative"),
        (paid(status=None), "payments[0].status", "missing"),
        (paid(last4="42"), "payments[0].last4", "pattern"),
        (paid(references=[7]), "payments[0].references[0]", "valid string"),
        (
            paid(shares=[{"work_order": "FHI1", "amount": "300.00"}]),
            "payments[0].shares",
            "sum to the amount",
        ),
        (
            paid(shares=[{"work_order": "FHI2", "amount": "329.00"}]),
            "payments[0].shares",
            "this job has no share",
        ),
        (
            paid(status="completed", refunds=[{**STEP, "status": "queued", "amount": "330.00"}]),
            "payments[0].refunds[0].amount",
            "more than the payment",
        ),
        (
            paid(attempts=[{"method": "card", "provider": "stripe", **STEP, "amount": "5"}]),
            "payments[0].attempts[0].status",
            "missing",
        ),
        (ordered(status="completed"), "payments[0].status", "follows from statusHistory"),
        (ordered(order_id=""), "payments[0].order_id", "missing"),
        (ordered(provider="stripe"), "payments[0].statusHistory", "guardian and flexfund"),
        (
            ordered(refunds=[{**STEP, "status": "queued", "amount": "5.00"}]),
            "payments[0].refunds[0]",
            "provider_refund_id",
        ),
        (
            ordered(history=[{**STEP, "status": "failed"}]),
            "payments[0].history[0].status",
            "follows from statusHistory",
        ),
        (a_job(payments=[a_payment(), a_payment()]), "payments[1].id", "twice"),
    ],
)
def test_each_problem_has_its_path_and_reason(line: Any, path: str, reason: str) -> None:
    reported = problems(line)

    assert [p for p, _ in reported] == [path]
    assert reason in reported[0][1]


def test_every_problem_of_a_line_is_reported() -> None:
    line = a_job(colour="red", charges=[{"service": "X", "amount": "x"}], client={"name": 5})

    assert {path for path, _ in problems(line)} == {"colour", "charges[0].amount", "client.name"}


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"{", "not JSON"),
        (b"[1]", "one JSON object"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": 1, "a": 2}', "stands here twice"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_not_an_object_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        decode(raw)


def test_numbers_are_exact() -> None:
    job = validate(decode(json.dumps(a_job()).replace('"329.00"', "329.10").encode()), "USD")

    assert job.charges[0].amount == Decimal("329.10")
    assert isinstance(job.charges[0].amount, Decimal)


@pytest.mark.parametrize("raw", [b'{"a": %s}' % (b"1" * 4301), b'{"a": 1e99999999999999999999}'])
def test_a_number_that_cannot_be_read_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused, match="a number in it is too long"):
        decode(raw)


def a_refund(key: str, amount: str, *steps: str, **changes: Any) -> dict[str, Any]:
    history = [{**STEP, "status": status} for status in steps]
    refund = {**STEP, "id": key, "status": "queued", "amount": amount, "history": history}
    return {**refund, **changes}


def refunded(*refunds: dict[str, Any], **changes: Any) -> list[tuple[str, str]]:
    values = {"status": "completed", "amount": "100.00", "fee_amount": "10.00", **changes}
    return problems(paid(refunds=list(refunds), **values))


@pytest.mark.parametrize("last", [(), ("pending",), ("pending", "completed")])
def test_refunds_together_are_not_more_than_the_payment(last: tuple[str, ...]) -> None:
    reported = refunded(a_refund("1", "80.00", "completed"), a_refund("2", "80.00", *last))

    assert reported == [
        (
            "payments[0].refunds[1].amount",
            "with the refunds before it 160.00, more than the payment",
        )
    ]


@pytest.mark.parametrize("last", ["failed", "cancelled"])
def test_a_refund_that_came_to_nothing_does_not_count(last: str) -> None:
    assert refunded(a_refund("1", "80.00", last), a_refund("2", "80.00", "completed")) == []
    assert refunded(a_refund("1", "80.00", "completed"), a_refund("2", "80.00", last)) == []


def test_refunds_up_to_the_last_cent_are_fine() -> None:
    assert refunded(a_refund("1", "60.00", "completed"), a_refund("2", "40.00")) == []


def test_refunds_are_held_against_the_corrected_amount() -> None:
    history = [{**STEP, "amount": "70.00", "reason": "Typed wrong"}]

    reported = refunded(a_refund("1", "40.00"), a_refund("2", "40.00"), history=history)

    assert [path for path, _ in reported] == ["payments[0].refunds[1].amount"]


def test_the_fee_is_refunded_once() -> None:
    reported = refunded(
        a_refund("1", "40.00", fee_amount="8.00"), a_refund("2", "40.00", fee_amount="8.00")
    )

    assert reported == [
        ("payments[0].refunds[1].fee_amount", "with the refunds before it more than the fee")
    ]

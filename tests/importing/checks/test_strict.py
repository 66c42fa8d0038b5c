"""The import refuses what the forms refuse, by field, in words, and nothing is half-done."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core import clock
from tests.importing.conftest import Line, a_job, a_payment, an_order, counts, run
from tests.importing.lines import a_bill, billed, paths
from workorders.models import Client, WorkOrder

pytestmark = pytest.mark.usefixtures("brand")
D = Decimal


def refused(line: Line) -> list[tuple[str, str]]:
    """Why a line is rejected, by field; nothing of it is there."""
    report = run(line)

    assert counts(report) == (0, 0, 0, 1)
    assert not WorkOrder.objects.exists()
    assert not Client.objects.exists()
    return paths(report)


def in_days(days: int) -> str:
    return (clock.now() + timedelta(days=days)).isoformat()


# E-mail addresses ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("none", "“none” is no e-mail address: leave it empty"),
        ("a@x.example; b@x.example", "give one address"),
        ("a@x", "is no e-mail address"),
        (f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 20}.example", "longer than 254"),
    ],
)
def test_an_address_that_is_none_is_refused_by_field(email: str, reason: str) -> None:
    contact = {"role": "buyers_agent", "name": "Tom Abbott", "email": email}

    problems = refused(a_job(client={"name": "Priya Raman", "email": email}, contacts=[contact]))

    assert [where for where, _ in problems] == ["client.email", "contacts[0].email"]
    assert all(reason in why for _, why in problems)


def test_who_gets_invoices_needs_an_address() -> None:
    contact = {"role": "buyers_agent", "name": "Tom Abbott", "gets_invoices": True}

    (problem,) = refused(a_job(contacts=[contact]))

    assert problem[0] == "contacts[0].email"
    assert "needs an e-mail address" in problem[1]


# Days to come ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payment", "path"),
    [
        (a_payment(at=in_days(3), status="completed"), "payments[0].at"),
        (a_payment(at=in_days(3)), "payments[0].at"),  # a check that nobody has yet
        (
            a_payment(history=[{"at": in_days(3), "status": "completed"}]),
            "payments[0].history[0].at",
        ),
        (
            an_order(statusHistory=[{"status": "captured", "at": in_days(3)}]),
            "payments[0].statusHistory[0].at",
        ),
        (
            a_payment(
                status="completed",
                refunds=[{"at": in_days(3), "status": "completed", "amount": "5.00"}],
            ),
            "payments[0].refunds[0].at",
        ),
        (
            a_payment(
                status="completed",
                disputes=[{"at": in_days(3), "status": "lost", "amount": "5.00"}],
            ),
            "payments[0].disputes[0].at",
        ),
    ],
)
def test_money_that_came_in_the_future_is_refused(payment: Line, path: str) -> None:
    ((where, why),) = refused(a_job(payments=[payment]))

    assert where == path
    assert "is in the future" in why


def test_documents_and_credits_of_the_future_are_refused() -> None:
    credit = {"kind": "prepayment", "amount": "5.00", "at": in_days(3)}

    problems = refused(billed(a_bill(at=in_days(2)), credits=[credit]))

    assert [where for where, _ in problems] == ["invoices[0].at", "credits[0].at"]


def test_what_is_expected_may_be_to_come() -> None:
    pending = an_order(
        statusHistory=[{"status": "approved", "at": in_days(20)}], method="pac", fee_amount="0.00"
    )
    report = run(a_job(scheduled_for=in_days(30), payments=[pending]))

    assert report.created == 1, report.problems


def test_a_clock_that_is_an_hour_ahead_is_no_future() -> None:
    at = (clock.now() + timedelta(hours=1)).isoformat()

    assert run(a_job(payments=[a_payment(at=at, status="completed")])).created == 1


# More back than there was ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payment", "path"),
    [
        (
            a_payment(
                status="completed",
                disputes=[
                    {"at": "2026-05-09T09:00:00-06:00", "status": "open", "amount": "330.00"}
                ],
            ),
            "payments[0].disputes[0].amount",
        ),
        (
            a_payment(
                status="completed",
                disputes=[
                    {
                        "id": f"d{n}",
                        "at": "2026-05-09T09:00:00-06:00",
                        "status": "lost",
                        "amount": "200.00",
                    }
                    for n in (1, 2)
                ],
            ),
            "payments[0].disputes[1].amount",
        ),
        (
            a_payment(
                refunds=[{"at": "2026-05-09T09:00:00-06:00", "status": "queued", "amount": "5.00"}]
            ),
            "payments[0].refunds[0].status",
        ),
        (
            an_order(
                statusHistory=[
                    {"status": "captured", "at": "2026-05-04T08:15:00-06:00"},
                    {
                        "status": "chargeback",
                        "at": "2026-05-09T08:15:00-06:00",
                        "amount": "340.53",
                    },
                ]
            ),
            "payments[0].statusHistory[1].amount",
        ),
    ],
)
def test_more_back_than_came_is_refused_by_field(payment: Line, path: str) -> None:
    problems = refused(a_job(payments=[payment]))

    assert [where for where, _ in problems] == [path]


def test_an_event_twice_with_something_else_in_it_is_refused() -> None:
    at = "2026-05-04T08:15:00-06:00"
    steps = [
        {"event_id": "ev-1", "status": "captured", "at": at},
        {"event_id": "ev-1", "status": "captured", "at": at, "amount": "340.52"},
    ]

    ((where, why),) = refused(a_job(payments=[an_order(statusHistory=steps)]))

    assert (where, why) == ("payments[0].statusHistory[1].event_id", "“ev-1” stands here twice")


# Numbers, sums, depth ----------------------------------------------------------------------


@pytest.mark.parametrize("number", ["new", ".", ".."])
def test_a_number_that_is_an_address_of_something_else_is_refused(number: str) -> None:
    ((where, why),) = refused(a_job(number=number))

    assert where == "number"
    assert "part of addresses" in why


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        (
            {"charges": [{"service": f"S{n}", "amount": "999999999999.00"} for n in (1, 2)]},
            "charges",
        ),
        (
            {
                "charges": [
                    {
                        "service": "S",
                        "amount": "999999999999.00",
                        "tax": {"name": "VAT", "percent": "20"},
                    }
                ]
            },
            "charges",
        ),
        (
            {
                "payments": [
                    a_payment(id=f"P{n}", amount="999999999999.99", status="completed")
                    for n in (1, 2)
                ]
            },
            "payments",
        ),
        (
            {
                "charges": [],
                "invoices": [a_bill(f"I-{n}", "999999999999.00") for n in (1, 2)],
            },
            "invoices",
        ),
    ],
)
def test_a_sum_beyond_the_column_is_refused_by_field(changes: Line, path: str) -> None:
    problems = refused(a_job(**{"status": "confirmed", **changes}))

    assert path in [where for where, _ in problems]
    assert all("too large" in why for _, why in problems)


@pytest.mark.parametrize("levels", [40, 900])
def test_data_that_nobody_can_read_any_more_is_refused_by_field(levels: int) -> None:
    deep: Any = "end"
    for _ in range(levels):
        deep = {"a": deep}
    step = {"status": "captured", "at": "2026-05-04T08:15:00-06:00", "data": {"deep": deep}}

    ((where, why),) = refused(a_job(payments=[an_order(statusHistory=[step])]))

    assert where.startswith("payments[0].statusHistory[0].data")
    assert "levels deep" in why


def test_what_the_database_would_refuse_is_refused_in_words(brand: Any) -> None:
    order = an_order(("captured", "08:15"), order_id="GRD-1")
    run(a_job(payments=[a_payment(provider="stripe", method="card", order_id="pi_1")]))

    report = run(
        a_job(
            number="FHI2", payments=[a_payment(provider="stripe", method="card", order_id="pi_1")]
        ),
        a_job(number="FHI3", payments=[order]),
        a_job(number="FHI4", payments=[order]),
    )

    assert counts(report) == (1, 0, 0, 2)
    assert paths(report) == [
        ("payments[0]", "another payment of the brand has this order"),
        ("payments[0].statusHistory[0]", "order GRD-1 belongs to another job already"),
    ]


def test_refunds_and_lost_disputes_together_are_never_more_than_the_payment() -> None:
    back = {"at": "2026-05-06T08:15:00-06:00", "amount": "200.00"}
    payment = a_payment(
        status="completed",
        refunds=[{**back, "status": "completed"}],
        disputes=[{**back, "status": "lost"}],
    )

    ((where, why),) = refused(a_job(payments=[payment]))

    assert where == "payments[0].disputes"
    assert why == "with the refunds 400.00 went back, more than the payment of 329.00"

"""The technology fee that an imported payment should have brought."""

from datetime import datetime
from typing import Any

import pytest

from accounts.models import Brand
from payments.models import Payment
from tests.importing.conftest import Line, run
from tests.importing.lines import (
    D,
    a_bill,
    a_card,
    a_policy,
    ria,
    settled,
)
from workorders.models import CardFeeSwitch, WorkOrder


def expected() -> Any:
    return Payment.objects.get().fee_expected


def an_attempt(**changes: Any) -> Line:
    return {"at": "2026-05-04T09:00:05-06:00", "method": "card", "provider": "stripe",
            "status": "succeeded", "amount": "500.00", **changes}  # fmt: skip


def test_the_quote_of_the_attempt_is_the_fee_expected(brand: Brand) -> None:
    a_policy(brand)

    run(ria(payments=[a_card(attempts=[an_attempt(fee_expected="12.00")])]))

    assert expected() == D("12.00")
    assert settled(brand, "RIA2159").fee.uncollected == D("12.00")


def test_without_a_quote_it_is_computed_by_the_policy_of_that_day(brand: Brand) -> None:
    a_policy(brand)
    a_policy(brand, effective_from="2026-05-06T00:00:00Z", percent=D("5"))

    run(ria(payments=[a_card(attempts=[an_attempt()])]))

    assert expected() == D("17.95")


@pytest.mark.parametrize(
    ("switched_at", "fee"),
    [("2026-05-03T09:00:00-06:00", None), ("2026-05-05T09:00:00-06:00", D("17.95"))],
)
def test_the_switch_counts_as_it_was_when_the_money_came(
    brand: Brand, switched_at: str, fee: Any
) -> None:
    a_policy(brand)
    off = {"at": switched_at, "fee_disabled": True, "reason": "Long-time agent"}

    run(ria(history=[off]))

    assert WorkOrder.objects.get().fee_disabled
    assert expected() == fee


def test_each_switch_that_is_imported_is_dated(brand: Brand) -> None:
    at = "2026-05-03T09:00:00-06:00", "2026-05-05T09:00:00-06:00"
    history = [
        {"at": at[0], "fee_disabled": True, "reason": "Agent"},
        {"at": at[1], "fee_disabled": False, "reason": "Agent left"},
    ]

    run(ria(history=history))
    run(ria(history=history))

    rows = CardFeeSwitch.objects.values_list("disabled", "happened_at", "reason")
    assert list(rows) == [
        (True, datetime.fromisoformat(at[0]), "Agent"),
        (False, datetime.fromisoformat(at[1]), "Agent left"),
    ]


def test_a_job_imported_without_its_fee_was_booked_so(brand: Brand) -> None:
    a_policy(brand)

    run(ria(fee_disabled=True))

    row = CardFeeSwitch.objects.get()
    assert (row.disabled, row.happened_at) == (True, WorkOrder.objects.get().happened_at)
    assert expected() is None


def test_money_that_a_later_line_adds_is_quoted_by_its_own_moment(brand: Brand) -> None:
    a_policy(brand)
    off = {"at": "2026-06-01T09:00:00-06:00", "fee_disabled": True, "reason": "Agent"}
    run(ria(history=[off], payments=[]))

    run(ria(history=[off]))

    assert expected() == D("17.95")


def test_the_same_of_an_imported_invoice(brand: Brand) -> None:
    """Money goes last there; the switch counts as of the payment all the same."""
    a_policy(brand)
    off = {"at": "2026-05-05T09:00:00-06:00", "fee_disabled": True, "reason": "Agent"}

    run(ria(history=[off], invoices=[a_bill("A", "500.00")]))

    assert expected() == D("17.95")


# A fee that the file does not name -----------------------------------------------------------


def parts() -> list[tuple[Any, ...]]:
    """Services and fee of the payment, then of its refunds."""
    payment = Payment.objects.get()
    rows = payment.refunds.order_by("number").values_list("services_amount", "fee_amount")
    return [(payment.services_amount, payment.fee_amount), *rows]


@pytest.mark.parametrize("invoices", [[], [a_bill("A", "500.00")]])
def test_a_fee_that_the_file_does_not_name_is_the_rest_of_the_price(
    brand: Brand, invoices: list[Line]
) -> None:
    a_policy(brand)
    line = ria(payments=[a_card(amount="517.95")], invoices=invoices)

    run(line)
    run(line)

    assert parts() == [(D("500.00"), D("17.95"))]
    answer = settled(brand, "RIA2159")
    assert (answer.billed, answer.balance, answer.fee.open) == (D("517.95"), D(0), D(0))


def test_a_fee_of_zero_in_the_file_is_none(brand: Brand) -> None:
    a_policy(brand)

    run(ria(payments=[a_card(amount="517.95", fee_amount="0.00")]))

    assert parts() == [(D("517.95"), D(0))]
    assert settled(brand, "RIA2159").balance == D("-17.95")


def test_services_come_first_also_in_a_file(brand: Brand) -> None:
    a_policy(brand)

    run(ria(payments=[a_card()]))

    assert parts() == [(D("500.00"), D(0))]
    assert settled(brand, "RIA2159").fee.open == D("17.95")


def test_a_refund_in_the_file_takes_its_part_of_that_fee(brand: Brand) -> None:
    a_policy(brand)
    refund = {"at": "2026-05-09T09:00:00-06:00", "status": "completed", "amount": "103.59"}

    run(ria(payments=[a_card(amount="517.95", refunds=[refund])]))

    assert parts() == [(D("500.00"), D("17.95")), (D("100.00"), D("3.59"))]


def test_a_fee_that_a_later_file_names_counts_from_then_on(brand: Brand) -> None:
    a_policy(brand)
    run(ria(payments=[a_card(amount="517.95")]))

    run(ria(payments=[a_card(amount="517.95", fee_amount="10.00")]))

    assert parts() == [(D("507.95"), D("10.00"))]


def test_a_corrected_amount_of_it_is_split_anew(brand: Brand) -> None:
    a_policy(brand)
    step = {"at": "2026-05-06T09:00:00-06:00", "amount": "510.00", "reason": "Typo"}

    run(ria(payments=[a_card(amount="517.95", history=[step])]))

    assert parts() == [(D("500.00"), D("10.00"))]


def test_an_order_of_a_provider_without_its_fee(brand: Brand) -> None:
    a_policy(brand)
    captured = {"status": "captured", "at": "2026-05-04T09:00:00-06:00"}
    order = {
        "id": "G",
        "at": captured["at"],
        "method": "card",
        "provider": "guardian",
        "order_id": "ord-1",
        "funding": "credit",
        "amount": "517.95",
    }

    run(ria(payments=[{**order, "statusHistory": [captured]}]))

    assert parts() == [(D("500.00"), D("17.95"))]

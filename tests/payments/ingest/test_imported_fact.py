"""How an import saw its payment is one fact, whatever became of the row since."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from payments.ingest.imported_fact import (
    freeze,
    imported_details,
    imported_fact,
    imported_status,
)
from payments.models import Payment, PaymentStatus

D = Decimal
BOOKED = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
PAID = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
VALUES: dict[str, Any] = {
    "status": PaymentStatus.COMPLETED,
    "amount": D("517.95"),
    "fee_amount": D("17.95"),
    "paid_at": PAID,
    "method": "card",
    "failure_message": "",
    "card_brand": "Visa",
    "last4": "4242",
    "funding": "credit",
    "payer_name": "Kim Castle",
    "failure_code": "",
}


def imported(**changes: Any) -> Payment:
    payment = Payment(status="failed", amount=D("1.00"))
    payment.imported_fact = freeze({**VALUES, **changes}, BOOKED)
    return payment


def test_it_stays_what_the_import_brought_whatever_the_row_holds_now() -> None:
    (fact,) = imported_fact(imported())

    assert (fact.amount, fact.fee, fact.at, fact.status) == (
        D("517.95"),
        D("17.95"),
        PAID,
        "captured",
    )
    assert imported_status(imported()) == "completed"
    assert imported_details(imported())["last4"] == "4242"


def test_one_that_is_not_paid_is_dated_by_itself() -> None:
    (fact,) = imported_fact(imported(paid_at=None, status=PaymentStatus.PENDING))

    assert (fact.at, fact.status) == (BOOKED, "authorised")


@pytest.mark.parametrize("status", list(PaymentStatus))
@pytest.mark.parametrize("method", ["card", "pac"])
def test_every_status_has_a_step_that_says_the_same(status: PaymentStatus, method: str) -> None:
    (fact,) = imported_fact(imported(status=status, method=method))

    assert fact.status
    assert fact.method == ("card" if method == "card" else "")


def test_a_payment_that_was_not_imported_as_one_fact_has_none() -> None:
    payment = Payment(status="completed", amount=D("1.00"))

    assert imported_fact(payment) == imported_fact(None) == []
    assert imported_status(payment) == imported_status(None) == ""
    assert imported_details(payment) == {}

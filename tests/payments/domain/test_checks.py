"""What people enter is stored exactly, or refused with the name of its field."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from core import clock
from core.refusal import field_of
from payments.domain.checks import fits, not_to_come, positive, reason_given

D = Decimal


@pytest.mark.parametrize(
    ("amount", "currency", "exact"),
    [("5", "USD", "5.00"), ("5.10", "USD", "5.10"), ("500", "JPY", "500"), ("0.01", "USD", "0.01")],
)
def test_an_amount_gets_the_decimals_of_its_currency(
    amount: str, currency: str, exact: str
) -> None:
    assert str(positive(D(amount), currency)) == exact


@pytest.mark.parametrize(
    ("check", "field"),
    [
        (lambda: positive(D("0"), "USD"), "amount"),
        (lambda: positive(D("-1.00"), "USD", "services"), "services"),
        (lambda: positive(D("NaN"), "USD"), "amount"),
        (lambda: positive(D("Infinity"), "USD"), "amount"),
        (lambda: positive(D("1.005"), "USD"), "amount"),
        (lambda: positive(D("1.5"), "JPY"), "amount"),
        (lambda: positive(D(10) ** 15, "USD"), "amount"),
        (lambda: fits("note", "x" * 11, 10), "note"),
        (lambda: fits("note", "a\x00b", 10), "note"),
        (lambda: reason_given("   "), "reason"),
        (lambda: reason_given("", name="why"), "why"),
        (lambda: reason_given("x" * 301, limit=300), "reason"),
        (lambda: not_to_come(clock.now() + timedelta(days=2)), "happened_at"),
    ],
)
def test_what_cannot_be_stored_names_its_field(check: Callable[[], Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        check()

    assert field_of(refused.value) == field


def test_text_is_stored_without_the_spaces_around_it() -> None:
    assert fits("note", "  1234567890  ", 10) == "1234567890"
    assert reason_given(" Bounced ") == "Bounced"


def test_a_day_of_grace_is_given_for_clocks_and_zones() -> None:
    not_to_come(clock.now() + timedelta(hours=23))
    not_to_come(None)

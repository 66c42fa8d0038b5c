"""Amounts of 0-, 2- and 3-decimal currencies, and what is refused on the way in."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import money

CURRENCIES = [("JPY", 0, "1"), ("USD", 2, "0.01"), ("CAD", 2, "0.01"), ("KWD", 3, "0.001")]


@pytest.mark.parametrize(("currency", "places", "unit"), CURRENCIES)
def test_decimals_are_the_currencys_own(currency: str, places: int, unit: str) -> None:
    assert money.decimals(currency) == places
    assert str(money.unit(currency)) == unit


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("0.5", "JPY", "1"),
        ("1.5", "JPY", "2"),
        ("2.5", "JPY", "3"),
        ("-2.5", "JPY", "-3"),
        ("11.515", "USD", "11.52"),
        ("11.5149", "USD", "11.51"),
        ("2.675", "USD", "2.68"),
        ("0.0005", "KWD", "0.001"),
        ("7", "KWD", "7.000"),
    ],
)
def test_rounding_is_half_up(amount: str, currency: str, rounded: str) -> None:
    assert str(money.quantize(Decimal(amount), currency)) == rounded


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("1,234.50", "USD", "1234.50"),
        ("$329", "USD", "329.00"),
        (" 340.52 ", "USD", "340.52"),
        ("-25.00", "USD", "-25.00"),
        ("\u221225.00", "USD", "-25.00"),
        ("1.500", "USD", "1.50"),
        ("1234", "JPY", "1234"),
        ("1.234", "KWD", "1.234"),
        ("999999999999.99", "USD", "999999999999.99"),
    ],
)
def test_what_people_write_is_read(text: str, currency: str, amount: str) -> None:
    assert str(money.parse_amount(text, currency)) == amount


@pytest.mark.parametrize(
    ("text", "currency", "reason"),
    [
        ("", "USD", "is not an amount"),
        ("ten", "USD", "is not an amount"),
        ("1e3", "USD", "is not an amount"),
        ("NaN", "USD", "is not an amount"),
        ("Infinity", "USD", "is not an amount"),
        ("1,23.00", "USD", "is not an amount"),
        ("1.234,50", "USD", "is not an amount"),
        (".50", "USD", "is not an amount"),
        ("12\n13", "USD", "is not an amount"),
        ("٣٢٩", "USD", "is not an amount"),
        ("1.005", "USD", "too many decimals; USD has 2"),
        ("1.5", "JPY", "too many decimals; JPY has 0"),
        ("0.0001", "KWD", "too many decimals; KWD has 3"),
        ("1000000000000", "USD", "too large"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(
    text: str, currency: str, reason: str
) -> None:
    with pytest.raises(money.AmountError, match=reason):
        money.parse_amount(text, currency)


def test_an_amount_is_an_error_a_form_can_catch() -> None:
    assert issubclass(money.AmountError, ValueError)


@given(st.integers(-(10**14), 10**14), st.sampled_from(["JPY", "USD", "KWD"]))
def test_minor_units_there_and_back(minor: int, currency: str) -> None:
    amount = money.from_minor(minor, currency)

    assert money.to_minor(amount, currency) == minor
    assert money.quantize(amount, currency) == amount


@pytest.mark.parametrize(("amount", "currency"), [("1.5", "JPY"), ("0.005", "USD")])
def test_a_fraction_of_the_smallest_unit_is_no_money(amount: str, currency: str) -> None:
    with pytest.raises(money.AmountError, match=f"more decimals than {currency} has"):
        money.to_minor(Decimal(amount), currency)


def test_a_sum_is_exact_and_has_its_decimals() -> None:
    assert str(money.total([], "USD")) == "0.00"
    assert str(money.total([Decimal("0.1")] * 3, "USD")) == "0.30"
    assert str(money.total([Decimal(5), Decimal(7)], "JPY")) == "12"


def test_only_real_currencies_are_known() -> None:
    assert money.is_currency("KWD")
    assert not money.is_currency("usd")
    assert not money.is_currency("DOLLARS")

"""Amounts of 0-, 2- and 3-decimal currencies, and what is refused on the way in."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import money
from core.currencies import DECIMALS

CURRENCIES = [
    *(("JPY", 0, "1"), ("USD", 2, "0.01"), ("CAD", 2, "0.01"), ("KWD", 3, "0.001")),
    # ISO 4217 and what their countries display are not the same.
    *(("RSD", 2, "0.01"), ("LBP", 2, "0.01"), ("IQD", 3, "0.001"), ("ISK", 0, "1")),
]


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
        ("1" + "0" * 30, "USD", "too large"),
        ("9" * 40 + ".99", "USD", "too large"),
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


@pytest.mark.parametrize("code", ["USD", "KWD", "RSD", "LBP", "IQD", "SLE", "XCG", "ZWG", "XAF"])
def test_active_currencies_are_known(code: str) -> None:
    assert money.is_currency(code)
    assert money.currency_fault(code) == ""


@pytest.mark.parametrize(
    "code",
    [
        *("usd", "DOLLARS", "", "ÜSD"),
        *("CLF", "UYW", "UYI", "CHE", "CHW", "MXV", "COU", "BOV", "USN"),  # funds
        *("XAU", "XAG", "XPT", "XPD", "XDR", "XSU", "XUA", "XTS", "XXX"),  # metals, units, tests
        *("HRK", "BGN", "DEM", "ANG", "CUC", "SLL", "ZWL", "VEF", "BYR", "MRO"),  # withdrawn
    ],
)
def test_funds_metals_and_dead_currencies_are_none(code: str) -> None:
    assert not money.is_currency(code)
    assert money.currency_fault(code) == (
        f"“{code}” is no active currency of ISO 4217; write its three capitals, like USD."
    )


def test_an_amount_that_is_stored_in_a_dead_currency_stays_readable() -> None:
    assert money.display(Decimal("1234.5"), "BGN").endswith("1,234.50")


@given(
    amount=st.decimals(allow_nan=False, allow_infinity=False, min_value=-10, max_value=10),
    currency=st.sampled_from(sorted(DECIMALS)),
)
def test_an_amount_has_its_currencys_decimals_wherever_it_is_shown(
    amount: Decimal, currency: str
) -> None:
    exact = money.quantize(amount, currency)
    shown = money.display(amount, currency)
    digits = re.sub(r"[^\d.]", "", shown).strip(".")

    assert digits == str(abs(exact))
    assert not str(exact).startswith("-0") or exact
    assert ("\u2212" in shown) == (exact < 0)


@given(
    amounts=st.lists(st.sampled_from(["-0.00", "0.00", "-0.001", "1.00", "-1.00"]), max_size=4),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_zero_never_has_a_sign(amounts: list[str], currency: str) -> None:
    rows = [Decimal(text) for text in amounts]
    sums = [money.total(rows, currency), *(money.zero_of(row) for row in rows)]
    taxes = [money.charge_tax(row, Decimal(0), currency) for row in rows]

    assert not [x for x in (*sums, *taxes) if x.is_zero() and x.is_signed()]


@pytest.mark.parametrize(
    ("amount", "percent", "currency", "tax"),
    [
        ("329.00", "8.25", "USD", "27.14"),
        ("0.06", "8.25", "USD", "0.00"),
        ("10.00", "8.25", "USD", "0.83"),  # 0.825: half up
        ("-10.00", "8.25", "USD", "-0.83"),  # and the same downwards
        ("1000", "7.25", "JPY", "73"),
        ("1.000", "12.3456", "KWD", "0.123"),
        ("329.00", "0", "USD", "0.00"),
    ],
)
def test_tax_is_rounded_half_up_and_symmetrical(
    amount: str, percent: str, currency: str, tax: str
) -> None:
    assert str(money.charge_tax(Decimal(amount), Decimal(percent), currency)) == tax


@pytest.mark.parametrize(
    ("text", "percent"),
    [("8.25", "8.25"), (" 8.25 % ", "8.25"), ("100", "100"), ("0", "0"), ("0.0001", "0.0001")],
)
def test_a_percentage_is_read_as_written(text: str, percent: str) -> None:
    assert str(money.parse_percent(text)) == percent


@pytest.mark.parametrize("text", ["", "%", "-1", "100.1", "8,25", "1e1", "8.25001", "NaN", "٣"])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(money.AmountError, match="is not a percentage"):
        money.parse_percent(text)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [("8.2500", "8.25%"), ("100.0000", "100%"), ("0", "0%"), ("20", "20%"), ("10.0000", "10%")],
)
def test_a_percentage_shows_no_needless_zeros(stored: str, shown: str) -> None:
    assert money.display_percent(stored) == shown

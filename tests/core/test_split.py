"""Splits lose and make nothing; the fee of a refund always adds up."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import money
from core.split import fee_part, split, split_refund

currencies = st.sampled_from(["JPY", "USD", "KWD"])
minors = st.integers(0, 10**12)
weights_of = st.lists(
    st.decimals(0, 10**9, allow_nan=False, allow_infinity=False), min_size=1, max_size=12
)


def D(text: str) -> Decimal:
    return Decimal(text)


@given(st.integers(-(10**12), 10**12), weights_of, currencies)
def test_parts_sum_to_the_amount_and_are_fair(
    minor: int, weights: list[Decimal], currency: str
) -> None:
    amount = money.from_minor(minor, currency)
    parts = split(amount, weights, currency)

    assert sum(money.to_minor(part, currency) for part in parts) == minor
    assert all(part * amount >= 0 for part in parts), "no part against the amount's sign"
    exact = [_fraction(weight) for weight in weights]
    whole = sum(exact)
    for part, weight in zip(parts, exact, strict=True):
        # |part - minor * weight / whole| < 1 unit, in integers.
        assert whole == 0 or abs(money.to_minor(part, currency) * whole - minor * weight) < whole


def _fraction(weight: Decimal) -> int:
    """Weights as integers over one common scale."""
    sign, digits, exponent = weight.as_tuple()
    assert not sign or weight == 0
    return int("".join(map(str, digits)) + "0" * (int(exponent) + 400))


@pytest.mark.parametrize(
    ("amount", "weights", "currency", "parts"),
    [
        ("500.00", ["300", "700"], "USD", ["150.00", "350.00"]),
        ("900.00", ["300", "700"], "USD", ["270.00", "630.00"]),
        ("100.00", ["1", "1", "1"], "USD", ["33.34", "33.33", "33.33"]),
        ("-100.00", ["1", "1", "1"], "USD", ["-33.34", "-33.33", "-33.33"]),
        ("100", ["1", "1", "1"], "JPY", ["34", "33", "33"]),
        ("100.000", ["1", "1", "1"], "KWD", ["33.334", "33.333", "33.333"]),
        ("0.01", ["1", "1"], "USD", ["0.01", "0.00"]),
        ("5.00", ["0", "0"], "USD", ["5.00", "0.00"]),
        ("5.00", ["0", "2"], "USD", ["0.00", "5.00"]),
        ("0.00", ["3", "4"], "USD", ["0.00", "0.00"]),
    ],
)
def test_known_splits(amount: str, weights: list[str], currency: str, parts: list[str]) -> None:
    assert [str(p) for p in split(D(amount), [D(w) for w in weights], currency)] == parts


def test_weights_of_very_different_sizes_are_exact() -> None:
    parts = split(D("100.00"), [D("1E+25"), D("1E-20"), D("1E+25")], "USD")

    assert [str(p) for p in parts] == ["50.00", "0.00", "50.00"]


@pytest.mark.parametrize(
    ("amount", "weights", "reason"),
    [
        ("1.00", [], "no weights"),
        ("1.00", ["1", "-1"], "negative"),
        ("1.001", ["1"], "more decimals than USD has"),
    ],
)
def test_a_split_that_makes_no_sense_is_refused(
    amount: str, weights: list[str], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        split(D(amount), [D(w) for w in weights], "USD")


def test_the_fee_of_a_refund_that_keeps_the_cancellation() -> None:
    assert str(fee_part(D("204.00"), D("11.52"), D("329.00"), "USD")) == "7.14"
    assert fee_part(D("329.00"), D("11.52"), D("329.00"), "USD") == D("11.52")
    assert fee_part(D("0.00"), D("11.52"), D("329.00"), "USD") == 0


def test_a_fee_returned_in_a_hundred_steps_adds_up() -> None:
    so_far = [fee_part(Decimal(n), D("3.50"), D("100.00"), "USD") for n in range(101)]

    steps = [after - before for before, after in pairwise(so_far)]

    assert sum(steps) == D("3.50")
    assert min(steps) >= 0
    assert max(steps) <= D("0.04")


def test_all_of_a_payment_without_services_is_fee() -> None:
    assert fee_part(D("0.00"), D("17.95"), D("0.00"), "USD") == 0
    assert _refund("17.95", base="0.00", fee="17.95") == ("0.00", "17.95")


def _refund(gross: str, **known: str) -> tuple[str, str]:
    defaults = {"refunded_services": "0.00", "refunded_fee": "0.00"}
    amounts = {name: D(value) for name, value in (defaults | known).items()}
    services, fee = split_refund(D(gross), currency="USD", **amounts)
    return str(services), str(fee)


@pytest.mark.parametrize(
    ("gross", "known", "parts"),
    [
        ("211.14", {"base": "329.00", "fee": "11.52"}, ("204.00", "7.14")),
        ("340.52", {"base": "329.00", "fee": "11.52"}, ("329.00", "11.52")),
        ("103.50", {"base": "329.00", "fee": "11.52"}, ("100.00", "3.50")),
        ("50.00", {"base": "100.00", "fee": "0.00"}, ("50.00", "0.00")),
        # Services went back first: what is left is fee.
        (
            "3.50",
            {"base": "100.00", "fee": "3.50", "refunded_services": "100.00"},
            ("0.00", "3.50"),
        ),
        # The fee went back first: what is left is services.
        (
            "100.00",
            {"base": "100.00", "fee": "3.50", "refunded_fee": "3.50"},
            ("100.00", "0.00"),
        ),
    ],
)
def test_known_refunds(gross: str, known: dict[str, str], parts: tuple[str, str]) -> None:
    assert _refund(gross, **known) == parts


@given(st.data(), currencies, minors, minors)
def test_a_refund_within_what_is_left_never_overdraws_a_leg(
    data: st.DataObject, currency: str, base: int, fee: int
) -> None:
    back_services = data.draw(st.integers(0, base))
    back_fee = data.draw(st.integers(0, fee))
    left = (base - back_services) + (fee - back_fee)
    gross = data.draw(st.integers(0, left if base else fee - back_fee))
    amounts = [money.from_minor(n, currency) for n in (gross, base, fee, back_services, back_fee)]

    services, fee_back = split_refund(
        amounts[0],
        base=amounts[1],
        fee=amounts[2],
        refunded_services=amounts[3],
        refunded_fee=amounts[4],
        currency=currency,
    )

    assert services + fee_back == amounts[0]
    assert 0 <= services <= amounts[1] - amounts[3]
    assert 0 <= fee_back <= amounts[2] - amounts[4]


def test_a_hundred_gross_refunds_follow_the_whole() -> None:
    """1.00 after 1.00 of 103.50 = 100.00 + 3.50: after each, the split of the sum so far."""
    services = fee = D("0.00")
    for n in range(1, 101):
        part = split_refund(
            D("1.00"),
            base=D("100.00"),
            fee=D("3.50"),
            refunded_services=services,
            refunded_fee=fee,
            currency="USD",
        )
        services, fee = services + part[0], fee + part[1]
        assert abs(services * D("103.50") - n * 100) <= D("0.52")

    assert (services, fee) == (D("96.62"), D("3.38"))


@given(st.lists(st.integers(1, 34052), min_size=1, max_size=30))
def test_any_series_of_gross_refunds_ends_with_both_legs_empty(wishes: list[int]) -> None:
    base, fee, total = D("329.00"), D("11.52"), 34052
    services_back = fee_back = D("0.00")
    for wish in [*wishes, total]:
        left = total - money.to_minor(services_back + fee_back, "USD")
        if left:
            services, part = split_refund(
                money.from_minor(min(wish, left), "USD"),
                base=base,
                fee=fee,
                refunded_services=services_back,
                refunded_fee=fee_back,
                currency="USD",
            )
            services_back, fee_back = services_back + services, fee_back + part

    assert (services_back, fee_back) == (base, fee)


@given(
    base=st.integers(1, 10**6),
    more=st.integers(1, 10**6),
    fee=st.integers(0, 10**5),
    steps=st.lists(st.integers(1, 10**5), max_size=8),
)
def test_a_surplus_goes_back_first_and_takes_no_fee(
    base: int, more: int, fee: int, steps: list[int]
) -> None:
    quoted, surplus, whole = (money.from_minor(n, "USD") for n in (base, more, fee))
    services = fee_gone = gone = D("0.00")
    for step in [*steps, 10**9]:
        gross = min(money.from_minor(step, "USD"), quoted + surplus + whole - gone)
        parts = split_refund(
            gross,
            base=quoted + surplus,
            fee=whole,
            refunded_services=services,
            refunded_fee=fee_gone,
            currency="USD",
            surplus=surplus,
        )
        assert sum(parts) == gross and min(parts) >= 0
        gone += gross
        services, fee_gone = services + parts[0], fee_gone + parts[1]
        assert fee_gone == 0 or services >= surplus

    assert (services, fee_gone) == (quoted + surplus, whole)

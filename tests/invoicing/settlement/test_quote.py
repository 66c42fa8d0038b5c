"""The fee by funding, rounding, cap and date. Pure."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import quantize
from invoicing.settlement.quote import (
    CARD_FUNDINGS,
    MEANS,
    NO_FEE,
    Policy,
    policy_at,
    price_list,
    quote,
)
from invoicing.settlement.types import Uncollected
from payments.models import Funding

D = Decimal
T0 = datetime(2026, 1, 1, tzinfo=UTC)


def policy(percent: str = "3.59", fundings: tuple[str, ...] = ("credit",), **rest: Any) -> Policy:
    return Policy(T0, D(percent), fundings=frozenset(fundings), **rest)


def fee(
    services: str, of: Policy, funding: str = "credit", currency: str = "USD"
) -> Decimal | None:
    return quote(D(services), funding=funding, policy=of, currency=currency).fee


def test_the_fundings_are_those_that_payments_report() -> None:
    assert list(CARD_FUNDINGS) == Funding.values
    assert set(MEANS) == set(CARD_FUNDINGS)


@pytest.mark.parametrize(
    ("services", "of", "expected"),
    [
        ("500.00", policy(), "17.95"),
        ("329.00", policy("3.5"), "11.52"),  # 11.515 is rounded half up
        ("100.00", policy("0", fixed=D("0.30")), "0.30"),
        ("100.00", policy("3.5", fixed=D("0.30")), "3.80"),
        ("5000.00", policy("3.5", cap=D("20.000")), "20.00"),
        ("571.43", policy("3.5", cap=D("20.00")), "20.00"),
        ("571.14", policy("3.5", cap=D("20.00")), "19.99"),
    ],
)
def test_percent_fixed_part_and_cap(services: str, of: Policy, expected: str) -> None:
    assert str(fee(services, of)) == expected


@pytest.mark.parametrize("services", ["0.00", "-10.00", "0.01"])
def test_nothing_to_charge_on_is_no_fee(services: str) -> None:
    assert fee(services, policy()) is None


def test_a_fee_carries_no_fee_also_where_a_fixed_part_is_charged() -> None:
    assert fee("0.00", policy(fixed=D("0.30"))) is None


def test_decimals_are_the_currencys_own() -> None:
    assert str(fee("10000", policy("3.5"), currency="JPY")) == "350"
    assert str(fee("10.000", policy("3.59"), currency="KWD")) == "0.359"


def test_the_fee_is_only_for_the_listed_cards() -> None:
    assert fee("500.00", policy(), "debit") is None
    assert fee("500.00", policy(), "") is None
    assert fee("500.00", policy(fundings=("unknown",)), "") == D("17.95")


def test_no_fee_for_a_job_with_its_fee_off_or_a_brand_without_policy() -> None:
    off = quote(D(500), funding="credit", policy=policy(), currency="USD", fee_disabled=True)
    none = quote(D(500), funding="credit", policy=None, currency="USD")

    assert off == none == NO_FEE


def test_the_quote_carries_what_becomes_of_a_missing_fee() -> None:
    billing_policy = policy(uncollected=Uncollected.BILL)

    assert (
        quote(D(500), funding="credit", policy=billing_policy, currency="USD").uncollected == "bill"
    )


def test_the_policy_in_force_is_the_last_that_began() -> None:
    old, new = Policy(T0, D(3)), Policy(T0 + timedelta(days=9), D(4))
    both = [new, old]

    assert policy_at(both, T0 - timedelta(seconds=1)) is None
    assert policy_at(both, T0) is old
    assert policy_at(both, new.effective_from - timedelta(microseconds=1)) is old
    assert policy_at(both, new.effective_from) is new


def words(of: Policy | None) -> list[tuple[str, str]]:
    return [(str(p.total), ", ".join(p.means)) for p in price_list(D("500"), of, "USD")]


def test_prices_by_means() -> None:
    assert words(policy()) == [
        ("517.95", "credit card"),
        ("500.00", "debit card, prepaid card, check, bank or cash"),
    ]
    assert words(policy(fundings=CARD_FUNDINGS)) == [
        ("517.95", "credit card, debit card, prepaid card, a card of unknown kind"),
        ("500.00", "check, bank or cash"),
    ]
    assert words(None) == [("500.00", "credit card, debit card, prepaid card, check, bank or cash")]


amounts = st.decimals(min_value=0, max_value=10**6, places=2)
policies = st.builds(
    lambda percent, fixed, cap: Policy(
        T0, percent, fixed, None if cap is None else fixed + cap, frozenset(["credit"])
    ),
    st.decimals(min_value=0, max_value=100, places=4),
    st.decimals(min_value=0, max_value=50, places=2),
    st.none() | st.decimals(min_value=0, max_value=100, places=2),
)


@given(policies, amounts, amounts)
def test_a_fee_is_exact_never_negative_capped_and_grows_with_the_amount(
    of: Policy, one: Decimal, other: Decimal
) -> None:
    low, high = (of.fee(x, "credit", "USD") or D(0) for x in sorted([one, other]))

    assert 0 <= low <= high
    assert quantize(high, "USD") == high
    assert of.cap is None or high <= of.cap

"""What is due, by card and otherwise."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from accounts.models import Brand
from invoicing.models import FeePolicy
from invoicing.queries.prices import price_of, prices
from invoicing.settlement.quote import Policy

D = Decimal
T0 = datetime(2026, 1, 1, tzinfo=UTC)


def policy(percent: str = "3.59", fundings: tuple[str, ...] = ("credit",), **rest: Any) -> Policy:
    return Policy(T0, D(percent), fundings=frozenset(fundings), **rest)


def test_an_unpaid_invoice_shows_both_prices() -> None:
    assert str(price_of(D("500"), policy(), "USD")) == "$500.00, or $517.95 by card"
    assert str(price_of(D("500"), policy(fundings=("debit",)), "USD")) == "$500.00"
    assert price_of(D("0"), policy(), "USD").by_card is None


def test_the_fee_part_of_what_is_due_has_one_price() -> None:
    assert str(price_of(D("17.95"), policy(), "USD", fee_due=D("17.95"))) == "$17.95"
    mixed = price_of(D("117.95"), policy(), "USD", fee_due=D("17.95"))
    assert mixed.by_card == D("121.54")


def test_the_brands_fee_of_the_moment_counts_unless_the_job_has_none(brand: Brand) -> None:
    FeePolicy.objects.create(brand=brand, effective_from=T0, percent=D("3.59"), fundings=["credit"])

    assert str(prices(brand, D("500"), False)) == "$500.00, or $517.95 by card"
    assert str(prices(brand, D("500"), True)) == "$500.00"
    assert str(prices(brand, D("500"), False, datetime(2025, 12, 31, tzinfo=UTC))) == "$500.00"

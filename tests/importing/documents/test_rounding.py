"""Taxes that an older system rounded on the sum: each line within a cent, the total exact."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from core.money import charge_tax
from importing.documents.rounding import retaxed
from importing.documents.shape import Line

D = Decimal
CENT = D("0.01")


def lines_of(*amounts: str, percent: str = "20") -> list[Line]:
    return [
        Line(
            "",
            "Inspection",
            "standard",
            D(a),
            "VAT",
            D(percent),
            charge_tax(D(a), D(percent), "USD"),
        )
        for a in amounts
    ]


def test_the_tax_of_the_sum() -> None:
    lines = retaxed(lines_of("68.33", "68.33", "57.50", "85.00"), D("334.99"), "USD")

    assert lines is not None
    assert [line.tax_amount for line in lines] == [D("13.66"), D("13.67"), D("11.50"), D("17.00")]


def test_a_total_that_no_rounding_explains_is_nothing() -> None:
    assert retaxed(lines_of("68.33", "85.00"), D("180.00"), "USD") is None
    assert retaxed(lines_of("68.33", "68.33", "57.50", "85.00"), D("334.98"), "USD") is None


@settings(max_examples=200, deadline=None)
@given(
    cents=st.lists(st.integers(-2000, 90000), min_size=1, max_size=9),
    percents=st.lists(st.sampled_from(["20", "8.25", "7.7"]), min_size=9, max_size=9),
    by_rate=st.booleans(),
)
def test_any_rounding_on_the_sum_is_kept_to_the_cent(
    cents: list[int], percents: list[str], by_rate: bool
) -> None:
    lines = [
        line
        for n, percent in zip(cents, percents, strict=False)
        for line in lines_of(str(D(n).scaleb(-2)), percent=percent)
    ]
    net = sum((line.amount for line in lines), D(0))
    rates = {line.tax_percent for line in lines}
    sums = {r: sum((x.amount for x in lines if x.tax_percent == r), D(0)) for r in rates}
    exact = sum((amount * rate / 100 for rate, amount in sums.items()), D(0))
    taxes = [charge_tax(amount, rate, "USD") for rate, amount in sums.items()]
    tax = sum(taxes, D(0)) if by_rate else charge_tax(exact, D(100), "USD")

    result = retaxed(lines, net + tax, "USD")

    assert result is not None
    assert sum((line.gross for line in result), D(0)) == net + tax
    for before, after in zip(lines, result, strict=True):
        assert abs(after.tax_amount - before.tax_amount) <= CENT

"""Taxes that an older system rounded otherwise than line by line. Pure.

Amounts are in the brand's currency.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from core.money import ZERO, charge_tax, quantize, to_minor, total, unit
from importing.documents.shape import Line


def retaxed(lines: Sequence[Line], asked: Decimal, currency: str) -> tuple[Line, ...] | None:
    """``lines`` with taxes that make them come to ``asked``; None where no rounding does.

    An older system may have rounded the tax of all lines together, or that of each rate. Each
    line's tax stays within a cent of its own.
    """
    net = total((line.amount for line in lines), currency)
    if asked - net not in _roundings(lines, currency):
        return None
    missing = asked - total((line.gross for line in lines), currency)
    step = unit(currency) if missing > 0 else -unit(currency)
    count = abs(to_minor(missing, currency))
    taxed = [n for n, line in enumerate(lines) if line.tax_percent]
    # First where rounding lost (or added) most; ties by position.
    taxed.sort(key=lambda n: -_lost(lines[n]) * (1 if step > 0 else -1))
    if count > len(taxed):
        return None
    result = list(lines)
    for n in taxed[:count]:
        result[n] = replace(lines[n], tax_amount=lines[n].tax_amount + step)
    return tuple(result)


def _roundings(lines: Sequence[Line], currency: str) -> set[Decimal]:
    """The taxes that all lines together may come to."""
    rates: dict[tuple[str, Decimal], Decimal] = {}
    for line in lines:
        key = line.tax_name, line.tax_percent
        rates[key] = rates.get(key, ZERO) + line.amount
    by_rate = (charge_tax(amount, percent, currency) for (_, percent), amount in rates.items())
    exact = sum((_exact(line) for line in lines), ZERO)
    return {total(by_rate, currency), quantize(exact, currency)}


def _exact(line: Line) -> Decimal:
    return (line.amount * line.tax_percent).scaleb(-2)


def _lost(line: Line) -> Decimal:
    return _exact(line) - line.tax_amount


def is_within_a_unit(amount: Decimal, exact: Decimal, currency: str) -> bool:
    """Whether a tax is what its percentage comes to, give or take the smallest unit."""
    return abs(amount - exact) <= unit(currency)

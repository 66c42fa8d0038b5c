"""Exact splits: money over weights, to the smallest unit, nothing lost and nothing made."""

from collections.abc import Sequence
from decimal import Decimal

from core import money


def split(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """``amount`` divided in proportion to ``weights``; the parts sum to ``amount`` exactly.

    Largest remainder: every part is first rounded towards zero, then the units left over go to
    the parts with the largest remainders, ties by position. All weights zero: the first part
    takes everything. Raises ValueError for no weights, a negative weight, or an amount with
    more decimals than ``currency`` has.
    """
    if not weights:
        raise ValueError("cannot split over no weights")
    if any(weight < 0 for weight in weights):
        raise ValueError("weights cannot be negative")
    minor = money.to_minor(amount, currency)
    if not any(weights):
        return [money.from_minor(minor, currency)] + [money.from_minor(0, currency)] * (
            len(weights) - 1
        )
    sign = -1 if minor < 0 else 1
    parts, remainders = _floors(abs(minor), weights)
    left = abs(minor) - sum(parts)
    for index in sorted(range(len(parts)), key=lambda i: (-remainders[i], i))[:left]:
        parts[index] += 1
    return [money.from_minor(sign * part, currency) for part in parts]


def _floors(minor: int, weights: Sequence[Decimal]) -> tuple[list[int], list[int]]:
    """Integer division over weights scaled to integers: exact at any precision."""
    lowest = min(int(weight.as_tuple().exponent) for weight in weights)
    units = [_scaled(weight, lowest) for weight in weights]
    divisor = sum(units)  # of integers: a sum of Decimals would be rounded at 28 digits
    parts = [minor * u // divisor for u in units]
    remainders = [minor * u % divisor for u in units]
    return parts, remainders


def _scaled(weight: Decimal, lowest: int) -> int:
    """``weight / 10**lowest``, which is whole."""
    _, digits, exponent = weight.as_tuple()
    return int("".join(map(str, digits)) + "0" * (int(exponent) - lowest))


def fee_part(refunded_services: Decimal, fee: Decimal, base: Decimal, currency: str) -> Decimal:
    """F(s) = round(fee x s / base): how much of ``fee`` belongs to ``s`` of returned services.

    ``base`` is the services part that the fee was charged on; 0 there means that all of the
    payment was fee, and no fee belongs to services. (docs/decisions, refunds)
    """
    if base == 0:
        return money.quantize(Decimal(0), currency)
    # Integers throughout: fee / base is never rounded on its own.
    top = money.to_minor(fee, currency) * money.to_minor(refunded_services, currency)
    bottom = money.to_minor(base, currency)
    return money.from_minor((2 * top + bottom) // (2 * bottom), currency)


def split_refund(
    gross: Decimal,
    *,
    base: Decimal,
    fee: Decimal,
    refunded_services: Decimal,
    refunded_fee: Decimal,
    currency: str,
    surplus: Decimal = money.ZERO,
) -> tuple[Decimal, Decimal]:
    """A gross refund as a provider reports it, split into (services, fee).

    With S(g) = round(g x base / (base + fee)), services are S(gross so far + this) - S(gross so
    far), the rest is fee: parts of a rounded sum end at the sum, however many there are. A rest
    larger than the fee that is left goes back to services, so neither part overdraws its leg
    while the other has room, and neither is ever negative. ``gross`` is not negative; more than
    is left overdraws services. (docs/decisions/005)

    ``surplus`` is the part of ``base`` that carried no fee: it goes back first, without any.
    """
    if surplus:
        first = min(gross, max(surplus - refunded_services, money.ZERO))
        rest, fee_back = split_refund(
            gross - first,
            base=base - surplus,
            fee=fee,
            refunded_services=max(refunded_services - surplus, money.ZERO),
            refunded_fee=refunded_fee,
            currency=currency,
        )
        return first + rest, fee_back
    if base == 0:
        return money.quantize(Decimal(0), currency), gross
    minor = [money.to_minor(amount, currency) for amount in (gross, base, fee)]
    refundable = money.to_minor(max(base - refunded_services, money.ZERO), currency)
    fee_left = money.to_minor(max(fee - refunded_fee, money.ZERO), currency)
    so_far = money.to_minor(refunded_services + refunded_fee, currency)
    part = _share(so_far + minor[0], *minor[1:]) - _share(so_far, *minor[1:])
    services = min(refundable, part)
    services = max(services, minor[0] - fee_left)
    return (
        money.from_minor(services, currency),
        money.from_minor(minor[0] - services, currency),
    )


def _share(gross: int, base: int, fee: int) -> int:
    """round(gross x base / (base + fee)), half up, in minor units."""
    whole = base + fee
    return (2 * gross * base + whole) // (2 * whole)

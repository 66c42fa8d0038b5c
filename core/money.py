"""Money is a ``Decimal`` beside an ISO 4217 currency code, never a float.

The number of decimals is the currency's own (JPY 0, USD 2, KWD 3). There is one rounding
function (half up) and one way to read an amount that a person or a provider wrote.
"""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.numbers import format_currency

from core.currencies import DECIMALS, OTHERWISE

ZERO = Decimal(0)
_PERCENT_UNIT = Decimal("0.0001")
_AMOUNT = re.compile(r"^-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$", re.ASCII)
_PERCENT = re.compile(r"^\d{1,3}(\.\d{1,4})?$", re.ASCII)
MAX_WHOLE_DIGITS = 12


class AmountError(ValueError):
    """An amount that cannot be read as money of its currency; the message says why."""


def is_currency(code: str) -> bool:
    """Whether ``code`` is an active currency of ISO 4217, in capitals: no fund, no metal."""
    return code in DECIMALS


def currency_fault(code: str) -> str:
    """Why nothing can be billed in ``code``, in words; "" where it can."""
    if is_currency(code):
        return ""
    return f"“{code}” is no active currency of ISO 4217; write its three capitals, like USD."


def decimals(currency: str) -> int:
    """How many decimals amounts of ``currency`` have by ISO 4217 (0, 2 or 3)."""
    return DECIMALS.get(currency, OTHERWISE)


@lru_cache(maxsize=256)
def unit(currency: str) -> Decimal:
    """The smallest amount of ``currency``, e.g. ``0.01`` for USD."""
    return Decimal(1).scaleb(-decimals(currency))


def quantize(amount: Decimal, currency: str) -> Decimal:
    """``amount`` rounded half up to the decimals of ``currency``; zero has no sign."""
    exact = amount.quantize(unit(currency), rounding=ROUND_HALF_UP)
    return exact if exact else abs(exact)


def zero_of(amount: Decimal) -> Decimal:
    """Zero with the decimals of ``amount``, and without a sign (``-5.00 * 0`` is ``-0.00``)."""
    return abs(amount * 0)


def total(amounts: Iterable[Decimal], currency: str) -> Decimal:
    """The exact sum, with the decimals of ``currency`` (``0.00`` of nothing)."""
    return quantize(sum(amounts, ZERO), currency)


def charge_tax(amount: Decimal, percent: Decimal, currency: str) -> Decimal:
    """The tax on top of one line: ``percent`` (8.25 is 8.25 %) of ``amount``, half up.

    Symmetrical: a negative amount has the negative tax of its opposite, so a taxed discount
    lowers the tax by what the same amount would have raised it.
    """
    return quantize((amount * percent).scaleb(-2), currency)


def is_percent(percent: Decimal) -> bool:
    """Whether it is between 0 and 100 and has at most 4 decimals, as the database keeps them."""
    if not percent.is_finite() or not 0 <= percent <= 100:
        return False
    return percent == percent.quantize(_PERCENT_UNIT)


def display_percent(percent: Decimal | str) -> str:
    """``8.2500`` as people write it: ``8.25%``."""
    text = f"{Decimal(percent):f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def parse_percent(text: str) -> Decimal:
    """Read ``"8.25"`` or ``"8.25 %"``; AmountError unless it is a plain number of 0 to 100."""
    cleaned = text.strip().removesuffix("%").strip()
    if not _PERCENT.match(cleaned) or not is_percent(Decimal(cleaned)):
        raise AmountError(f"“{text}” is not a percentage; write it like 8.25")
    return Decimal(cleaned)


def to_minor(amount: Decimal, currency: str) -> int:
    """``12.34`` USD as 1234, to split it exactly; AmountError on fractions of a cent.

    What a provider is sent is counted in its own units: ``ProviderKind.to_minor``.
    """
    minor = amount.scaleb(decimals(currency))
    if minor != minor.to_integral_value():
        raise AmountError(f"{amount} has more decimals than {currency} has")
    return int(minor)


def from_minor(minor: int, currency: str) -> Decimal:
    """1234 minor units of USD as ``12.34``."""
    return quantize(Decimal(minor).scaleb(-decimals(currency)), currency)


def parse_amount(text: str, currency: str) -> Decimal:
    """Read ``"1,234.50"`` as money of ``currency``.

    Raises AmountError for anything that is not a plain decimal number (no exponents, no NaN),
    for more decimals than the currency has and for absurdly long numbers: an amount is never
    rounded on its way in.
    """
    cleaned = text.strip().removeprefix("$").replace("\u2212", "-")
    if not _AMOUNT.match(cleaned):
        raise AmountError(f"“{text}” is not an amount; write it like 1234.50")
    amount = Decimal(cleaned.replace(",", ""))
    if amount.adjusted() >= MAX_WHOLE_DIGITS:  # read as it is: arithmetic would round it first
        raise AmountError(f"“{text}” is too large")
    if amount != quantize(amount, currency):
        places = decimals(currency)
        raise AmountError(f"“{text}” has too many decimals; {currency} has {places}")
    return quantize(amount, currency)


def display(amount: Decimal | str, currency: str) -> str:
    """``$1,234.50``, ``CA$80.00``, ``−$25.00``: symbol, grouping, the currency's own decimals."""
    exact = quantize(Decimal(amount), currency)
    text = with_symbol(abs(exact), currency)
    return f"\u2212{text}" if exact < 0 else text


def with_symbol(amount: Decimal, currency: str) -> str:
    """An amount of zero or more with its symbol and all of its decimals: ``RSD 1,234.50``.

    The symbol and the grouping are the locale's; how many decimals is not.
    """
    places = decimals(currency)
    form = f"¤#,##0.{'0' * places}" if places else "¤#,##0"
    return format_currency(amount, currency, form, locale="en_US", currency_digits=False)

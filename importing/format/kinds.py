"""Field types of the import format: exact amounts, times with a zone, short texts."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    PlainSerializer,
    Strict,
    StringConstraints,
)
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from core import money

# Jobs are booked within these years; anything else is a misprint (and much of it no timestamp
# of PostgreSQL in every zone).
FIRST_YEAR, LAST_YEAR = 1990, 2100
# More digits than any amount has: writing such a number out would only cost memory.
MAX_EXPONENT = 30
# Neither PostgreSQL's text nor UTF-8 can hold these.
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


def _amount(value: Any, info: ValidationInfo) -> Decimal:
    """Exact money. The currency comes by the validation context; without it nothing is rounded."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise PydanticCustomError("amount", "an amount is a string like “329.00” or a whole number")
    if isinstance(value, Decimal) and value and abs(value.adjusted()) > MAX_EXPONENT:
        raise PydanticCustomError("amount", "an amount has fewer digits than this")
    currency = (info.context or {}).get("currency")
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    try:
        # KWD has the most decimals of all: the loosest check where no currency is known.
        return money.parse_amount(text, currency or "KWD")
    except money.AmountError as error:
        raise PydanticCustomError("amount", "{why}", {"why": str(error)}) from error


def _only_text(value: Any) -> Any:
    if not isinstance(value, (str, datetime)):
        raise PydanticCustomError("time", "a time is a string like 2026-05-04T09:00:00-06:00")
    return value


def _only_day(value: Any) -> Any:
    if not isinstance(value, (str, date)):
        raise PydanticCustomError("day", "a date is a string like 2026-05-04")
    return value


def _of_our_age(value: Any) -> Any:
    """A date or a time in a year in which there can have been a job."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise PydanticCustomError(
            "year",
            "the year is {year}; it must be within {first} and {last}",
            {"year": value.year, "first": FIRST_YEAR, "last": LAST_YEAR},
        )
    return value


def _with_zone(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise PydanticCustomError(
            "time_zone", "a time needs its zone: end it with Z or an offset like -06:00"
        )
    return value


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise PydanticCustomError("positive", "must be more than zero")
    return value


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise PydanticCustomError("not_negative", "must not be negative")
    return value


def storable(value: Any) -> Any:
    """A field's value as given. Refuses a text, or a list with one, that no database can hold.

    Objects in a list are looked at as fields of their own models, with their own path.
    """
    texts = [value] if isinstance(value, str) else value if isinstance(value, list) else ()
    if any(isinstance(text, str) and _NOT_STORABLE.search(text) for text in texts):
        raise PydanticCustomError(
            "not_storable", "has a character that cannot be stored (NUL or half a character)"
        )
    return value


def storable_object(value: Any) -> Any:
    """The same for an object of anything, its keys too."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        storable(one)
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
    return value


def _percent(value: Any) -> Decimal:
    percent = _percent_or_none(value)
    if not percent:
        raise PydanticCustomError("percent", "must be more than zero; untaxed lines name no tax")
    return percent


def _percent_or_none(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise PydanticCustomError("percent", "a percentage is a string like “8.25” or a number")
    try:
        percent = money.parse_percent(
            format(value, "f") if isinstance(value, Decimal) else str(value)
        )
    except money.AmountError as error:
        raise PydanticCustomError("percent", "{why}", {"why": str(error)}) from error
    return percent


def _paid(value: Any, info: ValidationInfo) -> bool | Decimal:
    """Yes or no, or how much."""
    return value if isinstance(value, bool) else _not_negative(_amount(value, info))


_as_text = PlainSerializer(str, return_type=str, when_used="json")

# Charges may be negative (discounts); payments and their parts may not.
Amount = Annotated[Decimal, BeforeValidator(_amount), _as_text]
Positive = Annotated[Decimal, BeforeValidator(_amount), AfterValidator(_positive), _as_text]
NotNegative = Annotated[Decimal, BeforeValidator(_amount), AfterValidator(_not_negative), _as_text]
At = Annotated[
    datetime,
    BeforeValidator(_only_text),
    AfterValidator(_with_zone),
    AfterValidator(_of_our_age),
]
Percent = Annotated[Decimal, BeforeValidator(_percent), _as_text]
PercentOrNone = Annotated[Decimal, BeforeValidator(_percent_or_none), _as_text]
Paid = Annotated[
    bool | Decimal,
    BeforeValidator(_paid),
    PlainSerializer(lambda v: v if isinstance(v, bool) else str(v), when_used="json"),
]
TrueOrFalse = Annotated[bool, Strict()]
Day = Annotated[date, BeforeValidator(_only_day), AfterValidator(_of_our_age)]
Anything = Annotated[dict[str, Any], BeforeValidator(storable_object)]

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Key = Annotated[str, StringConstraints(pattern=r"^[^#\s][^\s]{0,79}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)]
Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
# A page's address has it, so no slash.
DocumentNumber = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[\w#][^/\\\p{Cc}]{0,59}$")
]

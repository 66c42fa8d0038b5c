"""Field types of the import format: exact amounts, times with a zone, short texts."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, StringConstraints
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from core import money


def _amount(value: Any, info: ValidationInfo) -> Decimal:
    """Exact money. The currency comes by the validation context; without it nothing is rounded."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise PydanticCustomError("amount", "an amount is a string like “329.00” or a whole number")
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


_as_text = PlainSerializer(str, return_type=str, when_used="json")

# Charges may be negative (discounts); payments and their parts may not.
Amount = Annotated[Decimal, BeforeValidator(_amount), _as_text]
Positive = Annotated[Decimal, BeforeValidator(_amount), AfterValidator(_positive), _as_text]
NotNegative = Annotated[Decimal, BeforeValidator(_amount), AfterValidator(_not_negative), _as_text]
At = Annotated[datetime, BeforeValidator(_only_text), AfterValidator(_with_zone)]

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Key = Annotated[str, StringConstraints(pattern=r"^[^#\s][^\s]{0,79}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)]
Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]

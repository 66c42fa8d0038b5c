"""What every verb of people checks of its input; each raises ValidationError naming the field."""

from datetime import datetime, timedelta
from decimal import Decimal

from core import clock, money
from core.refusal import refusal


def positive(amount: Decimal, currency: str, field: str = "amount") -> Decimal:
    """``amount`` with the decimals of ``currency``: above zero, none too many, not absurd."""
    if not amount.is_finite() or amount <= 0:
        raise refusal(field, "Enter an amount above zero.")
    if amount != money.quantize(amount, currency):
        places = money.decimals(currency)
        raise refusal(field, f"{currency} has {places} decimals; {amount} has more.")
    if amount >= Decimal(10) ** money.MAX_WHOLE_DIGITS:
        raise refusal(field, f"{amount} is too large.")
    return money.quantize(amount, currency)


def fits(name: str, text: str, limit: int) -> str:
    """``text`` without spaces around it, if the column can hold it."""
    text = text.strip()
    if len(text) > limit:
        raise refusal(name, f"At most {limit} characters, please; this has {len(text)}.")
    if "\x00" in text:
        raise refusal(name, "This has a character that cannot be stored.")
    return text


def reason_given(reason: str, *, name: str = "reason", limit: int = 500) -> str:
    """A reason, as the timeline shows it."""
    text = fits(name, reason, limit)
    if not text:
        raise refusal(name, "Say why; it stands on the timeline.")
    return text


def not_to_come(at: datetime | None) -> None:
    """What is written down has happened; a day's grace for clocks and time zones."""
    if at is not None and at > clock.now() + timedelta(days=1):
        raise refusal("happened_at", "That day is in the future; use a follow-up date.")

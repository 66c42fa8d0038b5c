"""Why somebody did something, as the timeline shows it."""

from django.core.exceptions import ValidationError

MAX_REASON = 500


def cleaned_reason(text: str, *, required: bool) -> str:
    """``text`` on one line; ValidationError names ``reason`` where it is missing or too long."""
    cleaned = " ".join(text.split())
    if required and not cleaned:
        raise ValidationError({"reason": "Say why; it is shown on the timeline."})
    if len(cleaned) > MAX_REASON:
        raise ValidationError({"reason": f"At most {MAX_REASON} characters."})
    return cleaned

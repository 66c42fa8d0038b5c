"""How a verb refuses: Django's ValidationError, which names the input at fault and says why.

Every room raises it, forms show it (``core.forms.show_errors``), and the import and webhooks answer
with it.
"""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError


def refusal(field: str, message: str) -> ValidationError:
    """The error for a verb to raise; ``field`` names the input, "" is for the wish as a whole."""
    return ValidationError({field or NON_FIELD_ERRORS: message})


def field_of(error: ValidationError) -> str:
    """The first field that a refusal names; "" for none."""
    names = list(error.error_dict) if hasattr(error, "error_dict") else []
    return names[0] if names and names[0] != NON_FIELD_ERRORS else ""


def message_of(error: ValidationError) -> str:
    """What a refusal says, in one line."""
    return " ".join(error.messages)

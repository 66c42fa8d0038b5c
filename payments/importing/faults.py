"""What a line's content can make fail, and the one sentence that the report says about it."""

from django.core.exceptions import ValidationError
from django.db import DatabaseError

# A verb that refuses (PaymentError is a ValueError), a number out of range, nesting without end,
# a constraint. Anything else is a fault of ours and stops the import.
FAULTS = (ValueError, ArithmeticError, RecursionError, ValidationError, DatabaseError)


def reason_of(error: Exception) -> str:
    """The first line of what ``error`` says."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, ValidationError):
        return "; ".join(error.messages)
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__

"""Why a line cannot be imported, as one sentence for the report."""

from django.core.exceptions import ValidationError
from django.db import DatabaseError

# A verb that refuses, a number out of range, nesting without end, a constraint. Anything else is
# a bug and stops the import.
FAULTS = (ValueError, ArithmeticError, RecursionError, ValidationError, DatabaseError)


def reason_of(error: Exception) -> str:
    """The text of ``error``, its first line."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, ValidationError):
        return "; ".join(error.messages)
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


class Refused(Exception):
    """The line cannot be imported. ``path`` is where, ``reason`` why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason

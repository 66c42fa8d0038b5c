"""Why a line cannot be imported, as one sentence for the report."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError

# A verb that refuses, a number out of range, nesting without end, a constraint. Anything else is
# a bug and stops the import.
FAULTS = (ValueError, ArithmeticError, RecursionError, ValidationError, DatabaseError)


def reason_of(error: Exception) -> str:
    """The text of ``error``, its first line."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, DatabaseError):
        return _in_words(error)
    if isinstance(error, ValidationError):
        return "; ".join(error.messages)
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


# What the database refuses, by the name of its constraint.
BY_CONSTRAINT = {
    "invoicing_invoice_one_draft": "the job has a draft already: a job has one at most",
    "invoicing_invoice_number": "another document of the brand has this number",
    "invoicing_credit_not_overdrawn": "more is used of a credit than there is",
    "payments_payment_order": "another payment of the brand has this order",
    "payments_refund_provider_id": "another refund of the payment has this provider’s id",
    "payments_dispute_provider_id": "another dispute of the payment has this id",
    "workorders_workorder_number": "another job of the brand has this number",
    "workorders_workorder_any_case": "another job of the brand has this number",
}
TOO_LONG = re.compile(r"value too long for type character varying\((\d+)\)")
TOO_DEEP = ("stack depth limit", "nested too deep")


def _in_words(error: DatabaseError) -> str:
    """Why the database refused a row, without its own words for it."""
    text = str(error)
    if (found := TOO_LONG.search(text)) is not None:
        return f"a text is longer than {found[1]} characters"
    if "numeric field overflow" in text or "out of range" in text:
        return "an amount, or what amounts come to, is too large"
    if any(words in text for words in TOO_DEEP):
        return "nested too deeply"
    diagnosis: Any = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    if name in BY_CONSTRAINT:
        return BY_CONSTRAINT[name]
    where = f" ({name.replace('_', ' ')})" if name else ""
    return f"it contradicts what is here already, or itself{where}"


class Refused(Exception):
    """The line cannot be imported. ``path`` is where, ``reason`` why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason

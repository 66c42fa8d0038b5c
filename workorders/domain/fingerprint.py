"""Whether somebody else changed a list while a form of it was open."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from django.core.exceptions import ValidationError

CHANGED = "Somebody changed this in the meantime. Here is the current version; please look again."


def fingerprint(rows: Iterable[Sequence[object]]) -> str:
    """A short word for the content of a list; differs when any value of any row does."""
    text = "\n".join("\t".join(repr(value) for value in row) for row in rows)
    return sha256(text.encode()).hexdigest()[:16]


def check(expected: str | None, current: str) -> None:
    """Raise ValidationError (of the whole form) unless ``expected`` is None or ``current``."""
    if expected is not None and expected != current:
        raise ValidationError(CHANGED, code="changed")

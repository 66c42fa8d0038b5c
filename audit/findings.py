"""What an audit finds, as plain data."""

from dataclasses import asdict, dataclass
from decimal import Decimal

from core.money import display

# An amount, words, or nothing where a row is missing.
Value = Decimal | str | None


@dataclass(frozen=True)
class Finding:
    """One place where two things that should agree do not, and why that may be.

    ``kind`` names the comparison for programs. ``actual`` is what the database holds (or what an
    older system reported), ``expected`` what follows from the rows; amounts in the brand's
    currency. ``is_ours`` is False for a figure of an older system: a difference is no fault here.
    """

    kind: str
    brand: str
    job: str
    what: str
    cause: str
    actual: Value = None
    expected: Value = None
    is_ours: bool = True
    currency: str = ""

    def as_dict(self) -> dict[str, object]:
        """Primitives, for ``--json``: amounts as strings."""
        plain = asdict(self)
        del plain["is_ours"], plain["actual"]
        return {
            **plain,
            "ours": self.is_ours,
            "found": _text(self.actual),
            "expected": _text(self.expected),
        }

    def __str__(self) -> str:
        where = " ".join(part for part in (self.brand, self.job) if part)
        amounts = ""
        if self.actual is not None or self.expected is not None:
            amounts = f": is {self._shown(self.actual)}, should be {self._shown(self.expected)}"
        return f"{where}: {self.what}{amounts}. {self.cause}"

    def _shown(self, value: Value) -> str:
        if value is None:
            return "missing"
        return display(value, self.currency) if isinstance(value, Decimal) else f"“{value}”"


def _text(value: Value) -> str | None:
    return None if value is None else str(value)

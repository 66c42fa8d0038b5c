"""What an audit finds, as plain data."""

from dataclasses import asdict, dataclass
from decimal import Decimal

from core.money import display

Told = Decimal | str | None


@dataclass(frozen=True)
class Finding:
    """One place where two things that should agree do not, and why that may be.

    ``kind`` names the comparison for programs. ``found`` stands in the database (or was told by
    an older system), ``expected`` follows from the rows; amounts in the brand's currency.
    ``is_ours`` is False for what an older system said: that is told, but is no fault here.
    """

    kind: str
    brand: str
    job: str
    what: str
    cause: str
    found: Told = None
    expected: Told = None
    is_ours: bool = True
    currency: str = ""

    def as_dict(self) -> dict[str, object]:
        """Primitives, for ``--json``: amounts as strings."""
        plain = asdict(self)
        del plain["is_ours"]
        return {
            **plain,
            "ours": self.is_ours,
            "found": _text(self.found),
            "expected": _text(self.expected),
        }

    def __str__(self) -> str:
        where = " ".join(part for part in (self.brand, self.job) if part)
        amounts = ""
        if self.found is not None or self.expected is not None:
            amounts = f": is {self._shown(self.found)}, should be {self._shown(self.expected)}"
        return f"{where}: {self.what}{amounts}. {self.cause}"

    def _shown(self, value: Told) -> str:
        if value is None:
            return "missing"
        return display(value, self.currency) if isinstance(value, Decimal) else f"“{value}”"


def _text(value: Told) -> str | None:
    return None if value is None else str(value)

"""CSV for spreadsheets, streamed row by row, and safe to open in one."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

# A spreadsheet takes a cell that starts with one of these for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Echo:
    """What ``csv.writer`` writes into: answers the line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def cell(value: object) -> str:
    """A value as text. Text that a spreadsheet would run gets an apostrophe before it.

    Amounts stay numbers: a ``Decimal`` may start with a minus sign, somebody's name may not.
    """
    if value is None:
        return ""
    if isinstance(value, (Decimal, int)):
        return str(value)
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The header and ``rows`` as CSV lines, one at a time."""
    writer = csv.writer(_Echo())
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([cell(value) for value in row])

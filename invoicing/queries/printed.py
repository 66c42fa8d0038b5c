"""Which lines of the ledger readers see: what was printed again, they see as it is now."""

from collections.abc import Iterable

from invoicing.models import LedgerEntry
from invoicing.settlement.types import EntryKind


def as_printed(rows: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """``rows`` in their order, without what a later line prints again.

    The line that prints a source again on an invoice holds all that came before it there.
    """
    ordered = sorted(rows, key=lambda row: row.pk)
    last: dict[tuple[str, int], int] = {}
    for row in ordered:
        if row.is_reprint and not EntryKind(row.kind).is_reversal:
            last[row.source, row.invoice_id] = row.pk
    if not last:
        return ordered
    return [row for row in ordered if row.pk >= last.get((row.source, row.invoice_id), 0)]

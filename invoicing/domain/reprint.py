"""A line of the ledger whose payment says something else now: its date, reference, card or label.

The ledger is append-only, so what a line printed is taken back and written again as the payment
says it now; the money stays what it was. Readers see the last print alone (law 15: the ledger
prints what the payment says, whatever was known first).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from invoicing.domain.allocate import Legs
from invoicing.domain.entries import write_entry
from invoicing.domain.money import Money, Piece
from invoicing.models import LedgerEntry
from invoicing.queries.printed import as_printed
from invoicing.settlement.types import EntryKind
from workorders.models import WorkOrder

WHY = "Printed again, as the payment says it now."


def reprint(job: WorkOrder, money: Money, lines: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Bring what the ledger of ``job`` prints of ``money`` to what it says; answers the new lines.

    ``lines`` are all that the payment has there, in their order. Writes nothing where they agree,
    as nearly always. The caller holds the lock, and recomputes.
    """
    rows = list(lines)
    written: list[LedgerEntry] = []
    for piece in money.posted_pieces:
        for mine in _by_invoice(rows, piece.source):
            held = sum((_legs(row) for row in mine), Legs())
            printed = [row for row in mine if not EntryKind(row.kind).is_reversal]
            if held.positive() and any(differing(row, money, piece) for row in printed):
                written += _print_again(job, money, piece, printed[-1], held)
    return written


def print_of(money: Money, piece: Piece) -> dict[str, Any]:
    """What a line of ``piece`` prints, by column."""
    printed = money.printed
    return {
        "label": piece.label,
        "method": printed.method,
        "provider": printed.provider,
        "last4": printed.last4,
        "reference": printed.reference,
        "funding": printed.funding,
        "happened_at": piece.happened_at,
    }


def differing(row: LedgerEntry, money: Money, piece: Piece) -> list[str]:
    """The columns of ``row`` that print something else than ``piece`` says."""
    wanted = print_of(money, piece)
    return [name for name, value in wanted.items() if getattr(row, name) != value]


def _by_invoice(rows: Iterable[LedgerEntry], source: str) -> Iterator[list[LedgerEntry]]:
    """The lines of one source that readers see, invoice by invoice."""
    mine = [row for row in as_printed(rows) if row.source == source]
    for invoice_id in dict.fromkeys(row.invoice_id for row in mine):
        yield [row for row in mine if row.invoice_id == invoice_id]


def _legs(row: LedgerEntry) -> Legs:
    legs = Legs(row.services_amount, row.fee_amount)
    return -legs if EntryKind(row.kind).is_reversal else legs


def _print_again(
    job: WorkOrder, money: Money, piece: Piece, last: LedgerEntry, held: Legs
) -> Sequence[LedgerEntry]:
    """Take back what one invoice holds, as it was printed, and write it as it is now."""
    common: dict[str, Any] = {
        "services_amount": held.services,
        "fee_amount": held.fee,
        "source": piece.source,
        "payment": money.key,
        "uncollected": money.uncollected.value,
        "is_reprint": True,
    }
    before = {name: getattr(last, name) for name in print_of(money, piece)}
    kind = EntryKind(last.kind)
    back = write_entry(
        job,
        last.invoice_id,
        kind=kind.reversal,
        reverses=last,
        reason=WHY,
        **common,
        **before,
    )
    anew = write_entry(
        job,
        last.invoice_id,
        kind=kind,
        fee_expected=last.fee_expected,
        reason=piece.reason,
        **common,
        **print_of(money, piece),
    )
    return [back, anew]

"""A line of the ledger whose payment says something else now: its date, reference, card or label.

The ledger is append-only, so what a line printed is taken back and written again as the payment
says it now; the money stays what it was. Readers see the last print alone (law 15: the ledger
prints what the payment says, whatever was known first).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from invoicing.domain import stamp
from invoicing.domain.allocate import Legs
from invoicing.domain.entries import print_again, write_entry
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
        by_invoice = list(_by_invoice(rows, piece.source))
        for mine in by_invoice:
            held = sum((_legs(row) for row in mine), Legs())
            if not held or held != held.positive() or _is_as_it_says(mine, money, piece):
                continue
            taken = piece.came - piece.legs
            if taken and len(by_invoice) > 1:
                continue  # which invoice gave how much is in its lines alone
            written += _print_again(job, money, piece, mine, held)
            if taken:
                written.append(_take_back(job, money, piece, written[-1], taken))
    return written


def lacks_what_came(rows: Iterable[LedgerEntry], money: Money) -> bool:
    """Whether a bank took back what is not on the ledger as having come."""
    for piece in money.posted_pieces:
        if piece.gross is not None and not piece.is_refund and piece.gross != piece.legs:
            mine = [row for row in rows if row.source == piece.source]
            came = sum((_legs(row) for row in mine if not _is_back(row)), Legs())
            if (piece.gross - came).positive():
                return True
    return False


def _is_back(row: LedgerEntry) -> bool:
    return EntryKind(row.kind).is_reversal


def _is_as_it_says(rows: Sequence[LedgerEntry], money: Money, piece: Piece) -> bool:
    """Whether one line prints what ``piece`` says, and no more is taken back than by a bank."""
    came = [row for row in rows if not _is_back(row)]
    taken = sum((-_legs(row) for row in rows if _is_back(row)), Legs())
    is_taken = taken == (piece.came - piece.legs)
    return is_taken and len(came) == 1 and not differing(came[0], money, piece)


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
    return -legs if _is_back(row) else legs


def _print_again(
    job: WorkOrder, money: Money, piece: Piece, mine: Sequence[LedgerEntry], held: Legs
) -> list[LedgerEntry]:
    """Take back what one invoice holds, as it was printed, and write what came as it is now."""
    return print_again(
        job,
        next(row for row in reversed(mine) if not _is_back(row)),
        held=held,
        came=held + piece.came - piece.legs,
        why=WHY,
        reason=piece.reason,
        uncollected=money.uncollected.value,
        **print_of(money, piece),
    )


def _take_back(
    job: WorkOrder, money: Money, piece: Piece, line: LedgerEntry, taken: Legs
) -> LedgerEntry:
    """What a bank took back of a line that was just printed again."""
    values = print_of(money, piece) | {"happened_at": stamp.moment(piece.taken_back_at)}
    return write_entry(
        job,
        line.invoice_id,
        kind=EntryKind(line.kind).reversal,
        reverses=line,
        reason=money.reason,
        services_amount=taken.services,
        fee_amount=taken.fee,
        source=piece.source,
        payment=money.key,
        uncollected=money.uncollected.value,
        **values,
    )

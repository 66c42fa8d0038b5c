"""A quote that is known better now: how the card is funded may be reported after its money came.

The ledger is append-only, so a line that printed another quote is taken back and written again
with the right one; the money stays what it was. What was lost in a dispute took its part of the
quote along already, as settlements read it: nothing is written for that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO, quantize
from invoicing.domain import allocate
from invoicing.domain.allocate import Legs
from invoicing.domain.entries import print_again
from invoicing.domain.money import Money
from invoicing.models import LedgerEntry
from invoicing.queries.printed import as_printed
from invoicing.settlement.paid import Paid
from invoicing.settlement.types import EntryKind, Uncollected
from workorders.models import WorkOrder

WHY = "The card’s fee was quoted again, with what is known now."


def requote(job: WorkOrder, money: Money, lines: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Bring the quote on the ledger of ``job`` to that of ``money``; answers the new lines.

    ``lines`` are all that the payment has there, in their order. Writes nothing where the
    ledger has that quote already, as nearly always. The caller holds the lock, and recomputes.
    """
    currency = job.brand.currency
    # A refund's quote is the payment's.
    rows = [row for row in as_printed(lines) if row.source == money.key]
    held = _held(rows, currency)
    if not any(paid.services > 0 for paid in held.values()) or _is_quoted(money, held):
        return []  # a fee alone carries no quote: no fee on a fee (docs/decisions/003)
    printed = {row.invoice_id: row for row in rows if row.kind == EntryKind.PAYMENT}
    legs = {pk: Legs(paid.services, paid.fee) for pk, paid in held.items()}
    quotes = _shares(money, legs, currency)
    return [
        entry
        for pk in held
        for entry in print_again(
            job,
            printed[pk],
            held=legs[pk],
            came=legs[pk],
            why=WHY,
            fee_expected=quotes[pk].quote,
            fee_base=quotes[pk].base,
            funding=money.printed.funding,
            uncollected=money.uncollected.value,
        )
    ]


@dataclass(frozen=True)
class _Share:
    """One invoice's part of a quote, and of the services that it is for."""

    quote: Decimal | None = None
    base: Decimal | None = None


def _shares(money: Money, legs: Mapping[int, Legs], currency: str) -> dict[int, _Share]:
    if money.fee_expected is None:
        return dict.fromkeys(legs, _Share())
    bases = None if money.fee_base is None else allocate.base_shares(money.fee_base, legs)
    quotes = allocate.quote_shares(money.fee_expected, legs, currency, bases)
    return {pk: _Share(quote, bases[pk] if bases else None) for pk, quote in quotes.items()}


def quote_on(rows: Iterable[LedgerEntry], currency: str) -> Decimal | None:
    """The fee that the ledger expects of what a payment has there; None: it owes none.

    ``rows`` are the payment's own lines on one job, without its refunds.
    """
    return _quote(_held(rows, currency))


def _held(rows: Iterable[LedgerEntry], currency: str) -> dict[int, Paid]:
    """What each invoice holds of a payment, where it holds any."""
    by_invoice: dict[int, Paid] = {}
    for row in sorted(rows, key=lambda row: row.pk):
        paid = by_invoice.setdefault(row.invoice_id, Paid(currency))
        services, fee = (quantize(n, currency) for n in (row.services_amount, row.fee_amount))
        if row.kind == EntryKind.PAYMENT:
            quote = row.fee_expected
            exact = None if quote is None else quantize(quote, currency)
            base = None if row.fee_base is None else quantize(row.fee_base, currency)
            paid.came(services, fee, exact, base)
            paid.uncollected = Uncollected(row.uncollected or Uncollected.ABSORB)
        else:
            paid.was_taken_back(services, fee)
    return {pk: paid for pk, paid in by_invoice.items() if paid.services > 0 or paid.fee > 0}


def _quote(held: Mapping[int, Paid]) -> Decimal | None:
    quoted = [paid for paid in held.values() if paid.quote is not None]
    return sum((paid.expected() for paid in quoted), ZERO) if quoted else None


def _is_quoted(money: Money, held: Mapping[int, Paid]) -> bool:
    """Whether the ledger expects this quote, in sum, of these services and by this policy."""
    quoted = [paid for paid in held.values() if paid.quote is not None]
    if _quote(held) != money.fee_expected:
        return False
    if any(paid.uncollected != money.uncollected for paid in quoted):
        return False
    if not quoted or money.fee_base is None:
        return True
    room = min(money.fee_base, sum((paid.services for paid in held.values()), ZERO))
    return sum((paid.quoted for paid in quoted), ZERO) == room

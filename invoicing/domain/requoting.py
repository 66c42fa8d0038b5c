"""A quote that is known better now: how the card is funded may be told after its money came.

The ledger is append-only, so a line that printed another quote is taken back and written again
with the right one; the money stays what it was.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from core.money import ZERO
from core.split import split
from invoicing.bill import EntryKind
from invoicing.domain import rollup
from invoicing.domain.entries import write_entry
from invoicing.domain.ledger import Money
from invoicing.domain.targets import Legs
from invoicing.models import LedgerEntry
from workorders.models import WorkOrder

WHY = "The card’s fee was quoted again, with what is known of the card now."
_PRINTED = ("label", "method", "provider", "last4", "reference")


def requote(job: WorkOrder, money: Money, lines: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Bring the quote that stands on the ledger of ``job`` to that of ``money``.

    ``lines`` are all that the payment has there, in their order (``ledger.posted``). Writes
    nothing where it stands already: that is nearly always. The caller holds the lock.
    """
    held: dict[int, Legs] = {}
    printed: dict[int, LedgerEntry] = {}
    for row in lines:
        if row.source != money.key:
            continue  # a refund of it: its quote is the payment's own
        legs = Legs(row.services_amount, row.fee_amount)
        is_back = row.kind == EntryKind.PAYMENT_REVERSAL
        held[row.invoice_id] = held.get(row.invoice_id, Legs()) + (-legs if is_back else legs)
        if not is_back:
            printed[row.invoice_id] = row
    held = {pk: legs for pk, legs in held.items() if legs.positive()}
    if not held or _stands(money, [printed[pk] for pk in held]):
        return []
    shares = _shares(money, held, job.brand.currency)
    written = [
        entry
        for pk, legs in held.items()
        for entry in _again(job, money, printed[pk], legs, shares[pk])
    ]
    rollup.recompute(job)
    return written


def _stands(money: Money, lines: list[LedgerEntry]) -> bool:
    """Whether the ledger prints this quote, in sum, and this policy."""
    told = [line.fee_expected for line in lines if line.fee_expected is not None]
    if money.fee_expected is None or not told:
        return money.fee_expected is None and not told
    policies = {line.uncollected for line in lines if line.fee_expected is not None}
    return sum(told, ZERO) == money.fee_expected and policies == {money.uncollected.value}


def _shares(money: Money, held: Mapping[int, Legs], currency: str) -> dict[int, Decimal | None]:
    """The quote over the invoices that hold the money, by services."""
    if money.fee_expected is None:
        return dict.fromkeys(held)
    weights = [max(ZERO, legs.services) for legs in held.values()]
    return dict(zip(held, split(money.fee_expected, weights, currency), strict=True))


def _again(
    job: WorkOrder, money: Money, line: LedgerEntry, legs: Legs, quote: Decimal | None
) -> list[LedgerEntry]:
    """Take back what one invoice holds, and write it again with its quote."""
    same = {name: getattr(line, name) for name in _PRINTED} | {
        "services_amount": legs.services,
        "fee_amount": legs.fee,
        "source": money.key,
        "payment": money.key,
        "funding": money.printed.funding,
        "uncollected": money.uncollected.value,
        "reason": WHY,
        "happened_at": line.happened_at,
    }
    back = write_entry(job, line.invoice_id, kind=EntryKind.PAYMENT_REVERSAL, reverses=line, **same)
    anew = write_entry(job, line.invoice_id, kind=EntryKind.PAYMENT, fee_expected=quote, **same)
    return [back, anew]

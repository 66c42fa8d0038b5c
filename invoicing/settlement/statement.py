"""The history of one invoice as rows that run to its balance: what was billed, came and went.

Pure. The last running figure is the settlement's own balance, whatever the rows are: what
entries cannot say (a technology fee that was billed, an invoice that was voided) is a row too.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from core.money import ZERO, display, zero_of
from invoicing.models import Invoice, InvoiceRevision, InvoiceStatus, LedgerEntry, MoneyInFlight
from invoicing.settlement.types import EntryKind, Settlement

# How a statement names each kind of entry.
LABELS = {
    EntryKind.PAYMENT: "Payment",
    EntryKind.PAYMENT_REVERSAL: "Payment taken back",
    EntryKind.REFUND: "Refund",
    EntryKind.REFUND_REVERSAL: "Refund that came back",
    EntryKind.CREDIT: "Credit used",
    EntryKind.CREDIT_REVERSAL: "Credit taken off",
    EntryKind.FROM_CREDIT: "Client credit used",
    EntryKind.TO_CREDIT: "Kept as client credit",
}


@dataclass(frozen=True)
class Row:
    """One row. ``services`` changes the balance; ``fee`` money is billed as it comes.

    Amounts are in the invoice's currency: above zero, the client owes more by it.
    """

    label: str
    services: Decimal
    at: datetime | None = None
    fee: Decimal = ZERO
    note: str = ""
    payment: str = ""
    credit_id: int | None = None
    balance: Decimal = field(default=ZERO)


def rows_of(
    invoice: Invoice,
    revisions: Sequence[InvoiceRevision],
    entries: Iterable[LedgerEntry],
    flights: Iterable[MoneyInFlight],
    settlement: Settlement,
) -> list[Row]:
    """The rows in the order in which they happened, each with the balance after it."""
    dated = [(r.happened_at, 0, r.pk, _billed(r)) for r in revisions]
    dated += [(e.happened_at, 1, e.pk, _moved(e, invoice.currency)) for e in entries]
    if invoice.status == InvoiceStatus.VOID and invoice.voided_at and revisions:
        whole = revisions[-1].services_total + revisions[-1].tax_total
        row = Row("Voided", -whole, invoice.voided_at, note=invoice.reason)
        dated.append((invoice.voided_at, 2, 0, row))
    draft = invoice.status == InvoiceStatus.DRAFT and settlement.services
    rows = [Row("Not issued yet", settlement.services)] if draft else []
    rows += [row for *_, row in sorted(dated, key=lambda t: t[:3])]
    rows += [_flying(flight) for flight in flights if flight.is_refund]
    return list(_running(rows, settlement))


def _running(rows: Iterable[Row], settlement: Settlement) -> Iterator[Row]:
    balance = zero_of(settlement.balance)
    for row in rows:
        balance += row.services
        yield replace(row, balance=balance)
    if rest := settlement.balance - balance:
        yield Row("Technology fee billed", rest, balance=settlement.balance)


def _billed(revision: InvoiceRevision) -> Row:
    whole = revision.services_total + revision.tax_total
    label = "Issued" if revision.number == 1 else f"Bill changed, revision {revision.number}"
    return Row(label, whole - revision.total_before, revision.happened_at, note=revision.reason)


def _moved(entry: LedgerEntry, currency: str) -> Row:
    kind = EntryKind(entry.kind)
    sign, word = kind.on_balance, LABELS[kind]
    label = f"{word}: {entry.label}" if entry.label else word
    fee = sign * entry.fee_amount
    notes = [entry.reason]
    if fee:
        notes.insert(0, f"with {display(abs(fee), currency)} technology fee")
    return Row(
        label,
        sign * entry.services_amount,
        entry.happened_at,
        fee=fee,
        note=" · ".join(note for note in notes if note),
        payment=entry.payment,
        credit_id=entry.credit_id,
    )


def _flying(flight: MoneyInFlight) -> Row:
    return Row(
        f"Refund on its way: {flight.label}",
        flight.services_amount,
        flight.happened_at,
        fee=flight.fee_amount,
        payment=flight.payment,
    )

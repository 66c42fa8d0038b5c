"""What a job would come to if its bills were other ones: changed on paper, settled, not written.

A preview reads the job's bills as they stand, changes these, and asks the one settlement. What a
verb then does must come to the same. Amounts are in the brand's currency.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from core.money import ZERO
from invoicing.domain import allocate
from invoicing.domain.allocate import Legs
from invoicing.queries import settlements
from invoicing.settlement.settle import combine, settle
from invoicing.settlement.types import (
    Bill,
    Entry,
    EntryKind,
    InFlight,
    InvoiceStatus,
    Line,
    Settlement,
)
from workorders.models import WorkOrder

# A document that is not there yet.
NEW = 0


@dataclass(frozen=True)
class Sheet:
    """One document of a job and what its settlement is made of. ``invoice_id`` NEW: to come."""

    invoice_id: int
    number: str
    bill: Bill

    @property
    def settlement(self) -> Settlement:
        """What it would come to."""
        return settle(self.bill)

    @property
    def services_open(self) -> Decimal:
        """What of the services nothing covers, below zero where too much is here; no fee in it."""
        it = self.settlement
        money = sum((sign * row.services for sign, row in _money(self.bill)), ZERO)
        return it.services - it.credits - money

    def billing(self, lines: Sequence[Line], status: InvoiceStatus | None = None) -> "Sheet":
        """The same with other lines."""
        bill = replace(self.bill, lines=tuple(lines), status=status or self.bill.status)
        return replace(self, bill=bill)


Sheets = Sequence[Sheet]


def _money(bill: Bill) -> Iterator[tuple[int, Entry | InFlight]]:
    """What came (1) and went (-1); refunds under way have left."""
    yield from ((row.kind.held, row) for row in bill.entries if row.kind.held)
    yield from ((-1, row) for row in bill.in_flight if row.is_refund)


def sheets_of(job: WorkOrder) -> list[Sheet]:
    """The job's documents as they stand."""
    documents = settlements.job_settlement(job).documents
    return [Sheet(d.invoice.pk, d.invoice.number, d.bill) for d in documents]


def whole(sheets: Sheets, currency: str) -> Settlement:
    """What the job would come to."""
    return combine([s.settlement for s in sheets], currency, [s.number for s in sheets])


def with_refund(
    sheets: Sheets, payment: str, back: Legs, held: Mapping[int, Legs], label: str
) -> list[Sheet]:
    """The same with ``back`` on its way out, taken from the documents that ``held`` the money."""
    where = allocate.from_holders(back, held)
    return [
        _adding(sheet, in_flight=(_leaving(where[sheet.invoice_id], payment, label),))
        if sheet.invoice_id in where
        else sheet
        for sheet in sheets
    ]


def _leaving(legs: Legs, payment: str, label: str) -> InFlight:
    source = f"refund:{NEW}"
    return InFlight(label, legs.services, legs.fee, payment, is_refund=True, source=source)


def without_source(sheets: Sheets, source: str) -> list[Sheet]:
    """The same as if nothing had ever come of ``source`` ("refund:12"), under way or posted."""
    return [
        replace(
            sheet,
            bill=replace(
                sheet.bill,
                entries=[row for row in sheet.bill.entries if row.source != source],
                in_flight=[row for row in sheet.bill.in_flight if row.source != source],
            ),
        )
        for sheet in sheets
    ]


def with_entries(
    sheets: Sheets,
    kind: EntryKind,
    amounts: Mapping[int, Decimal],
    label: str,
    credit_id: int = NEW,
) -> list[Sheet]:
    """The same with a line of ``kind`` on the ledger of each document that ``amounts`` names.

    ``credit_id`` is the credit that the line is about, NEW for one to come.
    """
    source = f"credit:{credit_id}"
    return [
        _adding(sheet, entries=(Entry(NEW, kind, amount, label=label, source=source),))
        if (amount := amounts.get(sheet.invoice_id))
        else sheet
        for sheet in sheets
    ]


def _adding(
    sheet: Sheet, entries: Sequence[Entry] = (), in_flight: Sequence[InFlight] = ()
) -> Sheet:
    bill = sheet.bill
    more = replace(bill, entries=(*bill.entries, *entries), in_flight=(*bill.in_flight, *in_flight))
    return replace(sheet, bill=more)

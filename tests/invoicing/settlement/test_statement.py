"""The rows of one invoice run to its balance. Pure: rows that were never saved."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from invoicing.models import Invoice, InvoiceRevision, InvoiceStatus, LedgerEntry, MoneyInFlight
from invoicing.settlement.settle import settle
from invoicing.settlement.statement import LABELS, rows_of
from invoicing.settlement.types import Bill, Entry, EntryKind, InFlight, Line, Settlement

D = Decimal
T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


def revision(number: int, total: str, before: str = "0") -> InvoiceRevision:
    at = T0 + timedelta(days=number)
    sums = {"services_total": D(total), "tax_total": D(0), "total_before": D(before)}
    return InvoiceRevision(pk=number, number=number, reason="", happened_at=at, **sums)


def entry(pk: int, kind: EntryKind, services: str, fee: str = "0") -> LedgerEntry:
    at = T0 + timedelta(days=9, hours=pk)
    amounts = {"services_amount": D(services), "fee_amount": D(fee)}
    return LedgerEntry(pk=pk, kind=kind, label="P-1", reason="", happened_at=at, **amounts)


def settled(total: str, *entries: LedgerEntry, in_flight: tuple[InFlight, ...] = ()) -> Settlement:
    """What the settlement makes of the same rows."""
    money = [
        Entry(e.pk, EntryKind(e.kind), e.services_amount, e.fee_amount, payment="payment:1")
        for e in entries
    ]
    lines = [Line(1, "Inspection", D(total))]
    return settle(Bill(InvoiceStatus.ISSUED, "USD", lines, money, in_flight))


ISSUED = Invoice(currency="USD", status=InvoiceStatus.ISSUED, number="FHI624")


def test_every_kind_has_its_label() -> None:
    assert set(LABELS) == set(EntryKind)


@pytest.mark.parametrize("kind", EntryKind)
def test_an_entry_moves_the_balance_as_its_kind_says(kind: EntryKind) -> None:
    money = entry(1, kind, "40.00")

    first, second = rows_of(ISSUED, [revision(1, "100.00")], [money], [], settled("100.00", money))

    assert (first.label, first.balance) == ("Issued", D("100.00"))
    assert second.label == f"{LABELS[kind]}: P-1"
    assert second.balance == D("100.00") + kind.on_balance * D("40.00")


def test_amended_paid_with_a_fee_and_partly_on_its_way_back() -> None:
    revisions = [revision(1, "329.00"), revision(2, "125.00", "329.00")]
    paid = entry(1, EntryKind.PAYMENT, "329.00", "11.52")
    flight = MoneyInFlight(
        label="R-1",
        services_amount=D("204.00"),
        fee_amount=D("7.14"),
        is_refund=True,
        happened_at=T0,
    )
    leaving = InFlight("R-1", D("204.00"), D("7.14"), "payment:1", is_refund=True)
    whole = settled("125.00", paid, in_flight=(leaving,))

    rows = rows_of(ISSUED, revisions, [paid], [flight], whole)

    assert [(row.label, row.balance) for row in rows] == [
        ("Issued", D("329.00")),
        ("Bill changed, revision 2", D("125.00")),
        ("Payment: P-1", D("-204.00")),
        ("Refund on its way: R-1", D("0.00")),
    ]
    assert rows[2].note == "with $11.52 technology fee"


def test_a_draft_says_what_it_would_bill() -> None:
    draft = Invoice(currency="USD", status=InvoiceStatus.DRAFT)
    whole = settle(Bill(InvoiceStatus.DRAFT, "USD", [Line(1, "Radon", D("90.00"))]))

    (row,) = rows_of(draft, [], [], [], whole)

    assert (row.label, row.balance) == ("Not issued yet", D("90.00"))

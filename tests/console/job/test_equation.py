"""The equation on top of a work order: each figure counts its rows and leads to them."""

from decimal import Decimal
from typing import Any

from accounts.models import Brand
from console.job import equation
from invoicing.settlement.settle import settle
from invoicing.settlement.types import Bill, Entry, EntryKind, InFlight, InvoiceStatus, Line
from workorders.models import WorkOrder

JOB = WorkOrder(number="FHI624", brand=Brand(slug="fhi", currency="USD"))
PAGE = "/b/fhi/work-orders/FHI624/"
FEE = Decimal("11.52")
PAID = Entry(1, EntryKind.PAYMENT, Decimal("329.00"), FEE, "P-1 · Visa •4242", "payment:1", FEE)
BACK = Entry(
    2, EntryKind.REFUND, Decimal("204.00"), Decimal("7.14"), "R-1 · Visa •4242", "payment:1"
)
QUEUED = InFlight("R-2 · check", Decimal("25.00"), is_refund=True)
LINE = Line(1, "Full Home Inspection", Decimal("329.00"))


def _notes(bill: Bill, shown: str = "") -> dict[str, Any]:
    return {row["key"]: row["note"] for row in equation.figures(JOB, settle(bill), shown)}


def _bill(
    *entries: Entry,
    status: InvoiceStatus = InvoiceStatus.ISSUED,
    lines: tuple[Line, ...] = (LINE,),
    flights: tuple[InFlight, ...] = (),
) -> Bill:
    return Bill(status, "USD", lines, entries, flights)


def test_each_figure_says_what_it_is_made_of() -> None:
    assert _notes(_bill(PAID)) == {
        "billed": "services 329.00 + fee 11.52",
        "credits": "none",
        "received": "1 payment",
        "refunded": "none",
        "balance": "Paid · why?",
        "pending": "nothing",
    }


def test_a_refund_on_its_way_is_not_one_that_arrived() -> None:
    assert _notes(_bill(PAID, BACK))["refunded"] == "1 refund"
    assert _notes(_bill(PAID, flights=(QUEUED,)))["refunded"] == "1 on its way"
    assert _notes(_bill(PAID, BACK, flights=(QUEUED,)))["refunded"] == "1 refund, 1 on its way"


def test_what_nobody_was_asked_for_yet_says_so() -> None:
    assert _notes(_bill(status=InvoiceStatus.DRAFT))["billed"] == "a draft, not issued"
    assert _notes(_bill(status=InvoiceStatus.VOID))["billed"] == "void"
    assert _notes(_bill(lines=()))["billed"] == "nothing yet"


def test_each_figure_leads_to_its_rows_and_the_balance_to_its_explanation() -> None:
    rows = equation.figures(JOB, settle(_bill(PAID)), "received")

    assert {row["key"]: row["url"] for row in rows} == {
        key: f"{PAGE}?show={key}"
        for key in ("billed", "credits", "received", "refunded", "pending")
    } | {"balance": "#why"}
    assert [row["key"] for row in rows if row.get("active")] == ["received"]

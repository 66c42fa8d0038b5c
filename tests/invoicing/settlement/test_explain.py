"""Why the balance is what it is: every figure is the sum of the rows that it shows."""

from decimal import Decimal

import pytest

from invoicing.settlement.explain import Figure, explain, figure_of
from invoicing.settlement.settle import combine, settle
from invoicing.settlement.types import (
    Bill,
    Entry,
    EntryKind,
    InFlight,
    InvoiceStatus,
    Line,
    Ruling,
    Settlement,
    Uncollected,
)

PAID = Entry(
    1,
    EntryKind.PAYMENT,
    Decimal("329.00"),
    Decimal("11.52"),
    "P-1 · Visa •4242",
    "payment:1",
    Decimal("11.52"),
)
BACK = Entry(
    2, EntryKind.REFUND, Decimal("204.00"), Decimal("7.14"), "R-1 · Visa •4242", "payment:1"
)
FHI624 = settle(
    Bill(
        InvoiceStatus.ISSUED,
        "USD",
        [Line(1, "Same Day Cancelation", Decimal("125.00"))],
        [PAID, BACK],
    )
)


def without_fee(*rulings: Ruling, policy: Uncollected = Uncollected.ABSORB) -> Settlement:
    """500.00 by a card that should have brought 17.95 more."""
    card = Entry(
        1,
        EntryKind.PAYMENT,
        Decimal("500.00"),
        Decimal(0),
        "P-1 · Visa •1881",
        "payment:1",
        Decimal("17.95"),
        policy,
    )
    lines = [Line(1, "Full Home Inspection", Decimal("500.00"))]
    return settle(Bill(InvoiceStatus.ISSUED, "USD", lines, [card], rulings=rulings))


def the(settlement: Settlement, key: str) -> Figure:
    figure = figure_of(settlement, "USD", key)
    assert figure is not None
    return figure


def test_the_figures_make_the_balance() -> None:
    figures = explain(FHI624, "USD")

    signs = {"": 1, "−": -1, "+": 1}
    balance = sum(f.amount * signs[f.op] for f in figures if f.op != "=" and not f.aside)
    assert [f.key for f in figures] == ["billed", "credits", "received", "refunded", "balance"]
    assert balance == the(FHI624, "balance").amount == Decimal("0.00")


@pytest.mark.parametrize(
    "settlement",
    [
        FHI624,
        without_fee(),
        without_fee(policy=Uncollected.BILL),
        without_fee(Ruling("payment:1", False)),
        settle(
            Bill(
                InvoiceStatus.DRAFT,
                "USD",
                [Line(1, "Radon", Decimal("90.00"), Decimal("7.43"))],
                in_flight=[InFlight("P-1 · check 5521", Decimal("97.43"), payment="payment:1")],
            )
        ),
    ],
)
def test_every_figure_is_the_sum_of_its_rows(settlement: Settlement) -> None:
    for figure in explain(settlement, "USD"):
        if figure.key != "balance":
            assert sum((row.amount for row in figure.rows), Decimal(0)) == figure.amount, figure.key


def test_a_job_says_what_can_be_moved_and_what_is_not_billed_yet() -> None:
    def of(amount: str, status: InvoiceStatus, entries: list[Entry]) -> Settlement:
        return settle(Bill(status, "USD", [Line(1, "Radon", Decimal(amount))], entries))

    cash = Entry(1, EntryKind.PAYMENT, Decimal("200.00"), label="P-1", payment="payment:1")
    over, due = of("100.00", InvoiceStatus.ISSUED, [cash]), of("100.00", InvoiceStatus.ISSUED, [])
    draft = of("50.00", InvoiceStatus.DRAFT, [])

    whole = combine([over, due, draft], "USD", ["FHI624", "FHI624-2", "FHI624-3"])

    assert the(whole, "balance").note == (
        "$100.00 too much on FHI624 can be moved to FHI624-2: keep it as credit and apply it"
    )
    unbilled = the(whole, "unbilled")
    assert (unbilled.label, unbilled.amount, unbilled.aside) == (
        "Not billed yet",
        Decimal("50.00"),
        True,
    )
    assert [row.label for row in unbilled.rows] == ["Draft FHI624-3"]


def test_the_fee_is_among_the_lines_of_billed() -> None:
    billed = the(FHI624, "billed")

    assert [(row.label, row.amount) for row in billed.rows] == [
        ("Same Day Cancelation", Decimal("125.00")),
        ("Technology fee kept · P-1 · Visa •4242", Decimal("4.38")),
    ]
    assert billed.note == "services $125.00 + fee $4.38"


def test_an_uncollected_fee_shows_what_was_expected_received_and_decided() -> None:
    absorbed, billed = without_fee(), without_fee(Ruling("payment:1", True))
    waived = without_fee(Ruling("payment:1", False))

    assert the(absorbed, "fee_expected").rows[0].note == "$0.00 came with it"
    assert "absorbs it" in the(absorbed, "fee_uncollected").rows[0].note
    assert the(billed, "billed").rows[1].label == "Technology fee due · P-1 · Visa •1881"
    assert "somebody billed it" in the(billed, "billed").rows[1].note
    assert the(waived, "fee_uncollected").note == "$17.95 of it was waived"


def test_without_a_missing_fee_there_is_no_figure_of_it() -> None:
    assert figure_of(FHI624, "USD", "fee_uncollected") is None
    assert figure_of(FHI624, "USD", "fee_expected") is None

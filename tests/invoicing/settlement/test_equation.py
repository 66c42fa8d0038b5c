"""The equation's terms, as every surface shows them."""

from decimal import Decimal

import pytest

from core.money import ZERO
from invoicing.settlement import equation
from invoicing.settlement.settle import settle
from invoicing.settlement.types import (
    Bill,
    Entry,
    EntryKind,
    InFlight,
    InvoiceStatus,
    Line,
    Settlement,
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


def _settled(services: str, *entries: Entry, flights: tuple[InFlight, ...] = ()) -> Settlement:
    lines = [Line(1, "Full Home Inspection", Decimal(services))]
    return settle(Bill(InvoiceStatus.ISSUED, "USD", lines, list(entries), list(flights)))


SIGNS = {"": 1, "−": -1, "+": 1}


@pytest.mark.parametrize("entries", [(), (PAID,), (PAID, BACK)])
def test_the_signed_terms_make_the_balance(entries: tuple[Entry, ...]) -> None:
    *parts, balance = equation.terms(_settled("329.00", *entries))

    assert balance.is_sum
    assert sum((SIGNS[t.op] * t.amount for t in parts), ZERO) == balance.amount


def test_services_and_fee_make_what_is_billed() -> None:
    services, fee, billed, *rest = equation.terms_with_fee(_settled("329.00", PAID))

    assert (services.amount, fee.amount) == (Decimal("329.00"), Decimal("11.52"))
    assert billed.is_sum
    assert billed.amount == services.amount + fee.amount
    assert [term.key for term in rest] == ["credits", "received", "refunded", "balance"]


def test_a_page_gets_links_notes_and_the_figure_that_it_filters_by() -> None:
    rows = equation.figures(
        _settled("329.00", PAID),
        urls={"received": "?show=received"},
        notes={"received": "1 payment"},
        active="received",
    )

    by_key = {row["key"]: row for row in rows}
    assert list(by_key) == ["billed", "credits", "received", "refunded", "balance", "pending"]
    assert by_key["received"]["url"] == "?show=received"
    assert by_key["received"]["note"] == "1 payment"
    assert [key for key, row in by_key.items() if row.get("active")] == ["received"]
    assert by_key["balance"]["note"] == "Paid · why?"
    assert by_key["balance"]["state"] == "Paid"
    assert by_key["pending"]["note"] == "nothing"


def test_pending_money_is_not_part_of_the_sum() -> None:
    flight = InFlight("P-2 · pay at close", Decimal("329.00"), ZERO, "payment:2")

    pending = equation.figures(_settled("329.00", flights=(flight,)), urls={}, notes={})[-1]

    assert pending["aside"]
    assert pending["amount"] == Decimal("329.00")
    assert pending["note"] == "not counted"


def test_before_and_after_leave_out_what_is_zero_in_both_but_never_a_sum() -> None:
    rows = equation.before_and_after(_settled("329.00"), _settled("125.00"))

    assert [(row["label"], str(row["before"]), str(row["after"])) for row in rows] == [
        ("Services", "329.00", "125.00"),
        ("Billed", "329.00", "125.00"),
        ("Balance", "329.00", "125.00"),
    ]


def test_the_equation_in_one_line() -> None:
    assert equation.line(_settled("125.00", PAID, BACK), "USD") == (
        "billed $129.38 − credits $0.00 − received $340.52 + refunded $211.14 = balance $0.00"
    )

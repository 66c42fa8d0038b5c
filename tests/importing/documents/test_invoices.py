"""Given invoices: the charge that each line bills, and what a line leaves to its charge."""

from typing import Any

from importing.documents.charges import charge_of
from importing.documents.invoices import GivenInvoice, gross, line_of
from importing.format.documents import InvoiceIn, InvoiceLineIn
from importing.format.job import ChargeIn
from importing.naming import IMPORTER
from invoicing.models import InvoiceKind
from tests.importing.lines import D, a_bill

TAX = {"name": "Sales tax", "percent": "8.25"}


def given(**changes: Any) -> GivenInvoice:
    return GivenInvoice(InvoiceIn.model_validate(a_bill(**changes)), 0, IMPORTER)


def test_lines_come_to_their_amounts_with_tax() -> None:
    lines = [
        InvoiceLineIn.model_validate({"description": "A", "amount": "100.00", "tax": TAX}),
        InvoiceLineIn.model_validate({"description": "B", "amount": "-8.25"}),
    ]

    assert gross(lines, "USD") == D("100.00")


def test_a_line_takes_from_its_charge_what_it_does_not_say() -> None:
    charge = charge_of(
        ChargeIn.model_validate({"service": "Radon Test", "amount": "100.00", "tax": TAX}), "L1"
    )

    line = line_of(InvoiceLineIn.model_validate({"amount": "200.00"}), charge, "L1", "USD")

    assert (line.charge, line.description) == ("L1", "Radon Test")
    assert (line.tax_name, line.tax_amount, line.gross) == ("Sales tax", D("16.50"), D("216.50"))


def test_an_invoice_below_zero_is_a_credit_note_and_makes_no_charges() -> None:
    below = given(amount="-5.00")

    assert below.kind("USD") == InvoiceKind.CREDIT_NOTE
    assert not below.makes_charges("USD")
    assert given().makes_charges("USD")
    assert not given(status="void").makes_charges("USD")


def test_the_last_lines_are_those_before_a_credit_lowered_them() -> None:
    row = given(amount="75.00", legacy={"total_amount": "75.00", "credit_applied": "25.00"})

    assert [line.amount for line in row.line_sets("USD")[-1]] == [D("75.00"), D("25.00")]
    assert row.comes_to("USD") == D("100.00")

"""The form of a new credit note: all of an invoice, some lines, or an amount. Pure."""

from decimal import Decimal

from invoicing.forms.credits import NewCreditNoteForm
from invoicing.models import Invoice, InvoiceLine

D = Decimal
BILLED = [InvoiceLine(description="Inspection", amount=D("300.00"), tax_amount=D("0.00"))]


def form(left: str = "300.00", **values: str) -> NewCreditNoteForm:
    data = {"how": "lines", "reason": "Goodwill"} | values
    invoice = Invoice(currency="USD", number="FHI624")
    return NewCreditNoteForm(data, invoice=invoice, billed=BILLED, left=D(left))


def test_the_whole_is_offered_only_while_all_of_it_is_left() -> None:
    assert "whole" in dict(form().fields["how"].choices)  # type: ignore[attr-defined]
    assert "whole" not in dict(form(left="299.99").fields["how"].choices)  # type: ignore[attr-defined]


def test_an_amount_says_how_much_is_left() -> None:
    assert form(left="120.00").fields["amount"].help_text == "At most $120.00."


def test_a_reason_is_required() -> None:
    assert "reason" in form(reason="").errors


def test_an_amount_without_words_and_words_without_an_amount_are_named() -> None:
    assert "description-more1" in form(**{"amount-more1": "5.00"}).errors
    assert "amount-more1" in form(**{"description-more1": "Goodwill"}).errors


def test_each_billed_line_is_a_row_to_choose() -> None:
    (row,) = form().rows[:1]

    assert row.billed is BILLED[0]
    assert row.take is not None

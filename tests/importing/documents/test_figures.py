"""The documents that follow from an older system's figures alone."""

from typing import Any

from importing.documents.read import read_documents
from importing.documents.shape import ParsedDocuments
from importing.format.job import Job
from invoicing.models import CreditKind, InvoiceKind
from tests.importing.conftest import a_job
from tests.importing.lines import D


def of_figures(charges: list[Any], **legacy: Any) -> ParsedDocuments:
    line = a_job(charges=charges, legacy=legacy)
    return read_documents(Job.model_validate(line, context={"currency": "USD"}), "USD")


def amounts(documents: ParsedDocuments) -> list[Any]:
    return [charge["amount"] for charge in documents.charges[-1]]


def test_charges_of_the_lowered_total_get_a_line_for_the_rest() -> None:
    charges = [{"service": "Radon Test", "amount": "75.00"}]

    documents = of_figures(charges, total_amount="75.00", credit_applied="25.00")

    assert amounts(documents) == [D("75.00"), D("25.00")]
    (note,), (use,) = documents.documents, documents.uses
    assert (note.kind, note.total) == (InvoiceKind.CREDIT_NOTE, D("-25.00"))
    assert (use.credit, use.amount) == (note.key, D("25.00"))


def test_without_charges_the_total_is_one_line() -> None:
    assert amounts(of_figures([], total_amount="75.00")) == [D("75.00")]


def test_no_more_is_used_of_a_credit_than_the_total_before_it() -> None:
    documents = of_figures([], total_amount="-10.00", credit_applied="25.00")

    assert [use.amount for use in documents.uses] == [D("15.00")]


def test_a_total_below_zero_is_a_credit_note_and_a_prepayment_a_credit() -> None:
    (note,) = of_figures([], total_amount="-40.00").documents
    (credit,) = of_figures([], total_amount="40.00", is_prepayment=True).credits

    assert (note.kind, note.total) == (InvoiceKind.CREDIT_NOTE, D("-40.00"))
    assert (credit.kind, credit.amount) == (CreditKind.PREPAYMENT, D("40.00"))

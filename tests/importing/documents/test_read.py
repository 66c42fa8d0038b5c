"""Documents and credits of a line, in one shape from every format."""

from typing import Any

from importing.documents.read import read_documents
from importing.documents.shape import ParsedDocuments
from importing.format.job import Job
from tests.importing.conftest import a_job
from tests.importing.lines import LATER, D, a_bill, a_use, billed


def parsed(line: Any) -> ParsedDocuments:
    return read_documents(Job.model_validate(line, context={"currency": "USD"}), "USD")


def test_without_invoices_the_line_has_charges_alone() -> None:
    documents = parsed(a_job())

    assert [charge["key"] for charge in documents.charges[-1]] == ["L1"]
    assert (documents.documents, documents.credits, documents.uses) == ((), (), ())
    assert not documents.has_invoices


def test_each_step_that_changes_the_charges_has_its_own() -> None:
    step = {"at": LATER, "charges": [{"id": "L2", "service": "Radon Test", "amount": "9.00"}]}

    documents = parsed(a_job(history=[{"at": LATER, "status": "confirmed"}, step]))

    assert [[c["key"] for c in charges] for charges in documents.charges] == [["L1"], ["L2"]]


def test_a_credit_that_is_listed_is_not_made_of_the_figures_again() -> None:
    legacy = {"total_amount": "304.00", "credit_applied": "25.00"}
    credit = {"kind": "credit_note", "number": "CM-1", "amount": "25.00", "at": LATER}
    listed = credit | {"applied": [a_use("A", "25.00")]}

    of_figures = parsed(billed(a_bill("A", legacy=legacy)))
    both = parsed(billed(a_bill("A", legacy=legacy), credits=[listed]))

    assert [document.key for document in of_figures.documents] == ["A", "#credit:A"]
    assert [document.key for document in both.documents] == ["A", "CM-1"]
    assert [(use.credit, use.amount) for use in both.uses] == [("CM-1", D("25.00"))]

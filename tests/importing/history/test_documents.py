"""Documents become histories whose turn comes after the charges that they bill."""

from datetime import datetime

from importing.documents.read import read_documents
from importing.format.job import Job
from importing.history.documents import document_histories
from invoicing.models import InvoiceStatus
from tests.importing.conftest import a_job
from tests.importing.lines import ISSUED, LATER, a_bill, a_use


def test_an_invoice_waits_for_the_charge_that_it_bills() -> None:
    charges = [{"id": "L1", "service": "Radon Test", "amount": "5.00"}]
    line = a_job(
        charges=[],
        history=[{"at": LATER, "charges": charges}],
        invoices=[a_bill(lines=[{"charge": "L1", "amount": "5.00"}])],
    )
    job = Job.model_validate(line, context={"currency": "USD"})

    (history,) = document_histories(job, read_documents(job, "USD"))

    (version,) = history.versions
    assert version.at == datetime.fromisoformat(ISSUED)
    assert version.turn == datetime.fromisoformat(LATER)


def test_a_void_invoice_was_issued_first_and_a_use_names_its_credit() -> None:
    void = a_bill("A", status="void", voided_at=LATER, reason="Billed twice")
    credit = {"id": "K1", "kind": "prepayment", "amount": "9.00", "at": ISSUED}
    line = a_job(
        charges=[], invoices=[void], credits=[credit | {"applied": [a_use("B", "9.00", id="U1")]}]
    )
    job = Job.model_validate(line, context={"currency": "USD"})

    invoice, granted, use = document_histories(job, read_documents(job, "USD"))

    assert [v.values["status"] for v in invoice.versions] == [
        InvoiceStatus.ISSUED,
        InvoiceStatus.VOID,
    ]
    assert [v.values["reason"] for v in invoice.versions] == ["", "Billed twice"]
    assert (granted.name, use.name) == (("credit", "", "K1"), ("applied", "K1", "U1"))

"""A void asks what becomes of the credit notes that were made from the invoice."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client as Browser

from core.refusal import field_of
from invoicing.domain import client_credit, credit_notes, issuing
from invoicing.domain.issuing import Notes
from invoicing.models import ClientCredit, Invoice, InvoiceStatus
from invoicing.queries.credits import left_of
from tests.html import one_line
from tests.invoicing import issued_invoices as bills
from tests.invoicing.browsing import SignIn
from tests.invoicing.views.test_invoice_verbs import url
from workorders.models import Client

D = Decimal


@pytest.fixture
def invoice(person: Client) -> Invoice:
    return bills.bill(person, "329.00", number="FHI624")


def noted(invoice: Invoice, *, on: Invoice | None = None) -> ClientCredit:
    """A note of 100.00 from ``invoice``, used there or on another bill."""
    credit = bills.credit(invoice, "100.00")
    client_credit.apply_credit(invoice.brand, credit.pk, (on or invoice).pk, D("100.00"))
    return credit


def void(invoice: Invoice, notes: Notes | None = None) -> Invoice:
    return issuing.void_invoice(invoice.brand, invoice.pk, reason="Twice", notes=notes)


def statuses(invoice: Invoice, credit: ClientCredit) -> tuple[str, str, Decimal]:
    """The invoice's, the note's, and what the client may still use."""
    for row in (invoice, credit):
        row.refresh_from_db()
    note = Invoice.objects.get(pk=bills.credit_note_of(credit))
    return str(invoice.status), str(note.status), left_of(credit)


def test_nobody_decides_silently(invoice: Invoice) -> None:
    credit = noted(invoice)

    with pytest.raises(ValidationError) as caught:
        void(invoice)

    assert field_of(caught.value) == "notes"
    assert statuses(invoice, credit) == ("issued", "issued", D(0))


def test_the_note_is_voided_too(invoice: Invoice) -> None:
    credit = noted(invoice)

    void(invoice, Notes.VOID)

    assert statuses(invoice, credit) == ("void", "void", D(0))
    assert Invoice.objects.get(kind="credit_note").reason == "FHI624 was voided: Twice"


def test_the_note_stays_and_is_the_clients_to_use(invoice: Invoice) -> None:
    credit = noted(invoice)

    void(invoice, Notes.KEEP)

    assert statuses(invoice, credit) == ("void", "issued", D("100.00"))


def test_a_note_that_pays_another_bill_is_kept_or_taken_off_first(
    invoice: Invoice, person: Client
) -> None:
    credit = noted(invoice, on=bills.bill(person, "200.00", number="FHI630"))

    with pytest.raises(ValidationError, match=r"\$100.00 of CM-000001 is used on FHI630") as caught:
        void(invoice, Notes.VOID)
    assert field_of(caught.value) == "notes"
    assert statuses(invoice, credit) == ("issued", "issued", D(0))

    void(invoice, Notes.KEEP)
    assert statuses(invoice, credit) == ("void", "issued", D(0))


def test_a_draft_of_a_note_goes_with_its_invoice(invoice: Invoice) -> None:
    bills.draft(invoice, "10.00")

    void(invoice)

    assert not Invoice.objects.filter(kind="credit_note").exists()


def test_a_void_note_asks_nothing(invoice: Invoice) -> None:
    credit = bills.credit(invoice, "10.00")
    credit_notes.void_credit_note(invoice.brand, bills.credit_note_of(credit), reason="Wrong")

    assert void(invoice).status == InvoiceStatus.VOID


# The page ----------------------------------------------------------------------------------------


@pytest.fixture
def billing(sign_in: SignIn) -> Browser:
    return sign_in()


def test_the_page_asks_with_the_amounts(billing: Browser, invoice: Invoice) -> None:
    credit = noted(invoice)
    bills.draft(invoice, "10.00")
    shown = one_line(billing.get(url("invoice_void")).content.decode())

    refused = billing.post(url("invoice_void"), {"reason": "Twice"})
    before = statuses(invoice, credit)
    billing.post(url("invoice_void"), {"reason": "Twice", "notes": "void"})

    assert "Theirs to use on another invoice, if you keep the note" in shown
    assert "What becomes of CM-000001, $100.00, made from FHI624?" in shown
    assert "Void it too: Priya Raman has no credit of $100.00 from it" in shown
    assert "Keep it: Priya Raman has $100.00 of credit for other bills" in shown
    assert "The draft credit note DRAFT-FHI624-2 is deleted" in shown
    assert list(refused.context["form"].errors) == ["notes"]
    assert before == ("issued", "issued", D(0))
    assert statuses(invoice, credit) == ("void", "void", D(0))


def test_the_page_offers_no_void_of_a_note_in_use(
    billing: Browser, invoice: Invoice, person: Client
) -> None:
    credit = noted(invoice, on=bills.bill(person, "200.00", number="FHI630"))

    shown = one_line(billing.get(url("invoice_void")).content.decode())
    refused = billing.post(url("invoice_void"), {"reason": "Twice", "notes": "void"})

    assert "$100.00 of CM-000001 is used on FHI630: take it off there first" in shown
    assert "Void it too" not in shown
    assert list(refused.context["form"].errors) == ["notes"]
    assert statuses(invoice, credit)[0] == "issued"


def test_a_bill_without_notes_asks_only_why(billing: Browser, invoice: Invoice) -> None:
    assert "notes" not in billing.get(url("invoice_void")).context["form"].fields

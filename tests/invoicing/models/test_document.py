"""Invoices and their lines: what the database holds together."""

import pytest
from django.db import IntegrityError, transaction

from invoicing.models import Invoice, InvoiceStatus
from tests.invoicing import issued_invoices as bills
from workorders.models import Client

pytestmark = pytest.mark.usefixtures("unwatched")


def test_a_number_is_taken_once_in_a_brand(person: Client) -> None:
    invoice = bills.bill(person, "100.00", number="FHI1")
    values = {"brand": invoice.brand, "client": person, "currency": "USD", "sequence": 2}

    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.create(work_order=invoice.work_order, number=invoice.number, **values)


def test_a_note_knows_what_it_is(person: Client) -> None:
    invoice = bills.bill(person, "100.00", number="FHI1")
    note = bills.draft(invoice, "10.00")

    assert (invoice.is_credit_note, note.is_credit_note) == (False, True)
    assert (invoice.status, note.status) == (InvoiceStatus.ISSUED, InvoiceStatus.DRAFT)
    assert list(invoice.credit_notes.all()) == [note]

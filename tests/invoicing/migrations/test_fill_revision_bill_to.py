"""Revisions from before they kept whom they are billed to."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from activity.models import Change, Entry
from activity.projection import project_pending
from invoicing.models import InvoiceRevision
from tests.invoicing import issued_invoices as bills
from workorders.models import Client

fill = import_module("invoicing.migrations.0008_fill_revision_bill_to").fill


class Editor:
    connection = connection


def forget() -> None:
    """The columns as they were before anything filled them."""
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE invoicing_invoicerevision DISABLE TRIGGER USER")
        cursor.execute("UPDATE invoicing_invoicerevision SET bill_to_name = '', job_address = ''")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE invoicing_invoicerevision ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_they_get_what_is_known_now_and_no_feed_says_so(person: Client) -> None:
    invoice = bills.bill(person, "329.00")
    project_pending()
    forget()
    before = Entry.objects.count(), Change.objects.count()

    fill(apps, Editor)
    project_pending()

    row = InvoiceRevision.objects.get()
    assert (row.bill_to_name, row.job_address) == (person.name, invoice.work_order.address)
    assert (Entry.objects.count(), Change.objects.count()) == before


def test_one_that_keeps_somebody_is_left_alone(person: Client) -> None:
    bills.bill(person, "329.00")
    issued_to = person.name
    Client.objects.filter(pk=person.pk).update(name="Ana Ruiz")
    connection.check_constraints()

    fill(apps, Editor)

    assert InvoiceRevision.objects.get().bill_to_name == issued_to


def test_the_guard_stands_afterwards(person: Client) -> None:
    bills.bill(person, "329.00")
    connection.check_constraints()
    fill(apps, Editor)

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        InvoiceRevision.objects.update(bill_to_name="Somebody else")

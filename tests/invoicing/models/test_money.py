"""What the database refuses about credit notes and the credit that they give."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from invoicing.domain import client_credit
from tests.factories import ClientFactory
from tests.invoicing import issued_invoices as bills
from workorders.models import Client

# Rows are written past every verb here, and nothing posts them.
pytestmark = pytest.mark.usefixtures("unwatched")

D = Decimal


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE invoicing_invoicerevision SET services_total = -1",
        "DELETE FROM invoicing_invoicerevision",
        "UPDATE invoicing_invoiceline SET amount = -1",
        "DELETE FROM invoicing_invoiceline",
        "UPDATE invoicing_invoice SET number = 'CM-000009' WHERE kind = 'credit_note'",
        "UPDATE invoicing_invoice SET status = 'draft' WHERE kind = 'credit_note'",
        "DELETE FROM invoicing_invoice WHERE kind = 'credit_note'",
    ],
)
def test_an_issued_note_stays_as_it_is(sql: str, person: Client) -> None:
    bills.credit(bills.bill(person, "1000.00"), "250.00")

    with (
        pytest.raises(DatabaseError, match="paystory_append_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


@pytest.mark.django_db(transaction=True)
def test_an_issued_note_gets_no_line_later() -> None:
    bills.credit(bills.bill(ClientFactory(), "1000.00"), "250.00")
    late = (
        "INSERT INTO invoicing_invoiceline (revision_id, position, service_type, description,"
        " amount, tax_name, tax_percent, tax_amount) SELECT r.id, 9, 'standard', 'More', -1, '',"
        " 0, 0 FROM invoicing_invoicerevision r ORDER BY r.id DESC LIMIT 1"
    )

    with (
        pytest.raises(DatabaseError, match="a revision gets no lines later"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(late)


@pytest.mark.parametrize(
    "change",
    ["used = amount + 0.01", "returned = 250.01", "used = -1", "returned = -1"],
)
def test_a_credit_is_never_overdrawn(change: str, person: Client) -> None:
    bills.credit(bills.bill(person, "1000.00"), "250.00")

    with (
        pytest.raises(IntegrityError, match="invoicing_credit_"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE invoicing_clientcredit SET {change}")  # from above


@pytest.mark.parametrize(
    "change",
    ["amount = 5000", "kind = 'prepayment'", "client_id = client_id + 1", "invoice_id = NULL"],
)
def test_what_a_credit_is_never_changes(change: str, person: Client) -> None:
    bills.credit(bills.bill(person, "1000.00"), "250.00")

    with (
        pytest.raises(DatabaseError, match="what a credit is never changes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE invoicing_clientcredit SET {change}")  # from above


def test_an_overpayment_is_not_given_back_by_itself(person: Client) -> None:
    invoice = bills.bill(person, "329.00")
    bills.paid(invoice, "429.00")
    client_credit.keep_as_credit(person.brand, invoice.pk, D("100.00"))

    with (
        pytest.raises(DatabaseError, match="what a credit is never changes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE invoicing_clientcredit SET returned = 100")


def test_a_note_gives_its_credit_once(person: Client) -> None:
    credit = bills.credit(bills.bill(person, "1000.00"), "250.00")
    credit.pk = None

    with pytest.raises(IntegrityError, match="invoicing_credit_note_once"), transaction.atomic():
        credit.save(force_insert=True)

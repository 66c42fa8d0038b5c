"""Credits of clients and what invoices have of them."""

from decimal import Decimal

from accounts.models import Brand
from invoicing.domain import client_credit
from invoicing.models import LedgerEntry
from invoicing.queries import credits
from tests.invoicing import issued_invoices as bills
from workorders.models import Client

D = Decimal


def test_what_is_left_goes_down_as_invoices_use_it(brand: Brand, person: Client) -> None:
    credit = bills.credit(bills.bill(person, "500.00", number="FHI1"), "120.00")
    other = bills.bill(person, "80.00", number="FHI2")
    client_credit.apply_credit(brand, credit.pk, other.pk, D("80.00"))

    (open_,) = credits.open_credits(brand, person.pk)

    assert (open_.credit, open_.left, open_.is_open) == (credit, D("40.00"), True)
    assert [(u.invoice, u.amount) for u in credits.applications(credit)] == [(other, D("80.00"))]


def test_an_entry_that_grants_a_credit_uses_none_of_it(brand: Brand, person: Client) -> None:
    invoice = bills.bill(person, "100.00", number="FHI1")
    bills.paid(invoice, "150.00")
    credit = client_credit.keep_as_credit(brand, invoice.pk, D("50.00"))
    client_credit.apply_credit(brand, credit.pk, invoice.pk, D("20.00"))

    rows = list(LedgerEntry.objects.filter(credit=credit).order_by("pk"))

    assert [credits.is_grant(row) for row in rows] == [True, False]
    assert [credits.use_of(row) for row in rows] == [D("0.00"), D("20.00")]


def test_issued_notes_lower_what_may_still_be_credited(person: Client) -> None:
    invoice = bills.bill(person, "500.00", number="FHI1")
    bills.draft(invoice, "10.00")
    bills.credit(invoice, "120.00")

    assert credits.credited(invoice) == D("120.00")
    assert credits.creditable(invoice) == D("380.00")


def test_open_invoices_are_those_with_an_amount_due(brand: Brand, person: Client) -> None:
    due = bills.bill(person, "100.00", number="FHI1")
    bills.paid(bills.bill(person, "60.00", number="FHI2"), "60.00")

    assert [(o.invoice, o.due) for o in credits.open_invoices(brand, person.pk)] == [
        (due, D("100.00"))
    ]

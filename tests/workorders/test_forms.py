"""Forms of jobs, contacts and services: they parse, the verbs decide."""

from decimal import Decimal

from accounts.models import Brand
from tests.factories import ClientFactory, ContactFactory, TaxRateFactory
from workorders.domain.people import NewClient
from workorders.forms import ContactForm, NewWorkOrderForm, ServiceForm, contact_rows
from workorders.models import ContactRole, WorkOrder


def test_a_new_client_needs_a_name_and_a_picked_one_asks_nothing(brand: Brand) -> None:
    new = NewWorkOrderForm({"client_name": "Jo", "address": "1 Elm"}, brand=brand, picked=None)
    assert new.is_valid(), new.errors
    assert new.client() == NewClient("Jo")
    assert new.details().address == "1 Elm"
    assert list(NewWorkOrderForm({}, brand=brand, picked=None).errors) == ["client_name"]

    known = ClientFactory(brand=brand)
    picked = NewWorkOrderForm({"address": "1 Elm"}, brand=brand, picked=known)
    assert picked.is_valid(), picked.errors
    assert "client_name" not in picked.fields
    assert picked.client() == known


def test_a_row_of_a_contact_is_a_line_or_nothing() -> None:
    person = {"role": "payer", "name": "Jo", "email": "jo@example.com", "gets_invoices": "on"}
    row = ContactForm(person)
    assert row.is_valid(), row.errors
    line = row.line()
    assert line is not None
    assert (line.role, line.email, line.gets_invoices) == (
        ContactRole.PAYER,
        "jo@example.com",
        True,
    )

    removed = ContactForm({**person, "remove": "on"})
    assert removed.is_valid()
    assert removed.line() is None
    assert list(ContactForm({**person, "email": ""}).errors) == ["email"]


def test_rows_of_contacts_begin_as_they_are(job: WorkOrder) -> None:
    contact = ContactFactory(work_order=job, name="Jo", phone="555")

    (row,) = contact_rows([contact])

    assert (row["id"], row["name"], row["phone"]) == (contact.pk, "Jo", "555")


def test_a_service_form_offers_taxes_where_there_are_some(brand: Brand) -> None:
    rate = TaxRateFactory(brand=brand)
    values = {"name": "Radon", "service_type": "standard", "default_price": "149.50"}

    taxed = ServiceForm({**values, "tax_rate": str(rate.pk)}, currency="USD", rates=[rate])
    assert taxed.is_valid(), taxed.errors
    assert taxed.cleaned_data["tax_rate"] == rate.pk
    assert taxed.cleaned_data["default_price"] == Decimal("149.50")
    assert "tax_rate" not in ServiceForm(values, currency="USD").fields

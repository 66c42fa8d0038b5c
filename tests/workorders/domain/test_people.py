"""Clients, contacts, notes and the catalogue."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Brand
from tests.factories import ClientFactory, ContactFactory
from workorders.domain import people
from workorders.domain.people import ContactLine
from workorders.models import Client, ContactRole, WorkOrder


def test_contacts_are_replaced_as_a_whole(brand: Brand, job: WorkOrder) -> None:
    tom = ContactFactory(work_order=job, name="Tom Abbott")
    ContactFactory(work_order=job, name="Gone")

    people.replace_contacts(
        brand,
        job.pk,
        [
            ContactLine("Title Co", ContactRole.TITLE_COMPANY),
            ContactLine(
                "Tom  Abbott", ContactRole.BUYERS_AGENT, "tom@x.org", gets_invoices=True, id=tom.pk
            ),
        ],
    )

    assert [(c.name, c.role, c.gets_invoices) for c in job.contacts.all()] == [
        ("Title Co", "title_company", False),
        ("Tom Abbott", "buyers_agent", True),
    ]


def test_who_gets_invoices_needs_an_address(brand: Brand, job: WorkOrder) -> None:
    line = ContactLine("Tom", ContactRole.PAYER, gets_invoices=True)

    with pytest.raises(ValidationError) as refused:
        people.replace_contacts(brand, job.pk, [line])

    assert list(refused.value.error_dict) == ["email"]
    assert not job.contacts.exists()


def test_another_brands_client_is_not_there(brand: Brand) -> None:
    client = ClientFactory()

    with pytest.raises(Client.DoesNotExist):
        people.edit_client(brand, client.pk, name="Mine", email="", phone="")

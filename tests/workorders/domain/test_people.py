"""Clients, contacts, notes and the catalogue."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Brand
from tests.factories import BrandFactory, ClientFactory, ContactFactory
from workorders.domain import notes, people, services
from workorders.domain.people import ContactLine
from workorders.models import Client, ContactRole, Service, ServiceType, WorkOrder


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


def test_a_note_carries_its_author(brand: Brand, job: WorkOrder) -> None:
    note = notes.add_note(brand, job.pk, "  Gate code 12 \n", author="Dana Whitfield")

    assert (note.text, note.author_label) == ("Gate code 12", "Dana Whitfield")


@pytest.mark.parametrize("text", ["", " \n ", "x" * 4001])
def test_an_empty_or_endless_note_is_refused(brand: Brand, job: WorkOrder, text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        notes.add_note(brand, job.pk, text, author="Dana")

    assert list(refused.value.error_dict) == ["text"]


def test_the_catalogue_has_each_name_once_per_brand(brand: Brand) -> None:
    services.create_service(brand, name="Radon test", default_price=Decimal("149.50"))

    with pytest.raises(ValidationError) as refused:
        services.create_service(brand, name="RADON  test")
    services.create_service(BrandFactory(), name="Radon test")

    assert list(refused.value.error_dict) == ["name"]
    assert Service.objects.count() == 2


def test_a_service_keeps_its_name_and_stops_being_offered(brand: Brand) -> None:
    service = services.create_service(brand, name="Radon test")

    services.edit_service(
        brand,
        service.pk,
        name="Radon test",
        service_type=ServiceType.STANDARD,
        default_price=None,
        tax_rate_id=None,
        is_active=False,
    )

    service.refresh_from_db()
    assert (service.is_active, service.default_price) == (False, None)

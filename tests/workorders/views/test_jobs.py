"""The pages that write to jobs."""

from decimal import Decimal

import pytest
from django.test import Client as Browser

from accounts.models import Brand
from tests.factories import ClientFactory
from tests.workorders.pages import url
from workorders.models import Client, Service, WorkOrder


def test_a_job_is_booked_for_a_new_client(csr: Browser, brand: Brand) -> None:
    answer = csr.post(
        url("work_order_new"),
        {"client_name": "Priya Raman", "address": "118 Alder", "scheduled_for": "2026-05-04T09:00"},
    )

    job = WorkOrder.objects.get(brand=brand)
    assert answer.headers["Location"] == url("charges_edit", job.number)
    assert job.client.name == "Priya Raman"
    # The brand is in Boise: UTC-6 in May.
    assert job.scheduled_for is not None
    assert job.scheduled_for.isoformat() == "2026-05-04T15:00:00+00:00"


def test_a_job_is_booked_for_a_client_from_the_search(csr: Browser, brand: Brand) -> None:
    known = ClientFactory(brand=brand, name="Priya Raman")
    ClientFactory(name="Priya Elsewhere")

    results = csr.get(url("work_order_new"), {"who": "priya"}).content.decode()
    csr.post(f"{url('work_order_new')}?client={known.pk}", {"address": "118 Alder"})

    assert f"?client={known.pk}" in results
    assert "Elsewhere" not in results
    assert WorkOrder.objects.get().client == known
    assert Client.objects.filter(brand=brand).count() == 1


def test_another_brands_client_cannot_be_picked(csr: Browser) -> None:
    stranger = ClientFactory()

    answer = csr.get(url("work_order_new"), {"client": stranger.pk})

    assert answer.status_code == 404


def test_a_taken_number_is_named_at_its_field(csr: Browser, job: WorkOrder) -> None:
    answer = csr.post(url("work_order_new"), {"client_name": "Jo", "number": "fhi624"})

    assert answer.context["form"].errors == {"number": ["fhi624 is taken."]}
    assert not Client.objects.filter(name="Jo").exists()


@pytest.mark.parametrize("verb", ["get", "post"])
def test_cancelling_leads_to_where_its_money_is_asked_about(
    verb: str, csr: Browser, job: WorkOrder
) -> None:
    answer = getattr(csr, verb)(url("work_order_status", "FHI624", "cancelled"), {"reason": "Off"})

    job.refresh_from_db()
    assert answer["Location"] == url("job_cancel", "FHI624")
    assert job.status == "pending"


def test_a_second_click_on_publish_changes_nothing_back(csr: Browser, job: WorkOrder) -> None:
    page = url("work_order_publish", "FHI624")

    csr.post(page, {"publish": "1"})
    csr.post(page, {"publish": "1"})

    job.refresh_from_db()
    assert job.published_at is not None


def test_the_card_fee_is_switched_off_with_a_reason(csr: Browser, job: WorkOrder) -> None:
    csr.post(url("work_order_fee", "FHI624"), {"disable": "1", "reason": "Promised"})

    job.refresh_from_db()
    assert (job.fee_disabled, job.reason) == (True, "Promised")


def test_a_note_is_written_in_the_name_of_its_author(csr: Browser, job: WorkOrder) -> None:
    csr.post(url("note_add", "FHI624"), {"text": "Gate code 12"})

    assert [(n.text, n.author_label) for n in job.notes.all()] == [
        ("Gate code 12", "Dana Whitfield")
    ]


def test_the_catalogue_is_for_billing(csr: Browser) -> None:
    assert csr.get(url("services")).status_code == 403


def test_a_service_is_added_in_the_brands_currency(billing: Browser, brand: Brand) -> None:
    refused = billing.post(
        url("service_new"),
        {"name": "Radon", "service_type": "standard", "default_price": "1.005"},
    )
    billing.post(
        url("service_new"),
        {"name": "Radon", "service_type": "standard", "default_price": "149.50"},
    )

    assert list(refused.context["form"].errors) == ["default_price"]
    service = Service.objects.get(brand=brand)
    assert (service.name, service.default_price) == ("Radon", Decimal("149.50"))

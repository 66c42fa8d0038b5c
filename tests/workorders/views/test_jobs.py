"""The pages that write to jobs."""

import re
from collections.abc import Mapping
from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Brand
from tests.factories import ChargeFactory, ClientFactory, ContactFactory, ServiceFactory
from workorders.models import Charge, Client, Service, WorkOrder


def url(name: str, *args: object) -> str:
    return reverse(name, args=["fhi", *args])


def seen(browser: Browser, address: str) -> str:
    page = browser.get(address).content.decode()
    found = re.search(r'name="fingerprint" value="(\w+)"', page)
    assert found
    return found[1]


def rows(fingerprint: str, *lines: Mapping[str, object], initial: int = 0) -> dict[str, str]:
    data = {
        "fingerprint": fingerprint,
        "form-TOTAL_FORMS": str(len(lines)),
        "form-INITIAL_FORMS": str(initial),
    }
    for index, line in enumerate(lines):
        data |= {f"form-{index}-{name}": str(value) for name, value in line.items()}
    return data


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


def test_a_job_is_booked_for_a_client_who_was_found(csr: Browser, brand: Brand) -> None:
    known = ClientFactory(brand=brand, name="Priya Raman")
    ClientFactory(name="Priya Elsewhere")

    found = csr.get(url("work_order_new"), {"who": "priya"}).content.decode()
    csr.post(f"{url('work_order_new')}?client={known.pk}", {"address": "118 Alder"})

    assert f"?client={known.pk}" in found
    assert "Elsewhere" not in found
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


def test_charges_are_filled_in_from_their_service(
    csr: Browser, brand: Brand, job: WorkOrder
) -> None:
    fee = ServiceFactory(
        brand=brand,
        name="Same day cancellation",
        service_type="cancellation",
        default_price=Decimal("125.00"),
    )
    page = url("charges_edit", "FHI624")

    answer = csr.post(
        page,
        rows(
            seen(csr, page),
            {"service": fee.pk, "description": "", "service_type": "standard", "amount": ""},
            {"service": "", "description": "", "service_type": "standard", "amount": ""},
            {"description": "Returning client", "service_type": "standard", "amount": "−25.00"},
        ),
    )

    assert answer.headers["Location"] == url("work_order", "FHI624")
    assert [(c.description, c.amount, c.service_type) for c in job.charges.all()] == [
        ("Same day cancellation", Decimal("125.00"), "cancellation"),
        ("Returning client", Decimal("-25.00"), "standard"),
    ]


def test_a_removed_row_may_hold_anything(csr: Browser, job: WorkOrder) -> None:
    charge = ChargeFactory(work_order=job)
    page = url("charges_edit", "FHI624")

    csr.post(
        page,
        rows(
            seen(csr, page),
            {"id": charge.pk, "description": "", "amount": "lots", "remove": "on"},
            initial=1,
        ),
    )

    assert not job.charges.exists()


def test_errors_of_rows_name_the_field_and_save_nothing(csr: Browser, job: WorkOrder) -> None:
    page = url("charges_edit", "FHI624")

    answer = csr.post(
        page,
        rows(
            seen(csr, page),
            {"description": "Inspection", "amount": "329.00"},
            {"description": "Radon", "amount": "12.345"},
            {"description": "", "amount": "5"},
        ),
    )

    assert [list(form.errors) for form in answer.context["formset"]][:3] == [
        [],
        ["amount"],
        ["description"],
    ]
    assert not Charge.objects.exists()


def test_a_form_that_somebody_else_overtook_starts_over(csr: Browser, job: WorkOrder) -> None:
    page = url("charges_edit", "FHI624")
    old = seen(csr, page)
    ChargeFactory(work_order=job, description="Somebody else’s line")

    answer = csr.post(page, rows(old, {"description": "Mine", "amount": "1"}))

    assert "Somebody changed this" in answer.content.decode()
    assert "Somebody else’s line" in answer.content.decode()
    assert [c.description for c in job.charges.all()] == ["Somebody else’s line"]


def test_a_bill_below_zero_is_refused(csr: Browser, job: WorkOrder) -> None:
    page = url("charges_edit", "FHI624")

    answer = csr.post(page, rows(seen(csr, page), {"description": "Off", "amount": "-1"}))

    assert answer.context["problems"] == [
        (
            "The charges add up to less than zero. Lower the discount, or make a credit note of "
            "an issued invoice."
        )
    ]


def test_contacts_are_edited(csr: Browser, job: WorkOrder) -> None:
    tom = ContactFactory(work_order=job, name="Tom")
    page = url("contacts_edit", "FHI624")

    csr.post(
        page,
        rows(
            seen(csr, page),
            {"id": tom.pk, "role": "seller", "name": "Tom"},
            initial=1,
        ),
    )
    unknown_role = list(job.contacts.values_list("role", flat=True))
    csr.post(
        page,
        rows(
            seen(csr, page),
            {"id": tom.pk, "role": "payer", "name": "Tom A", "email": "", "gets_invoices": ""},
            {"role": "buyers_agent", "name": ""},
            initial=1,
        ),
    )

    assert unknown_role == ["buyers_agent"]
    assert [(c.name, c.role) for c in job.contacts.all()] == [("Tom A", "payer")]


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

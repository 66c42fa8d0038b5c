"""Forms of several rows: charges and contacts."""

from decimal import Decimal

from django.test import Client as Browser

from accounts.models import Brand
from tests.factories import ChargeFactory, ContactFactory, ServiceFactory
from tests.workorders.pages import rows, seen, url
from workorders.models import Charge, WorkOrder


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

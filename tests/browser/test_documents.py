"""Pages about what was undone, voided or never billed, and of documents that stay as issued."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Brand
from invoicing.domain import client_credit, issuing
from invoicing.domain.credit_lines import CreditLine
from invoicing.domain.credit_notes import draft_credit_note, issue_credit_note
from invoicing.models import Invoice
from payments.domain.record import Manual, record_payment
from payments.refunds.preview import Owes, refund
from tests.browser.site import Site, settle
from tests.browser.test_pages import RULES, faults, too_wide
from workorders.domain import charges, jobs, people
from workorders.domain.charges import ChargeLine
from workorders.domain.jobs import JobDetails
from workorders.domain.people import NewClient
from workorders.models import WorkOrder, WorkOrderStatus

D = Decimal


def booked(number: str, amount: str = "329.00") -> WorkOrder:
    """A confirmed job of a client with an address, its bill issued."""
    brand = Brand.objects.get(slug="fhi")
    details = JobDetails("2208 North Whispering Meadow Lane, Boise ID")
    client = NewClient("Priya Raman", "priya@example.com", "", "1 Elm Street, Boise", "82-1234567")
    job = jobs.create_work_order(brand, client=client, details=details, number=number)
    job.brand = brand
    charges.replace_charges(brand, job.pk, [ChargeLine("General Home Inspection", D(amount))])
    jobs.set_status(brand, job.pk, WorkOrderStatus.CONFIRMED)
    return job


def refunded(number: str) -> int:
    """The id of a queued refund with its credit note."""
    job = booked(number)
    cash = record_payment(job.brand, job, D("329.00"), Manual(method="cash"), by="Dana")
    row = refund(cash, job, D("100.00"), owes=Owes.LESS, reason="Radon was not done", by="Dana")
    return row.pk


def cancelling() -> str:
    return reverse("refund_cancel", args=["fhi", refunded("FHI901")])


def failing() -> str:
    return reverse("refund_fail", args=["fhi", refunded("FHI902")])


def voiding() -> str:
    job = booked("FHI903")
    invoice = Invoice.objects.get(work_order=job)
    lines = [CreditLine("Goodwill", D("-100.00"))]
    note = draft_credit_note(job.brand, invoice.pk, lines, reason="Goodwill")
    note = issue_credit_note(job.brand, note.pk)
    credit = note.pool.get()
    client_credit.apply_credit(job.brand, credit.pk, invoice.pk, D("100.00"))
    return reverse("invoice_void", args=["fhi", invoice.number])


def _voided(number: str) -> WorkOrder:
    job = booked(number)
    invoice = Invoice.objects.get(work_order=job)
    issuing.void_invoice(job.brand, invoice.pk, reason="Wrong client")
    return job


def to_bill() -> str:
    _voided("FHI904")
    return reverse("work_orders", args=["fhi"]) + "?view=to_bill"


def items_not_issued() -> str:
    _voided("FHI905")
    return reverse("items", args=["fhi"]) + "?show=not_issued"


def job_of_a_void_bill() -> str:
    return reverse("work_order", args=["fhi", _voided("FHI906").number])


def reviving() -> str:
    job = booked("FHI907")
    cash = record_payment(job.brand, job, D("329.00"), Manual(method="cash"), by="Dana")
    refund(cash, job, D("329.00"), owes=Owes.AGAIN, reason="Called off", by="Dana")
    jobs.set_status(job.brand, job.pk, WorkOrderStatus.CANCELLED, reason="Called off")
    return reverse("work_order_status", args=["fhi", job.number, "confirmed"])


def renamed() -> str:
    job = booked("FHI908")
    client = job.client
    people.edit_client(
        job.brand, client.pk, name="Priya Shah", email="", phone="", address="2 Oak Street"
    )
    charges.replace_charges(
        job.brand, job.pk, [ChargeLine("General Home Inspection", D("350.00"))], reason="Larger"
    )
    people.edit_client(job.brand, client.pk, name="Priya Shah-Raman", email="", phone="")
    return reverse("invoice", args=["fhi", job.number])


def client_form() -> str:
    return reverse("client_edit", args=["fhi", booked("FHI909").client_id])


PAGES = (
    *(cancelling, failing, voiding, to_bill, items_not_issued, job_of_a_void_bill),
    *(reviving, renamed, client_form),
)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.__name__)
def test_fits_and_is_accessible(site: Site, own_copy: None, path: Callable[[], str]) -> None:
    page = site.visit(path(), "marcus")
    wide = {}
    for width in (640, 320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        settle(page)
        wide[width] = too_wide(page)

    assert wide == {640: [], 320: [], 1280: []}
    assert faults(page, type="tag", values=RULES) == []

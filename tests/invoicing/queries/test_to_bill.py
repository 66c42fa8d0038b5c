"""What is on no issued invoice: drafts, void bills, jobs cancelled before they were confirmed."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client as Browser
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Brand, Role
from invoicing.domain import follow_charges, issuing
from invoicing.models import Invoice
from invoicing.queries import balances, items, to_bill
from invoicing.queries.settlements import line_of_charge
from tests.factories import BrandFactory, WorkOrderFactory
from tests.html import one_line
from tests.invoicing.billed_jobs import add, billed, charge, confirm, line
from tests.invoicing.browsing import SignIn
from workorders.domain import jobs
from workorders.domain.charges import ChargeLine
from workorders.models import WorkOrder, WorkOrderStatus

D = Decimal
LIST = "/b/fhi/work-orders/"


def waits(job: WorkOrder) -> Decimal:
    return to_bill.of_jobs(job.brand, [job.pk]).get(job.pk, D(0))


def voided(job: WorkOrder, *amounts: str) -> Invoice:
    invoice = billed(job, *amounts)
    return issuing.void_invoice(job.brand, invoice.pk, reason="Wrong client")


def test_a_draft_waits_until_it_is_issued(job: WorkOrder) -> None:
    charge(job, line("329.00"))
    before = waits(job)
    confirm(job)

    assert (before, waits(job)) == (D("329.00"), D(0))


def test_the_charges_of_a_void_bill_wait_until_they_are_billed_again(job: WorkOrder) -> None:
    voided(job, "300.00", "29.00")
    before = waits(job), to_bill.of_void_bills(job.brand, job.pk)

    issuing.issue_bill(job.brand, job.pk)

    assert before == (D("329.00"), D("329.00"))
    assert (waits(job), to_bill.of_void_bills(job.brand, job.pk)) == (D(0), D(0))


def test_tax_is_part_of_what_waits(job: WorkOrder) -> None:
    charge(job, ChargeLine("Radon", D("10.00"), tax_name="Tax", tax_percent=D("8.25")))
    confirm(job)
    issuing.void_invoice(job.brand, Invoice.objects.get().pk, reason="Wrong client")

    assert waits(job) == D("10.83")


def test_a_draft_next_to_an_issued_bill_waits_and_the_bill_does_not(job: WorkOrder) -> None:
    billed(job, "329.00")
    issuing.bill_separately(job.brand, job.pk, [line("60.00")])

    assert (waits(job), to_bill.of_void_bills(job.brand, job.pk)) == (D("60.00"), D(0))


def test_a_job_cancelled_before_it_was_confirmed_waits(job: WorkOrder) -> None:
    charge(job, line("329.00"))
    jobs.set_status(job.brand, job.pk, WorkOrderStatus.CANCELLED, reason="Booked twice")

    assert waits(job) == D("329.00")


def test_what_costs_nothing_and_other_brands_are_not_listed(brand: Brand, job: WorkOrder) -> None:
    charge(job, line("0.00"))
    other = WorkOrderFactory(brand=BrandFactory())
    charge(other, line("5.00"))

    assert to_bill.count(brand) == 0
    assert to_bill.count(other.brand) == 1


# Pages -------------------------------------------------------------------------------------------


@pytest.fixture
def csr(sign_in: SignIn) -> Browser:
    return sign_in(Role.CSR)


def text(csr: Browser, url: str) -> str:
    return one_line(csr.get(url).content.decode())


def test_the_list_of_jobs_to_bill(csr: Browser, brand: Brand, job: WorkOrder) -> None:
    voided(job, "329.00")
    billed(WorkOrderFactory(brand=brand, number="FHI700"), "50.00")

    page = csr.get(LIST, {"view": "to_bill"})
    searched = csr.get(LIST, {"view": "to_bill", "q": "FHI700"})

    assert [(r.job.number, r.to_bill) for r in page.context["rows"]] == [("FHI624", D("329.00"))]
    assert "329.00</span> not issued yet" in one_line(page.content.decode())
    views = {view["label"]: view["count"] for view in page.context["views"]}
    assert views["To bill"] == 1
    assert list(searched.context["rows"]) == []


def test_an_empty_list_says_what_would_be_there(csr: Browser, job: WorkOrder) -> None:
    billed(job, "329.00")

    assert "Nothing waits to be billed" in text(csr, f"{LIST}?view=to_bill")


def test_the_pages_of_a_job_its_client_and_items(csr: Browser, job: WorkOrder) -> None:
    voided(job, "329.00")

    job_page = text(csr, reverse("work_order", args=["fhi", "FHI624"]))
    client = csr.get(reverse("client", args=["fhi", job.client_id]))
    figures = {f["label"]: (f["amount"], f["note"]) for f in client.context["figures"]}
    items_page = text(csr, reverse("items", args=["fhi"]) + "?show=not_issued")

    assert "$329.00 of charges, which a void invoice billed, are on no invoice now." in job_page
    assert "Bill again…" in job_page
    assert figures["Not issued yet"] == (D("329.00"), "329.00 of void invoices")
    assert "329.00</span> not issued yet" in one_line(client.content.decode())
    assert "$329.00 to bill" in items_page
    assert "Not invoiced" in items_page


def test_a_void_bill_next_to_an_issued_one_is_billed_again_too(
    csr: Browser, job: WorkOrder
) -> None:
    billed(job, "329.00")
    issuing.bill_separately(job.brand, job.pk, [line("60.00")])
    second = issuing.issue_bill(job.brand, job.pk)
    issuing.void_invoice(job.brand, second.pk, reason="Wrong amount")

    page = text(csr, reverse("work_order", args=["fhi", "FHI624"]))
    csr.post(reverse("invoice_issue", args=["fhi", second.number]))

    assert "$60.00 of charges, which a void invoice billed" in page
    assert waits(job) == D(0)


# In any order ------------------------------------------------------------------------------------


class _Undo(Exception):
    """Take everything back."""


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "separate", "issue", "void", "confirm", "cancel", "pend"]),
        st.integers(1, 40_000),
    ),
    max_size=10,
)
STATUS = {"confirm": "confirmed", "cancel": "cancelled", "pend": "pending"}


def _step(job: WorkOrder, verb: str, cents: int) -> None:
    amount = str(D(cents).scaleb(-2))
    if verb == "add":
        add(job, line(amount), reason="More")
    elif verb == "separate":
        issuing.bill_separately(job.brand, job.pk, [line(amount)])
    elif verb == "issue":
        issuing.issue_bill(job.brand, job.pk)
    elif verb == "void":
        rows = list(Invoice.objects.filter(work_order=job).order_by("pk"))
        if rows:
            pk = rows[cents % len(rows)].pk
            issuing.void_invoice(job.brand, pk, reason="Wrong")
    else:
        jobs.set_status(job.brand, job.pk, WorkOrderStatus(STATUS[verb]), reason="So it is")


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_every_charge_is_on_an_issued_bill_or_waits(
    job: WorkOrder, steps: list[tuple[str, int]]
) -> None:
    try:
        with transaction.atomic():
            for step in steps:
                try:
                    with transaction.atomic():
                        _step(job, *step)
                except ValidationError:
                    continue
            documents = follow_charges.read(job)
            on_bills = documents.billed_by("issued")  # type: ignore[arg-type]
            lines = [line_of_charge(c, "USD") for c in documents.charges if c.pk not in on_bills]
            whole = sum((x.amount + x.tax_amount for x in lines), D(0))
            assert waits(job) == whole
            money = balances.of_clients(job.brand, [job.client_id])[job.client_id]
            assert money.unissued == whole
            assert items.overview(job.brand).lists["not_issued"].total == whole
            raise _Undo
    except _Undo:
        pass

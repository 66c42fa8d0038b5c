"""Clients, and one client with what they owe, paid and did."""

from decimal import Decimal

from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Brand
from activity.projection import project_pending
from core import clock
from invoicing.domain import issuing
from invoicing.models import ClientCredit, InvoiceBalance
from payments.models import PaymentAllocation
from tests.console.settled_jobs import settle
from tests.factories import (
    ChargeFactory,
    ClientFactory,
    NoteFactory,
    PaymentFactory,
    WorkOrderFactory,
)
from tests.tripwire import unsettled
from workorders.domain.charges import ChargeLine


def test_clients_come_by_name_with_their_jobs(csr: Browser, brand: Brand) -> None:
    jo = ClientFactory(brand=brand, name="Jo", email="jo@x.org")
    WorkOrderFactory(brand=brand, client=jo)
    WorkOrderFactory(brand=brand, client=jo)
    ann = ClientFactory(brand=brand, name="Ann")
    ClientFactory(name="Elsewhere")

    rows = csr.get("/b/fhi/clients/").context["rows"]

    assert [(row.client, row.jobs) for row in rows] == [(ann, 0), (jo, 2)]
    matches = csr.get("/b/fhi/clients/", {"q": "JO@X"}).context["rows"]
    assert [row.client for row in matches] == [jo]


def test_what_a_client_owes_is_the_sum_of_their_jobs(csr: Browser, brand: Brand) -> None:
    jo = ClientFactory(brand=brand, name="Jo")
    for billed, paid, issue in [
        ("400.00", "150.00", True),
        ("100.00", "", True),
        ("90.00", "", False),
        ("50.00", "80.00", True),
    ]:
        job = WorkOrderFactory(brand=brand, client=jo)
        ChargeFactory(work_order=job, amount=Decimal(billed))
        if paid:
            PaymentFactory(work_order=job, amount=Decimal(paid))
        settle(job, issue=issue)
    ClientCredit.objects.create(
        brand=brand,
        client=jo,
        kind="prepayment",
        amount=Decimal("300.00"),
        used=Decimal("100.00"),
        happened_at=clock.now(),
    )

    page = csr.get(reverse("client", args=["fhi", jo.pk])).context
    listed = csr.get("/b/fhi/clients/").context["rows"][0].money

    figures = {figure["label"]: figure["amount"] for figure in page["figures"]}
    assert figures == {
        "Owes": Decimal("350.00"),
        "Not issued yet": Decimal("90.00"),
        "Overpaid": Decimal("30.00"),
        "Credit": Decimal("200.00"),
    }
    rows = [row.money for row in page["rows"]]
    issued = [m.amount_due for m in rows if m.status == "issued"]
    assert sum(issued) == figures["Owes"]
    assert sum(m.amount_due for m in rows if m.status == "draft") == figures["Not issued yet"]
    assert -sum(m.balance for m in rows if m.balance < 0) == figures["Overpaid"]
    assert sum(standing.left for standing in page["credits"]) == figures["Credit"]
    assert (listed.owed, listed.credit) == (Decimal("350.00"), Decimal("200.00"))


def test_a_draft_next_to_an_issued_invoice_counts_as_not_issued(csr: Browser, brand: Brand) -> None:
    jo = ClientFactory(brand=brand, name="Jo")
    job, fresh = (WorkOrderFactory(brand=brand, client=jo) for _ in range(2))
    ChargeFactory(work_order=job, amount=Decimal("400.00"))
    settle(job)
    issuing.bill_separately(brand, job.pk, [ChargeLine("Pool check", Decimal("60.00"))])
    ChargeFactory(work_order=fresh, amount=Decimal("90.00"))
    settle(fresh, issue=False)

    page = csr.get(reverse("client", args=["fhi", jo.pk])).context

    figures = {figure["label"]: figure for figure in page["figures"]}
    assert figures["Owes"]["amount"] == Decimal("400.00")
    assert figures["Not issued yet"]["amount"] == Decimal("150.00")
    assert figures["Not issued yet"]["note"] == "on drafts, 60.00 next to issued invoices"
    drafts = [m.amount_due for m in (row.money for row in page["rows"]) if m.status == "draft"]
    beside = InvoiceBalance.objects.filter(invoice__work_order=job, invoice__status="draft")
    assert sum(drafts) + sum(b.amount_due for b in beside) == figures["Not issued yet"]["amount"]


def test_a_client_shows_jobs_payments_and_newest_payment_activity(
    csr: Browser, brand: Brand
) -> None:
    jo = ClientFactory(brand=brand, name="Jo")
    job = WorkOrderFactory(brand=brand, client=jo)
    elsewhere = WorkOrderFactory(brand=brand)
    own = PaymentFactory(work_order=job, amount=Decimal("329.00"))
    shared = PaymentFactory(work_order=elsewhere, amount=Decimal("600.00"))
    with unsettled():
        PaymentAllocation.objects.create(
            brand=brand,
            payment=shared,
            work_order=job,
            amount=Decimal("300.00"),
            services_amount=Decimal("300.00"),
            status="completed",
            payment_label="x",
            happened_at=shared.happened_at,
        )
    NoteFactory(work_order=job)
    settle(job)
    project_pending()

    context = csr.get(reverse("client", args=["fhi", jo.pk])).context

    assert [row.job for row in context["rows"]] == [job]
    assert context["rows"][0].money.received == Decimal("629.00")
    assert set(context["payments"]) == {own, shared}
    rows = [item for _, day in context["feed"] for item in day]
    assert rows
    assert {item.job_number for item in rows} == {job.number}
    assert not any("note" in item.row.code for item in rows)


def test_another_brands_client_does_not_exist(csr: Browser) -> None:
    assert csr.get(reverse("client", args=["fhi", ClientFactory().pk])).status_code == 404

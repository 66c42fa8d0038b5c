"""The brand's payments: filters, sums, spreadsheet."""

import csv
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client as Browser

from accounts.models import Brand
from core import clock, moments
from payments.models import Payment
from tests.factories import PaymentFactory, RefundFactory, WorkOrderFactory
from workorders.models import WorkOrder

LIST = "/b/fhi/payments/"


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    return WorkOrderFactory(brand=brand, number="FHI624", client__name="Priya Raman")


def listed(browser: Browser, **query: str) -> list[Payment]:
    return list(browser.get(LIST, query).context["payments"])


def test_sums_are_those_of_the_filter(csr: Browser, job: WorkOrder) -> None:
    card = PaymentFactory(
        work_order=job, method="card", amount=Decimal("340.52"), fee_amount=Decimal("11.52")
    )
    RefundFactory(payment=card, amount=Decimal("211.14"))
    RefundFactory(payment=card, amount=Decimal("5.00"), status="failed")
    PaymentFactory(work_order=job, amount=Decimal("100.00"), status="pending")
    PaymentFactory(work_order=job, amount=Decimal("50.00"), status="disputed")
    PaymentFactory(work_order=job, amount=Decimal("7.00"), status="voided")
    PaymentFactory(amount=Decimal("999.00"))

    everything = csr.get(LIST).context["figures"]
    cards = csr.get(LIST, {"method": "card"}).context["figures"]

    assert [f["amount"] for f in everything] == [
        Decimal("390.52"),
        Decimal("211.14"),
        Decimal("100.00"),
        Decimal("7.00"),
    ]
    assert [f["amount"] for f in cards] == [
        Decimal("340.52"),
        Decimal("211.14"),
        Decimal("0.00"),
        Decimal("0.00"),
    ]


def test_filters_choose_payments(csr: Browser, job: WorkOrder) -> None:
    today = moments.today(job.brand.time_zone)
    pending = PaymentFactory(work_order=job, status="pending")
    cash = PaymentFactory(work_order=job, method="cash")
    settled = PaymentFactory(work_order=job, provider="stripe", reconciled_at=clock.now())
    due = PaymentFactory(work_order=job, follow_up_on=today - timedelta(days=2))
    later = PaymentFactory(work_order=job, follow_up_on=today + timedelta(days=9))

    assert listed(csr, status="pending") == [pending]
    assert listed(csr, method="cash") == [cash]
    assert listed(csr, provider="stripe") == [settled]
    assert listed(csr, reconciled="yes") == [settled]
    assert settled not in listed(csr, reconciled="no")
    assert listed(csr, follow_up="due") == [due]
    assert set(listed(csr, follow_up="any")) == {due, later}
    assert listed(csr, since=str(today + timedelta(days=2))) == []


def test_status_chips_count_what_the_other_filters_leave(csr: Browser, job: WorkOrder) -> None:
    PaymentFactory(work_order=job, method="cash")
    PaymentFactory(work_order=job, method="cash", status="pending")
    PaymentFactory(work_order=job, method="card", status="failed")

    chips = csr.get(LIST, {"method": "cash", "status": "pending"}).context["chips"]

    assert [(c.label, c.count, c.active) for c in chips] == [
        ("All", 2, False),
        ("Pending", 1, True),
        ("Received", 1, False),
    ]


def test_the_spreadsheet_holds_the_filtered_list_and_no_formula(
    csr: Browser, job: WorkOrder
) -> None:
    PaymentFactory(
        work_order=job,
        method="check",
        reference="1234",
        payer_name="=HYPERLINK(A1)",
        amount=Decimal("340.52"),
        fee_amount=Decimal("11.52"),
    )
    PaymentFactory(work_order=job, method="cash")
    PaymentFactory(method="check")

    answer = csr.get("/b/fhi/payments.csv", {"method": "check"})

    assert answer.streaming
    rows = list(csv.DictReader(answer.getvalue().decode().splitlines()))
    assert len(rows) == 1
    row = rows[0]
    assert (row["Payment"], row["Client"], row["Payer"]) == (
        "FHI624-P-1",
        "Priya Raman",
        "'=HYPERLINK(A1)",
    )
    assert (row["Amount"], row["Services"], row["Technology fee"], row["Reference"]) == (
        "340.52",
        "329.00",
        "11.52",
        "1234",
    )


def test_the_link_to_the_spreadsheet_keeps_the_filter(csr: Browser, job: WorkOrder) -> None:
    page = csr.get(LIST, {"method": "check", "after": "x"})

    assert page.context["csv_url"] == "/b/fhi/payments.csv?method=check"


def test_an_empty_list_says_so(csr: Browser) -> None:
    assert "No payments yet" in csr.get(LIST).content.decode()
    assert "No payments match" in csr.get(LIST, {"status": "failed"}).content.decode()

"""What people do to an invoice on its pages: issue, void, change the due date, bill more."""

from datetime import timedelta
from decimal import Decimal

from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Brand
from invoicing.domain import client_credit, issuing
from invoicing.models import ClientCredit, Invoice
from tests.invoicing.billed_jobs import (
    D,
    billed,
    charge,
    figures,
    invoices,
    line,
    nets,
    paid,
    post,
)
from workorders.domain.charges import charges_fingerprint
from workorders.models import WorkOrder


def url(name: str, number: str = "FHI624") -> str:
    return reverse(name, args=["fhi", number])


def rows(browser: Browser, number: str = "FHI624") -> list[tuple[str, str]]:
    """What the ledger shows: label and running balance."""
    answer = browser.get(url("invoice", number))
    return [(row.label, f"{row.balance:.2f}") for row in answer.context["rows"]]


def buttons(browser: Browser, number: str = "FHI624") -> dict[str, str]:
    """Label → why not."""
    answer = browser.get(url("invoice", number))
    return {a["label"]: a["why_not"] for a in answer.context["actions"]}


def test_issue_now(csr: Browser, job: WorkOrder) -> None:
    charge(job, line("329.00"))

    assert "Issue FHI624, $329.00" in csr.get(url("invoice_issue")).content.decode()
    answer = csr.post(url("invoice_issue"))

    assert answer.headers["Location"] == url("invoice")
    assert invoices(job) == {"FHI624": "issued"}
    # A second click changes nothing.
    assert "issued already" in csr.post(url("invoice_issue")).content.decode()
    assert Invoice.objects.count() == 1


def test_bill_again_after_a_void(csr: Browser, job: WorkOrder, brand: Brand) -> None:
    issuing.void_invoice(brand, billed(job, "329.00").pk, reason="Wrong client")

    answer = csr.post(url("invoice_issue"))

    assert answer.headers["Location"] == url("invoice", "FHI624-2")
    csr.post(url("invoice_issue"))
    assert invoices(job) == {"FHI624": "void", "FHI624-2": "issued"}


def test_void_asks_why_and_says_what_returns(
    billing: Browser, csr: Browser, job: WorkOrder, brand: Brand
) -> None:
    invoice = billed(job, "329.00")
    credit = ClientCredit.objects.create(
        brand=brand,
        client=job.client,
        kind="prepayment",
        amount=D("300"),
        label="Check 1234",
        happened_at=job.happened_at,
    )
    client_credit.apply_credit(brand, credit.pk, invoice.pk, D("120"))
    page = billing.get(url("invoice_void")).content.decode()
    assert "Check 1234" in page
    assert "120.00" in page
    assert "Void FHI624, $329.00" in page

    assert billing.post(url("invoice_void"), {"reason": ""}).status_code == 200
    assert invoices(job) == {"FHI624": "issued"}
    assert csr.post(url("invoice_void"), {"reason": "Wrong"}).status_code == 403
    billing.post(url("invoice_void"), {"reason": "Wrong client"})

    assert invoices(job) == {"FHI624": "void"}
    credit.refresh_from_db()
    assert client_credit.left_of(credit) == D("300")


def test_void_with_money_is_refused_by_the_page_too(billing: Browser, job: WorkOrder) -> None:
    billed(job, "329.00")
    post(job, paid("10.00"))

    answer = billing.post(url("invoice_void"), {"reason": "Wrong client"})

    assert "$10.00 is held on it" in answer.content.decode()
    assert "<button" in answer.content.decode()
    assert invoices(job) == {"FHI624": "issued"}
    assert nets(job) == {"payment:1": (Decimal(10), Decimal(0))}


def test_the_due_date_moves_with_a_reason(billing: Browser, job: WorkOrder) -> None:
    invoice = billed(job, "329.00")
    assert invoice.due_on is not None
    later = invoice.due_on + timedelta(days=20)

    assert billing.post(url("invoice_due"), {"due_on": later.isoformat()}).status_code == 200
    early = {"due_on": (later - timedelta(days=99)).isoformat(), "reason": "x"}
    assert "before the invoice" in billing.post(url("invoice_due"), early).content.decode()
    billing.post(url("invoice_due"), {"due_on": later.isoformat(), "reason": "Closing moved"})

    invoice.refresh_from_db()
    assert invoice.due_on == later
    assert "Closing moved" in billing.get(url("invoice")).content.decode()


def test_extra_work_is_billed_separately(csr: Browser, job: WorkOrder) -> None:
    billed(job, "329.00")
    seen = charges_fingerprint(list(job.charges.all()))
    rows_ = {
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "0",
        "form-0-description": "Radon",
        "form-0-amount": "100.00",
        "form-0-service_type": "standard",
    }

    outdated = csr.post(url("invoice_separate"), {**rows_, "fingerprint": "old"})
    assert "Somebody changed this" in outdated.content.decode()
    answer = csr.post(url("invoice_separate"), {**rows_, "fingerprint": seen})

    assert answer.headers["Location"] == url("invoice", "FHI624-2")
    assert invoices(job) == {"FHI624": "issued", "FHI624-2": "draft"}
    assert figures(job)[0] == "329.00"  # the draft is next to an issued invoice

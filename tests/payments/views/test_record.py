"""Recording a payment asks first where it may be here already, or is more than what is due."""

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Brand, Role
from payments.domain import record
from payments.domain.record import Manual
from payments.models import Payment
from tests.factories import MembershipFactory, WorkOrderFactory
from tests.html import fields_of, one_line, post_forms
from tests.payments.conftest import D
from workorders.models import WorkOrder

URL = "/b/fhi/work-orders/FHI624/payments/new/"


@pytest.fixture
def csr(brand: Brand) -> Browser:
    browser = Browser()
    browser.force_login(MembershipFactory(brand=brand, role=Role.CSR).user)
    return browser


def form_of(page: Any) -> dict[str, str]:
    return fields_of(post_forms(page.content.decode().partition("<main")[2])[0])


def test_the_payment_that_is_here_is_shown_with_its_link(csr: Browser, bill: WorkOrder) -> None:
    check = Manual(method="check", reference="1234")
    record.record_payment(bill.brand, bill, D(100), check, by="Dana")
    sent = {**form_of(csr.get(URL)), "amount": "100.00", "reference": "1234"}

    page = csr.post(URL, sent)
    html = one_line(page.content.decode())

    assert page.status_code == 200
    assert Payment.objects.count() == 1
    assert "Check 1234 of $100.00 is recorded already: FHI624-P-1" in html
    assert '<a href="/b/fhi/payments/FHI624-P-1/">Open FHI624-P-1</a>' in html
    assert "Nothing is recorded yet." in html
    assert "Record $100.00 all the same?" in html

    done = csr.post(URL, form_of(page))
    again = csr.post(URL, form_of(page))

    assert done["Location"] == again["Location"] == reverse("work_order", args=["fhi", "FHI624"])
    assert Payment.objects.count() == 2


def test_what_was_typed_can_be_changed(csr: Browser, bill: WorkOrder) -> None:
    sent = {**form_of(csr.get(URL)), "amount": "530.00", "reference": "1234", "note": "Two <b>"}

    page = csr.post(URL, sent)
    html = one_line(page.content.decode())
    form = csr.post(URL, {**form_of(page), "change": "1"})

    assert "$530.00 is $30.00 more than what is due on FHI624: $500.00." in html
    assert not Payment.objects.exists()
    assert form_of(form) | {"csrfmiddlewaretoken": "", "form_token": ""} == {
        **{n: v for n, v in sent.items() if n not in ("csrfmiddlewaretoken", "form_token")},
        "csrfmiddlewaretoken": "",
        "form_token": "",
    }
    assert csr.post(URL, {**form_of(form), "amount": "500.00"}).status_code == 302


def test_an_answer_from_elsewhere_is_none(csr: Browser, bill: WorkOrder) -> None:
    sent = {**form_of(csr.get(URL)), "amount": "530.00", "reference": "1234", "answer": "yes"}

    assert csr.post(URL, sent).status_code == 200
    assert not Payment.objects.exists()


def test_one_check_over_several_jobs_asks_for_each(
    csr: Browser, brand: Brand, bill: WorkOrder
) -> None:
    other = WorkOrderFactory(brand=brand, number="FHI700")
    url = reverse("payment_record_many", args=["fhi"])
    sent = {**form_of(csr.get(url)), "total": "600.00", "reference": "1234"}
    sent |= {"jobs-0-work_order": "FHI624", "jobs-0-amount": "500.00"}
    sent |= {"jobs-1-work_order": other.number, "jobs-1-amount": "100.00"}

    page = csr.post(url, sent)

    assert "Nothing is due on FHI700: all of $100.00" in one_line(page.content.decode())
    assert not Payment.objects.exists()
    assert csr.post(url, form_of(page)).status_code == 302
    assert Payment.objects.get().allocations.count() == 2

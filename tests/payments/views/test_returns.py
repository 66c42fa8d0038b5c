"""The page of a return by the bank, and what the other pages say of it."""

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Brand, Role
from payments.domain import record, returns
from payments.domain.record import Manual
from payments.domain.returns import Returned
from payments.models import Payment, ReturnReason
from tests.factories import MembershipFactory
from tests.html import fields_of, one_line, post_forms
from tests.payments.conftest import D
from tests.payments.domain.test_returns import DAY, billed, bounced, check
from workorders.models import WorkOrder


@pytest.fixture
def csr(brand: Brand) -> Browser:
    browser = Browser()
    browser.force_login(MembershipFactory(brand=brand, role=Role.CSR).user)
    return browser


def url(name: str, number: str = "FHI624-P-1") -> str:
    return reverse(name, args=["fhi", number])


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return one_line(answer.content.decode())


def form_of(answer: Any) -> dict[str, str]:
    return fields_of(post_forms(answer.content.decode().partition("<main")[2])[0])


def test_it_is_confirmed_with_the_amounts(csr: Browser, bill: WorkOrder) -> None:
    check(bill, "500.00")
    page = csr.get(url("payment_return"))
    html = text(page)

    assert "Did the bank return $500.00?" in html
    assert "Balance of FHI624 afterwards" in html
    assert '<b class="num">$500.00</b>' in html
    assert "Check 1234 was returned: $500.00" in html
    sent = {**form_of(page), "returned_on": DAY.isoformat(), "bank_fee": "35"}

    done = csr.post(url("payment_return"), sent)

    payment = Payment.objects.get()
    assert done["Location"] == url("payment")
    assert (payment.status, payment.returned_on, payment.return_reason) == (
        "returned",
        DAY,
        "funds",
    )
    after = text(csr.get(done["Location"]))
    assert "Returned by the bank" in after
    assert "Charged back" not in after
    assert "9 Mar 2026 · Not enough money (NSF)" in after
    job = text(csr.get(reverse("work_order", args=["fhi", "FHI624"])))
    assert "$500.00 that" in job and "was returned by the bank" in job
    assert "Check 1234 returned by the bank" in job
    assert "$535.00" in job


def test_without_a_look_nothing_is_done(csr: Browser, bill: WorkOrder) -> None:
    check(bill, "500.00")

    page = csr.post(url("payment_return"), {"returned_on": DAY.isoformat(), "why": "funds"})

    assert "Somebody changed this in the meantime" in text(page)
    assert Payment.objects.get().status == "completed"


def test_what_is_wrong_is_said_at_its_field(csr: Browser, bill: WorkOrder) -> None:
    check(bill, "500.00")
    sent = {**form_of(csr.get(url("payment_return"))), "returned_on": "2026-03-01", "why": "other"}

    first = csr.post(url("payment_return"), sent)
    second = csr.post(url("payment_return"), {**sent, "note": "Torn"})

    assert first.context["form"].errors == {"note": ["Say why the bank returned it."]}
    assert list(second.context["form"].errors) == ["returned_on"]


def test_every_job_is_shown(csr: Browser, brand: Brand) -> None:
    one, other = billed(brand, "FHI704", "120.00"), billed(brand, "FHI714", "130.00")
    shares = [(one, D(120)), (other, D(130))]
    record.record_check_over(brand, shares, Manual("check", reference="1243"), by="Dana")

    html = text(csr.get(url("payment_return", "FHI704-P-1")))

    assert "Balance of FHI704 now" in html and "Balance of FHI714 now" in html


def test_a_mistake_is_undone(csr: Browser, bill: WorkOrder) -> None:
    bounced(check(bill, "500.00"))
    assert "Not returned after all" in text(csr.get(url("payment")))
    assert "$500.00 was not returned" in text(csr.get(url("payment_undo_return")))

    done = csr.post(url("payment_undo_return"), {"reason": "It was check 1243"})

    assert done["Location"] == url("payment")
    assert Payment.objects.get().status == "completed"


def test_void_is_for_mistakes_and_names_the_other_verb(csr: Browser, bill: WorkOrder) -> None:
    check(bill, "400.00")
    record.record_payment(bill.brand, bill, D(100), Manual("cash"), by="Dana")

    of_check, of_cash = (text(csr.get(url("payment_void", f"FHI624-P-{n}"))) for n in (1, 2))

    assert "Void is for what was entered by mistake." in of_check
    assert f'<a href="{url("payment_return")}">Returned by the bank</a>' in of_check
    assert "Returned by the bank" not in of_cash
    assert "Returned by the bank" not in text(csr.get(url("payment", "FHI624-P-2")))


def test_what_cannot_be_returned_says_why(csr: Browser, bill: WorkOrder) -> None:
    payment = check(bill, "500.00")
    returns.return_payment(payment, Returned(DAY, ReturnReason.STOPPED))

    assert "This payment is returned by the bank" in text(csr.get(url("payment_return")))


def test_lists_and_search_say_returned_by_the_bank(csr: Browser, bill: WorkOrder) -> None:
    bounced(check(bill, "500.00"))

    page = text(csr.get(reverse("payments", args=["fhi"])))

    assert "Returned by the bank" in page

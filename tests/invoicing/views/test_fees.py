"""The pages of the technology fee."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Brand, Role
from core import clock
from invoicing.domain.fees import add_policy
from invoicing.models import FeeDecision, FeePolicy
from invoicing.queries.prices import prices
from invoicing.queries.settlements import job_settlement
from tests.factories import MembershipFactory
from tests.invoicing.billed_jobs import billed
from tests.invoicing.domain.test_fee_decisions import KEY, pay
from workorders.models import WorkOrder

D = Decimal
FEE = {
    "kind": "fee",
    "percent": "3.59",
    "fundings": ["credit"],
    "uncollected": "absorb",
    "sample": "500.00",
}


def url(name: str, *args: object) -> str:
    return reverse(name, args=["fhi", *args])


def page(browser: Browser, address: str, **data: Any) -> str:
    answer = browser.post(address, data) if data else browser.get(address)
    assert answer.status_code == 200, answer.status_code
    return unescape(answer.content.decode())


def member(brand: Brand, role: Role, name: str) -> Browser:
    browser = Browser()
    browser.force_login(MembershipFactory(brand=brand, role=role, user__name=name).user)
    return browser


@pytest.fixture
def admin(brand: Brand) -> Browser:
    return member(brand, Role.ADMIN, "Ada Quinn")


@pytest.fixture
def billing(brand: Brand) -> Browser:
    return member(brand, Role.BILLING, "Dana Whitfield")


def previewed(html: str) -> str:
    match = re.search(r'name="previewed" value="([^"]*)"', html)
    assert match, "no preview is shown"
    return match[1]


def saved(browser: Browser, **changes: Any) -> Any:
    """Preview, then save what was previewed."""
    html = page(browser, url("fee_new"), **{**FEE, **changes, "step": "preview"})
    return browser.post(
        url("fee_new"), {**FEE, **changes, "step": "save", "previewed": previewed(html)}
    )


# Settings --------------------------------------------------------------------------------------


def test_a_fee_is_previewed_before_it_is_saved(admin: Browser, brand: Brand) -> None:
    html = page(admin, url("fee_new"), **FEE, step="preview")

    assert "$500.00</b> of services cost" in html
    assert "$517.95 by credit card" in html
    assert "$500.00 by debit card, prepaid card, check, bank or cash" in html
    assert not FeePolicy.objects.exists()

    answer = saved(admin)

    assert answer.headers["Location"] == url("fee_settings")
    made = FeePolicy.objects.get()
    assert (made.percent, made.fundings, made.created_by) == (D("3.59"), ["credit"], "Ada Quinn")


def test_the_sample_is_the_persons_own(admin: Browser, brand: Brand) -> None:
    html = page(admin, url("fee_new"), **{**FEE, "sample": "1,000"}, step="preview")

    assert "$1,035.90 by credit card" in html


def test_what_was_not_previewed_is_not_saved(admin: Browser, brand: Brand) -> None:
    seen = previewed(page(admin, url("fee_new"), **FEE, step="preview"))

    html = page(admin, url("fee_new"), **{**FEE, "percent": "9"}, step="save", previewed=seen)

    assert "$545.00 by credit card" in html
    assert not FeePolicy.objects.exists()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"percent": "101"}, "is not a percentage"),
        ({"percent": ""}, "This fee is zero"),
        ({"fixed": "0.305"}, "too many decimals"),
        ({"fixed": "2", "cap": "1"}, "cannot be less than the fixed part"),
        ({"fundings": []}, "Choose the cards"),
        ({"sample": "-5"}, "More than nothing"),
        ({"sample": "abc"}, "is not an amount"),
    ],
)
def test_an_error_is_shown_next_to_its_field(
    changes: dict[str, Any], error: str, admin: Browser, brand: Brand
) -> None:
    html = page(admin, url("fee_new"), **{**FEE, **changes}, step="preview")

    assert error in html
    assert 'name="previewed"' not in html
    assert not FeePolicy.objects.exists()


def test_a_later_fee_is_planned_and_removed(admin: Browser, brand: Brand) -> None:
    later = (clock.now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")
    saved(admin)
    saved(admin, percent="4", effective_from=later)
    coming = FeePolicy.objects.get(percent=4)

    assert "Planned" in page(admin, url("fee_settings"))
    assert "Remove the planned fee?" in page(admin, url("fee_remove", coming.pk))
    admin.post(url("fee_remove", coming.pk))

    assert not FeePolicy.objects.filter(pk=coming.pk).exists()


def test_a_fee_in_force_is_not_removed_by_page(admin: Browser, brand: Brand) -> None:
    saved(admin)
    row = FeePolicy.objects.get()

    html = page(admin, url("fee_remove", row.pk))
    answer = admin.post(url("fee_remove", row.pk), follow=True)

    assert "This fee is in force" in html and "button-danger" not in html
    assert "Add another one instead" in answer.content.decode()
    assert FeePolicy.objects.exists()


def test_the_past_is_the_first_ones_only(admin: Browser, brand: Brand) -> None:
    saved(admin, effective_from="2020-01-01T00:00")

    html = page(admin, url("fee_new"), **FEE, effective_from="2021-01-01T00:00", step="preview")

    assert "A fee begins now or later" in html
    assert FeePolicy.objects.get().effective_from.isoformat() == "2020-01-01T07:00:00+00:00"


def test_no_fee_from_a_date_on(admin: Browser, brand: Brand) -> None:
    saved(admin)
    html = page(admin, url("fee_new"), kind="none", uncollected="absorb", step="preview")
    data = {"kind": "none", "uncollected": "absorb", "step": "save"}
    admin.post(url("fee_new"), {**data, "previewed": previewed(html)})

    shown = page(admin, url("fee_settings"))

    assert "No technology fee" in shown and "Earlier" in shown
    assert "3.59%, on credit cards" in shown


def test_billing_sees_the_fee_and_does_not_change_it(
    admin: Browser, billing: Browser, brand: Brand
) -> None:
    saved(admin, uncollected="bill")

    html = page(billing, f"{url('fee_settings')}?sample=200")

    assert "3.59%, on credit cards" in html
    assert "$207.18 by credit card" in html
    assert url("fee_new") not in html
    assert billing.get(url("fee_new")).status_code == 403
    assert "the client is <b>billed</b>" in html


def test_a_sample_that_is_no_amount_is_an_error(billing: Browser, brand: Brand) -> None:
    assert "is not an amount" in page(billing, f"{url('fee_settings')}?sample=lots")


# Waive and bill ----------------------------------------------------------------------------------


@pytest.fixture
def paid(job: WorkOrder) -> WorkOrder:
    billed(job, "500.00")
    pay(job, "500.00", "17.95")
    return job


@pytest.mark.parametrize(("name", "verb"), [("fee_waive", "Waive"), ("fee_bill", "Bill")])
def test_the_button_carries_the_amount(
    name: str, verb: str, billing: Browser, paid: WorkOrder
) -> None:
    address = url(name, "FHI624", KEY)
    html = page(billing, address)
    assert f">{verb} $17.95</button>" in html

    answer = billing.post(address, {"reason": "They agreed", "amount": "17.95"})

    assert answer.headers["Location"] == url("work_order", "FHI624")
    made = FeeDecision.objects.get()
    assert (made.bill, made.amount, made.by) == (verb == "Bill", D("17.95"), "Dana Whitfield")
    due = job_settlement(paid).whole.amount_due
    assert due == (D("17.95") if verb == "Bill" else 0)


def test_twice_the_same_says_by_whom(billing: Browser, paid: WorkOrder) -> None:
    address = url("fee_waive", "FHI624", KEY)
    billing.post(address, {"reason": "Goodwill", "amount": "17.95"})

    assert "It is waived already by Dana Whitfield." in page(billing, address)
    html = page(billing, address, reason="Again", amount="17.95")

    assert "It is waived already by Dana Whitfield." in html
    assert FeeDecision.objects.count() == 1


@pytest.mark.parametrize("data", [{"reason": ""}, {"reason": "Goodwill", "amount": "10.00"}])
def test_without_a_reason_or_with_another_amount_nothing_is_decided(
    data: dict[str, str], billing: Browser, paid: WorkOrder
) -> None:
    html = page(billing, url("fee_waive", "FHI624", KEY), **{"amount": "17.95", **data})

    assert "field-error" in html or "Meanwhile" in html
    assert not FeeDecision.objects.exists()


def test_a_payment_that_is_not_on_the_job_is_a_404(billing: Browser, paid: WorkOrder) -> None:
    assert billing.get(url("fee_bill", "FHI624", "payment:99")).status_code == 404


def test_a_payment_without_a_missing_fee_has_nothing_to_decide(
    billing: Browser, paid: WorkOrder
) -> None:
    pay(paid, "1.00", key="payment:2")
    address = url("fee_bill", "FHI624", "payment:2")

    assert "Nothing to decide" in page(billing, address)
    assert "Nothing to decide" in page(billing, address, reason="Why not")
    assert not FeeDecision.objects.exists()


def test_a_csr_decides_nothing(brand: Brand, paid: WorkOrder) -> None:
    csr = member(brand, Role.CSR, "Chris")

    assert csr.get(url("fee_waive", "FHI624", KEY)).status_code == 403


# The card fee of one job -------------------------------------------------------------------------


def test_a_csr_switches_the_card_fee_off_with_a_reason(brand: Brand, job: WorkOrder) -> None:
    csr = member(brand, Role.CSR, "Chris")
    address = url("work_order_fee", "FHI624")

    assert "Fees already collected stay as they are" in page(csr, address)
    csr.post(address, {"disable": "1", "reason": "Goodwill"})

    job.refresh_from_db()
    assert (job.fee_disabled, job.reason) == (True, "Goodwill")
    feed = page(csr, url("work_order", "FHI624"))
    assert "Card fee" in feed and "Goodwill" in feed and "Chris" in feed


# Help and prices ---------------------------------------------------------------------------------


def test_the_help_page_says_what_the_book_says(brand: Brand) -> None:
    add_policy(brand, percent=D("3.5"), fundings=["credit", "debit"])
    html = page(member(brand, Role.CSR, "Chris"), url("help_technology_fee"))

    assert "Why does it say Technology fee due?" in html
    assert "3.5%, on credit and debit cards" in html
    assert url("fee_settings") not in html


def test_its_example_is_what_the_product_computes(brand: Brand) -> None:
    add_policy(brand, percent=D("3.59"), fundings=["credit"])
    html = page(member(brand, Role.BILLING, "Dana"), url("help_technology_fee"))

    assert f"<strong>{prices(brand, D(500), fee_disabled=False)}</strong>" in html
    assert url("fee_settings") in html


def test_prices_follow_the_policy_of_the_moment_and_the_jobs_switch(brand: Brand) -> None:
    later = clock.now() + timedelta(days=9)
    add_policy(brand, later, percent=D("3.59"), fundings=["credit"])

    assert prices(brand, D(500), fee_disabled=False).by_card is None
    assert prices(brand, D(500), fee_disabled=False, at=later).by_card == D("517.95")
    assert prices(brand, D(500), fee_disabled=True, at=later).by_card is None

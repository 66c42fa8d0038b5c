"""The page of an invoice, its verbs, and the billing settings."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Brand, Role
from invoicing.domain import client_credit, issuing, terms
from invoicing.domain.terms import BillingTerms
from invoicing.models import BillingSettings, ClientCredit, FeeDecision, Invoice
from tests.factories import MembershipFactory
from tests.invoicing.billed_jobs import (
    D,
    back,
    billed,
    charge,
    figures,
    invoices,
    line,
    nets,
    paid,
    post,
)
from workorders.domain.charges import ChargeLine, charges_fingerprint
from workorders.models import WorkOrder


def signed_in(brand: Brand, role: Role) -> Browser:
    browser = Browser()
    browser.force_login(MembershipFactory(brand=brand, role=role).user)
    return browser


@pytest.fixture
def csr(brand: Brand) -> Browser:
    return signed_in(brand, Role.CSR)


@pytest.fixture
def billing(brand: Brand) -> Browser:
    return signed_in(brand, Role.BILLING)


@pytest.fixture
def admin(brand: Brand) -> Browser:
    return signed_in(brand, Role.ADMIN)


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


def test_confirming_says_what_it_issues(csr: Browser, job: WorkOrder) -> None:
    page = reverse("work_order_status", args=["fhi", job.number, "confirmed"])
    charge(job)
    before = csr.get(page).content.decode()
    charge(job, line("329.00"))
    said = csr.get(page).content.decode()
    csr.post(page, {"reason": ""})
    after = csr.get(page).content.decode()

    assert "Confirming issues the invoice over $329.00." in said
    assert "Confirming issues" not in before + after


# --- the page -------------------------------------------------------------------------------------


def test_it_tells_the_whole_story(csr: Browser, job: WorkOrder) -> None:
    billed(job, "329.00")
    post(job, paid("329.00", "11.52"), expected="11.52")
    (old,) = job.charges.all()
    kept = line("125.00", "Same Day Cancelation", old)
    charge(job, kept, reason="Buyer withdrew")
    post(job, paid("329.00", "11.52"), back("204.00", "7.14"), expected="11.52")

    page = csr.get(url("invoice")).content.decode()

    for words in ("Same Day Cancelation", "Revision 2", "Buyer withdrew", "129.38", "Paid", "4.38"):
        assert words in page
    assert rows(csr)[-1][1] == "0.00"


def test_the_last_running_figure_is_the_balance_whatever_happened(
    csr: Browser, job: WorkOrder, brand: Brand
) -> None:
    """A fee that was billed stands on no entry; a refund under way has none yet."""
    invoice = billed(job, "500.00")
    post(job, paid("500.00"), expected="17.95")
    FeeDecision.objects.create(
        brand=brand,
        work_order=job,
        payment="payment:1",
        payment_label="P-1",
        bill=True,
        amount=D("17.95"),
        reason="Theirs",
        happened_at=job.happened_at,
    )
    assert rows(csr)[-1] == ("Technology fee billed", "17.95")

    post(job, paid("500.00"), back("100.00", in_flight=True), expected="17.95")
    answer = csr.get(url("invoice"))
    assert answer.context["rows"][-1].balance == answer.context["settlement"].balance
    assert invoice.number in answer.content.decode()


def test_a_draft_has_no_ledger_and_nobody_owes_it(csr: Browser, job: WorkOrder) -> None:
    charge(job, line("329.00"))

    assert rows(csr) == [("Not issued yet", "329.00")]
    assert buttons(csr) == {"Issue now": "", "Edit the bill": ""}


def test_a_void_one_runs_to_nothing(csr: Browser, job: WorkOrder, brand: Brand) -> None:
    issuing.void_invoice(brand, billed(job, "329.00").pk, reason="Wrong client")

    assert [balance for _, balance in rows(csr)] == ["329.00", "0.00"]
    assert buttons(csr) == {"Bill again": ""}


def test_actions_say_why_not(csr: Browser, billing: Browser, job: WorkOrder) -> None:
    billed(job, "329.00")
    post(job, paid("10.00"))

    assert buttons(csr)["Void"] == buttons(csr)["Change due date"] == "This is for billing admins."
    assert buttons(billing)["Change due date"] == ""
    assert buttons(billing)["Void"].startswith("$10.00 is held on it")
    assert "$10.00 is held on it" in billing.get(url("invoice")).content.decode()


def test_tax_is_told_per_line_and_in_sum(csr: Browser, job: WorkOrder) -> None:
    taxed = ChargeLine("Radon", D("100"), tax_name="Sales tax", tax_percent=D("8.25"))
    charge(job, line("329.00"), taxed)

    page = csr.get(url("invoice")).content.decode()

    assert "Sales tax 8.25 %: 8.25" in page
    assert "$437.25" in page


# --- verbs ----------------------------------------------------------------------------------------


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
    assert figures(job)[0] == "329.00"  # the draft stands beside what is issued


# --- settings -------------------------------------------------------------------------------------


def settings_of(**values: object) -> dict[str, object]:
    good = {"credit_note_prefix": "CM-", "width": 6, "next_number": 1, "terms_days": 14}
    return {**good, **values}


def test_settings_say_how_the_next_credit_note_is_called(admin: Browser, brand: Brand) -> None:
    page = reverse("billing_settings", args=["fhi"])
    assert "CM-000001" in admin.get(page).content.decode()

    values = settings_of(credit_note_prefix="CN.", width=4, next_number=70)
    assert admin.post(page, values).status_code == 302

    assert "CN.0070" in admin.get(page).content.decode()
    assert BillingSettings.objects.get(brand=brand).terms_days == 14


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"credit_note_prefix": ""}, "credit_note_prefix"),
        ({"credit_note_prefix": "C/M"}, "credit_note_prefix"),
        ({"credit_note_prefix": "fhi"}, "credit_note_prefix"),
        ({"width": 0}, "width"),
        ({"width": 13}, "width"),
        ({"next_number": 4}, "next_number"),
        ({"next_number": 10**10}, "next_number"),
        ({"terms_days": 366}, "terms_days"),
        ({"terms_days": -1}, "terms_days"),
    ],
)
def test_settings_that_cannot_be(
    values: dict[str, object], named: str, admin: Browser, brand: Brand
) -> None:
    terms.set_terms(brand, BillingTerms("CM-", 6, 5, 0))

    with pytest.raises(ValidationError) as refused:
        terms.set_terms(brand, BillingTerms(**settings_of(next_number=5) | values))  # type: ignore[arg-type]
    page = reverse("billing_settings", args=["fhi"])
    answer = admin.post(page, settings_of(next_number=5) | values)

    assert set(refused.value.message_dict) == {named}
    assert set(answer.context["form"].errors) == {named}
    assert terms.terms_of(brand) == BillingTerms("CM-", 6, 5, 0)

"""The page of an invoice: its rows, figures and buttons."""

from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Brand
from invoicing.domain import issuing
from invoicing.models import FeeDecision
from tests.html import one_line
from tests.invoicing.billed_jobs import (
    D,
    back,
    billed,
    charge,
    line,
    paid,
    post,
)
from workorders.domain.charges import ChargeLine
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


def test_confirming_says_what_it_issues(csr: Browser, job: WorkOrder) -> None:
    page = reverse("work_order_status", args=["fhi", job.number, "confirmed"])
    charge(job)
    before = csr.get(page).content.decode()
    charge(job, line("329.00"))
    with_charges = csr.get(page).content.decode()
    csr.post(page, {"reason": ""})
    after = csr.get(page).content.decode()

    assert "Confirming issues the invoice over $329.00." in with_charges
    assert "Confirming issues" not in before + after


# --- the page -------------------------------------------------------------------------------------


def test_it_tells_the_whole_story(csr: Browser, job: WorkOrder) -> None:
    billed(job, "329.00")
    post(job, paid("329.00", "11.52"), expected="11.52")
    (old,) = job.charges.all()
    cancellation = line("125.00", "Same Day Cancelation", old)
    charge(job, cancellation, reason="Buyer withdrew")
    post(job, paid("329.00", "11.52"), back("204.00", "7.14"), expected="11.52")

    page = one_line(csr.get(url("invoice")).content.decode())

    for words in ("Same Day Cancelation", "Revision 2", "Buyer withdrew", "129.38", "Paid", "4.38"):
        assert words in page
    assert rows(csr)[-1][1] == "0.00"


def test_the_last_running_figure_is_the_balance_whatever_happened(
    csr: Browser, job: WorkOrder, brand: Brand
) -> None:
    """A fee that was billed is on no entry; a refund under way has no entry yet."""
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


def test_a_draft_has_no_ledger_and_is_not_issued_yet(csr: Browser, job: WorkOrder) -> None:
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


def test_tax_is_shown_per_line_and_in_sum(csr: Browser, job: WorkOrder) -> None:
    taxed = ChargeLine("Radon", D("100"), tax_name="Sales tax", tax_percent=D("8.25"))
    charge(job, line("329.00"), taxed)

    page = one_line(csr.get(url("invoice")).content.decode())

    assert "Sales tax 8.25 %: 8.25" in page
    assert "$437.25" in page

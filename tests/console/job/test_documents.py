"""Credit that a client did not use is shown where something is due: on the job and its invoice."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Brand
from core import clock
from invoicing.models import ClientCredit
from tests.console.settled_jobs import settle
from tests.factories import ChargeFactory, ClientFactory, WorkOrderFactory
from tests.html import one_line
from workorders.models import WorkOrder

SAYS = "Olivia Renner has $329.00 of credit."


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    olivia = ClientFactory(brand=brand, name="Olivia Renner")
    made: WorkOrder = WorkOrderFactory(brand=brand, number="FHI624", client=olivia)
    ChargeFactory(work_order=made, amount=Decimal("500.00"))
    return made


def credit(job: WorkOrder, label: str, amount: str = "329.00", used: str = "0") -> ClientCredit:
    made: ClientCredit = ClientCredit.objects.create(
        brand=job.brand,
        client=job.client,
        kind="prepayment",
        label=label,
        amount=Decimal(amount),
        used=Decimal(used),
        happened_at=clock.now(),
    )
    return made


def shown(browser: Browser, page: str) -> list[str]:
    """The sentence without its buttons, and the addresses that they lead to."""
    html = one_line(browser.get(reverse(page, args=["fhi", "FHI624"])).content.decode())
    match = re.search(r'<p class="unused-credit">(.*?)</p>', html)
    if match is None:
        return []
    text = re.sub(r"<a .*?</a>|<[^>]+>", "", match[1]).strip()
    return [text, *re.findall(r'href="([^"]+)"', match[1])]


@pytest.mark.parametrize("page", ["work_order", "invoice"])
def test_billing_staff_are_led_to_apply_it(
    page: str, sign_in_billing: Browser, job: WorkOrder
) -> None:
    settle(job)
    left = credit(job, "Check 1234", "400.00", used="71.00")
    credit(job, "Check 1", "50.00", used="50.00")

    assert shown(sign_in_billing, page) == [SAYS, reverse("credit_apply", args=["fhi", left.pk])]


@pytest.mark.parametrize("page", ["work_order", "invoice"])
def test_a_csr_reads_who_may_apply_it(page: str, csr: Browser, job: WorkOrder) -> None:
    settle(job)
    credit(job, "Check 1234")

    assert shown(csr, page) == [f"{SAYS} Billing staff can apply it."]


def test_the_three_newest_credits_are_offered_by_name(
    sign_in_billing: Browser, job: WorkOrder
) -> None:
    settle(job)
    made = [credit(job, f"Check {n}", "82.25") for n in range(4)]

    lines = shown(sign_in_billing, "work_order")

    newest = [reverse("credit_apply", args=["fhi", c.pk]) for c in made[:0:-1]]
    assert lines == [SAYS, *newest]
    html = sign_in_billing.get(reverse("work_order", args=["fhi", "FHI624"])).content.decode()
    assert "Apply Check 3…" in html
    assert "Apply Check 0…" not in html


def _draft(job: WorkOrder) -> None:
    settle(job, issue=False)
    credit(job, "Check 1234")


def _somebody_elses(job: WorkOrder) -> None:
    settle(job)
    credit(WorkOrderFactory(brand=job.brand), "Check 1234")


@pytest.mark.parametrize("arrange", [_draft, _somebody_elses])
def test_no_credit_is_named_where_none_can_be_used(
    arrange: Callable[[WorkOrder], None], sign_in_billing: Browser, job: WorkOrder
) -> None:
    arrange(job)

    assert shown(sign_in_billing, "work_order") == []
    assert shown(sign_in_billing, "invoice") == []


def test_more_credits_ask_no_more_of_the_database(sign_in_billing: Browser, job: WorkOrder) -> None:
    settle(job)
    page = reverse("work_order", args=["fhi", "FHI624"])
    sign_in_billing.get(page)
    with CaptureQueriesContext(connection) as none:
        sign_in_billing.get(page)

    for n in range(5):
        credit(job, f"Check {n}")
    with CaptureQueriesContext(connection) as five:
        sign_in_billing.get(page)

    assert len(five) == len(none)

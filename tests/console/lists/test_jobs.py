"""The work order list: what it opens on, its filters, its search, its cost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Brand
from activity.projection import project_pending
from core import clock, moments
from core.paging import PAGE_SIZE
from invoicing.domain import issuing
from invoicing.queries.settlements import job_settlement
from payments.domain.record import Manual, record_payment
from payments.queries import still_to_pay
from tests.console.settled_jobs import fee_policy, paid_without_fee, settle
from tests.factories import (
    AttemptFactory,
    BrandFactory,
    ChargeFactory,
    ContactFactory,
    DisputeFactory,
    PaymentFactory,
    RefundFactory,
    WorkOrderFactory,
)
from tests.payments.cancelled_jobs import confirmed
from workorders.domain.charges import ChargeLine, replace_charges
from workorders.models import WorkOrder

LIST = "/b/fhi/work-orders/"


def numbers(browser: Browser, **query: str) -> list[str]:
    return [row.job.number for row in browser.get(LIST, query).context["rows"]]


def troubled(brand: Brand) -> WorkOrder:
    """A job with every reason for attention."""
    job = WorkOrderFactory(brand=brand)
    ChargeFactory(work_order=job)
    ContactFactory(work_order=job)
    AttemptFactory(work_order=job, happened_at=clock.now())
    PaymentFactory(work_order=job, status="unknown", amount=Decimal("50.00"))
    disputed = PaymentFactory(work_order=job, status="disputed", amount=Decimal("60.00"))
    DisputeFactory(payment=disputed)
    due = PaymentFactory(
        work_order=job,
        amount=Decimal("70.00"),
        follow_up_on=moments.today(job.brand.time_zone) - timedelta(days=1),
    )
    RefundFactory(payment=due, status="failed", amount=Decimal("10.00"))
    settle(job)
    return job


def test_the_list_opens_on_what_needs_attention(csr: Browser, brand: Brand) -> None:
    WorkOrderFactory(brand=brand, number="FHI1")
    job = troubled(brand)
    troubled(BrandFactory())

    page = csr.get(LIST)

    row = page.context["rows"][0]
    assert [r.job for r in page.context["rows"]] == [job]
    assert [(a.reason, a.amount) for a in row.reasons] == [
        ("failed", Decimal("340.52")),
        ("unknown", Decimal("50.00")),
        ("disputed", Decimal("60.00")),
        ("refund_failed", Decimal("10.00")),
        ("follow_up_due", Decimal("70.00")),
    ]
    assert [chip.count for chip in page.context["chips"]] == [1, 1, 1, 1, 1, 1]
    text = page.content.decode()
    assert "Refund failed" in text
    assert "$10.00" in text


def test_a_reason_is_a_filter(csr: Browser, brand: Brand) -> None:
    failed = AttemptFactory(work_order__brand=brand).work_order
    PaymentFactory(work_order__brand=brand, status="unknown")

    assert numbers(csr, reason="failed") == [failed.number]


def test_figures_of_a_row_are_the_settlements(csr: Browser, brand: Brand) -> None:
    job = WorkOrderFactory(brand=brand)
    ChargeFactory(work_order=job, amount=Decimal("329.00"))
    ChargeFactory(work_order=job, amount=Decimal("-25.00"))
    paid = PaymentFactory(work_order=job, amount=Decimal("200.00"))
    RefundFactory(payment=paid, amount=Decimal("20.00"))
    PaymentFactory(work_order=job, amount=Decimal("104.00"), status="pending")
    PaymentFactory(work_order=job, amount=Decimal("9.00"), status="failed")
    settled = settle(job).whole

    page = csr.get(LIST, {"view": "all"})

    money = page.context["rows"][0].money
    for name in ("billed", "credits", "received", "refunded", "pending", "balance", "amount_due"):
        assert getattr(money, name) == getattr(settled, name), name
    assert (money.word, money.balance) == ("Partly paid", Decimal("124.00"))
    assert "Partly paid" in page.content.decode()


def test_nothing_is_due_on_a_job_without_an_invoice(csr: Browser, brand: Brand) -> None:
    WorkOrderFactory(brand=brand)

    money = csr.get(LIST, {"view": "all"}).context["rows"][0].money

    assert (money.word, money.balance) == ("Nothing due", Decimal("0.00"))


def _owing(brand: Brand, number: str, billed: str, paid: str = "", *, issue: bool = True) -> None:
    job = WorkOrderFactory(brand=brand, number=number)
    ChargeFactory(work_order=job, amount=Decimal(billed))
    if paid:
        PaymentFactory(work_order=job, amount=Decimal(paid))
    settle(job, issue=issue)


def test_balances_are_views_of_the_list_with_counts(csr: Browser, brand: Brand) -> None:
    _owing(brand, "DUE1", "400.00")
    _owing(brand, "PART1", "400.00", "100.00")
    _owing(brand, "OVER1", "400.00", "500.00")
    _owing(brand, "PAID1", "400.00", "400.00")
    _owing(brand, "DRAFT1", "400.00", issue=False)
    fee_policy(brand)
    paid_without_fee(brand, "FEE1")
    _owing(BrandFactory(), "ELSE1", "400.00")

    page = csr.get(LIST, {"view": "outstanding"})

    assert {row.job.number for row in page.context["rows"]} == {"DUE1", "PART1"}
    assert numbers(csr, view="overpaid") == ["OVER1"]
    assert numbers(csr, view="fee_uncollected") == ["FEE1"]
    assert numbers(csr, view="outstanding", q="PART1") == ["PART1"]
    assert {v["label"]: v["count"] for v in page.context["views"]} == {
        "Needs attention": 0,
        "Outstanding": 2,
        "Overpaid": 1,
        "Fee not collected": 1,
        "To bill": 1,
        "Upcoming": None,
        "All": None,
    }


def test_a_surplus_on_one_bill_hides_no_other_and_a_draft_is_not_outstanding(
    csr: Browser, brand: Brand
) -> None:
    moved, drafted = (WorkOrderFactory(brand=brand, number=n) for n in ("MOVE1", "NEXT1"))
    for job in (moved, drafted):
        confirmed(job, "200.00")
        record_payment(brand, job, Decimal("200.00"), Manual(method="cash"), by="Dana")
        issuing.bill_separately(brand, job.pk, [ChargeLine("Radon", Decimal("100.00"))])
    issuing.issue_bill(brand, moved.pk)
    first, second = map(issuing.unchanged_line, moved.charges.order_by("pk"))
    less = replace(first, amount=Decimal("100.00"))
    replace_charges(brand, moved.pk, [less, second], reason="Smaller house")

    page = csr.get(LIST, {"view": "outstanding"})

    (row,) = page.context["rows"]
    assert (row.job, row.money.word, row.money.amount_due) == (
        moved,
        "Partly paid",
        Decimal("100.00"),
    )
    assert row.money.balance == 0
    assert {v["label"]: v["count"] for v in page.context["views"]}["Outstanding"] == 1
    whole = job_settlement(drafted).whole
    assert (whole.word.value, whole.balance) == ("Paid", Decimal("0.00"))
    assert whole.unbilled == Decimal("100.00")
    assert still_to_pay(drafted) == Decimal("100.00")


@pytest.mark.parametrize(
    ("view", "text"),
    [
        ("outstanding", "Nothing is outstanding"),
        ("overpaid", "Nothing is overpaid"),
        ("fee_uncollected", "No fee is missing"),
    ],
)
def test_an_empty_list_of_balances_is_good_news(csr: Browser, view: str, text: str) -> None:
    assert text in csr.get(LIST, {"view": view}).content.decode()


def test_an_empty_list_says_what_to_do(csr: Browser) -> None:
    assert "Nothing needs attention" in csr.get(LIST).content.decode()
    assert "No jobs yet" in csr.get(LIST, {"view": "all"}).content.decode()
    assert "No jobs match" in csr.get(LIST, {"q": "nobody"}).content.decode()


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"status": "cancelled"}, "FHI2"),
        ({"published": "yes"}, "FHI3"),
        ({"origin": "isn"}, "FHI4"),
        ({"inspector": "Ria Patel"}, "FHI5"),
        ({"since": "2026-05-04", "until": "2026-05-04"}, "FHI6"),
    ],
)
def test_filters_are_read_from_the_address(
    csr: Browser, brand: Brand, query: dict[str, str], wanted: str
) -> None:
    early = datetime(2020, 1, 1, tzinfo=UTC)
    plain: dict[str, Any] = {"brand": brand, "scheduled_for": early}
    WorkOrderFactory(number="FHI1", **plain)
    WorkOrderFactory(number="FHI2", status="cancelled", **plain)
    WorkOrderFactory(number="FHI3", published_at=early, **plain)
    WorkOrderFactory(number="FHI4", origin="isn", **plain)
    WorkOrderFactory(number="FHI5", inspector="Ria Patel", **plain)
    # 23:30 of the fourth in Boise is the fifth in UTC.
    late = datetime(2026, 5, 5, 5, 30, tzinfo=UTC)
    WorkOrderFactory(number="FHI6", brand=brand, scheduled_for=late)
    WorkOrderFactory(number="FHI7", brand=brand, scheduled_for=late + timedelta(hours=1))

    assert numbers(csr, view="all", **query) == [wanted]


def test_a_filter_that_cannot_be_read_is_named(csr: Browser, brand: Brand) -> None:
    WorkOrderFactory(brand=brand)

    page = csr.get(LIST, {"view": "all", "since": "soon", "status": "lost"})

    assert list(page.context["filter"].errors) == ["status", "since"]
    assert len(page.context["rows"]) == 1
    assert "“soon” is not a day" in page.content.decode()


def test_upcoming_is_soonest_first_without_cancelled_ones(csr: Browser, brand: Brand) -> None:
    now = clock.now()
    for number, days, status in [("A", 2, "confirmed"), ("B", 1, "pending"), ("C", 1, "cancelled")]:
        WorkOrderFactory(
            brand=brand, number=number, status=status, scheduled_for=now + timedelta(days=days)
        )
    WorkOrderFactory(brand=brand, number="D", scheduled_for=now - timedelta(days=1))
    WorkOrderFactory(brand=brand, number="E", scheduled_for=None)

    assert numbers(csr, view="upcoming") == ["B", "A"]


@pytest.mark.parametrize(
    "text",
    ["fhi62", "raman", "ALDER", "abbott", "pi_123", "ord_9", "4242", "1234", "#1234", "FHI624-P-1"],
)
def test_search_finds_a_job_by_anything_at_hand(csr: Browser, brand: Brand, text: str) -> None:
    job = WorkOrderFactory(
        brand=brand, number="FHI624", client__name="Priya Raman", address="118 Alder Court"
    )
    ContactFactory(work_order=job, name="Tom Abbott")
    PaymentFactory(
        work_order=job,
        reference="1234",
        last4="4242",
        references=["pi_123"],
        provider_order_id="ord_9",
    )
    WorkOrderFactory(brand=brand, number="RIA1", client__name="Jo", address="9 Birch")
    other = WorkOrderFactory(number="FHI624", client__name="Priya Raman", address="118 Alder")
    PaymentFactory(work_order=other, reference="1234", last4="4242", references=["pi_123"])

    listed = csr.get(LIST, {"q": text}).context["rows"]

    assert [row.job for row in listed] == [job]


def test_pages_lead_on_and_back(csr: Browser, brand: Brand) -> None:
    start = clock.now()
    for n in range(PAGE_SIZE + 2):
        WorkOrderFactory(brand=brand, number=f"N{n}", happened_at=start - timedelta(hours=n))

    first = csr.get(LIST, {"view": "all", "status": "pending"})
    second = csr.get(LIST + first.context["older_url"])
    back = csr.get(LIST + second.context["newer_url"])

    assert [r.job.number for r in second.context["rows"]] == ["N50", "N51"]
    assert second.context["filter"].status == "pending"
    assert [r.job.number for r in back.context["rows"]] == [f"N{n}" for n in range(PAGE_SIZE)]


def _queries(browser: Browser, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize(
    "address",
    [
        LIST,
        f"{LIST}?view=all",
        f"{LIST}?view=outstanding",
        f"{LIST}?view=all&q=alder",
        "/b/fhi/search/?q=alder",
        "/b/fhi/payments/",
        "/b/fhi/clients/",
        "/b/fhi/activity/",
    ],
)
def test_a_list_costs_the_same_for_one_row_and_for_three(
    csr: Browser, brand: Brand, address: str
) -> None:
    troubled(brand)
    project_pending()
    csr.get(address)
    one = _queries(csr, address)

    troubled(brand)
    troubled(brand)
    project_pending()

    assert _queries(csr, address) == one


@pytest.mark.parametrize("name", ["work_orders", "payments", "clients", "brand_activity", "search"])
def test_a_cursor_of_nonsense_is_no_cursor(csr: Browser, brand: Brand, name: str) -> None:
    address = reverse(name, args=["fhi"])

    answers = [csr.get(address, {"after": bad, "view": "all"}) for bad in ("x", "WzEsMl0", "\x00")]

    assert [answer.status_code for answer in answers] == [200, 200, 200]

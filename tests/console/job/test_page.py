"""What the work order page shows next to its timeline."""

from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings
from django.urls import reverse

from accounts.models import Brand, Membership, Role
from console.job.page import job_page
from core import clock
from payments.models import RefundStatus
from tests.console.settled_jobs import settle
from tests.factories import (
    AttemptFactory,
    ChargeFactory,
    MembershipFactory,
    PaymentFactory,
    RefundFactory,
    WorkOrderFactory,
)
from workorders.models import WorkOrder


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    made: WorkOrder = WorkOrderFactory(brand=brand, number="FHI624", status="confirmed")
    ChargeFactory(work_order=made, amount=Decimal("500.00"))
    return made


@pytest.fixture
def billing(brand: Brand) -> Membership:
    return MembershipFactory(brand=brand, role=Role.BILLING)


def _context(job: WorkOrder, member: Membership, **options: str) -> dict[str, Any]:
    return job_page(job, member, "work_order", **options).context


def test_chips_say_what_else_the_job_is(job: WorkOrder, billing: Membership) -> None:
    settle(job)
    WorkOrder.objects.filter(pk=job.pk).update(
        published_at=clock.now(), origin="isn", fee_disabled=True
    )
    job.refresh_from_db()

    chips = [chip["label"] for chip in _context(job, billing)["chips"]]

    assert chips == ["Confirmed", "Published", "From ISN", "Card fee off", "Due"]


def test_the_tab_that_is_open_is_marked(job: WorkOrder, billing: Membership) -> None:
    tabs = job_page(job, billing, "work_order_activity").context["tabs"]

    assert [(tab["label"], tab["active"]) for tab in tabs] == [
        ("Services & Payments", False),
        ("Activity", True),
    ]


def test_a_cancelled_job_is_not_cancelled_again(job: WorkOrder, billing: Membership) -> None:
    assert "Cancel job" in [a["label"] for a in _context(job, billing)["actions"]]
    job.status = "cancelled"

    assert "Cancel job" not in [a["label"] for a in _context(job, billing)["actions"]]


def test_what_is_open_comes_with_the_verbs_that_settle_it(
    job: WorkOrder, billing: Membership
) -> None:
    payment = PaymentFactory(work_order=job, amount=Decimal("600.00"))
    RefundFactory(payment=payment, amount=Decimal("10.00"), status=RefundStatus.QUEUED)
    settle(job)

    nexts = {
        step.word: [action.label for action in actions]
        for step, actions in _context(job, billing)["nexts"]
    }

    assert nexts == {
        "overpaid": ["Refund…", "Keep as credit…"],
        "refund queued": ["R-1: done…", "R-1: call off…"],
    }


def test_an_attempt_is_shown_with_its_payment(job: WorkOrder, billing: Membership) -> None:
    payment = PaymentFactory(work_order=job, method="card")
    AttemptFactory(work_order=job, payment=payment, status="succeeded")
    alone = AttemptFactory(work_order=job)

    assert _context(job, billing)["open_attempts"] == [alone]


def test_the_rows_of_one_figure_are_shown_where_they_are_asked_for(
    job: WorkOrder, billing: Membership
) -> None:
    PaymentFactory(work_order=job, amount=Decimal("200.00"))
    settle(job)

    assert _context(job, billing)["why_shown"] is None
    shown = _context(job, billing, show="received")["why_shown"]
    assert [row.amount for row in shown.rows] == [Decimal("200.00")]


@pytest.mark.parametrize("demo", [False, True])
def test_only_the_demo_has_a_button_that_sends_an_order(
    job: WorkOrder, billing: Membership, settings: LazySettings, demo: bool
) -> None:
    settings.DEMO = demo

    url = reverse("demo_order", args=["fhi", "FHI624"]) if demo else ""
    assert _context(job, billing)["demo_play_url"] == url

"""Sums, what needs attention, and search: exact, scoped by brand, constant in queries."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Brand
from core import clock, moments
from invoicing.settlement.types import Uncollected
from payments import queries
from payments.models import PaymentAllocation
from tests.console.settled_jobs import fee_policy, paid_without_fee, settle
from tests.factories import (
    AttemptFactory,
    BrandFactory,
    ChargeFactory,
    DisputeFactory,
    PaymentFactory,
    RefundFactory,
    WorkOrderFactory,
)
from tests.tripwire import unsettled
from workorders.models import WorkOrder

D = Decimal


def test_a_form_suggests_what_is_due_and_not_on_its_way(brand: Brand, job: WorkOrder) -> None:
    ChargeFactory(work_order=job, amount=D("500.00"))
    paid = PaymentFactory(work_order=job, amount=D("103.50"), fee_amount=D("3.50"))
    PaymentFactory(work_order=job, amount=D("50.00"), status="pending")
    PaymentFactory(work_order=job, amount=D("60.00"), status="failed")
    RefundFactory(payment=paid, amount=D("51.75"), fee_amount=D("1.75"))
    settle(job)

    assert queries.still_to_pay(job) == D("400.00")

    PaymentFactory(work_order=job, amount=D("400.00"))
    settle(job)

    assert queries.still_to_pay(job) is None


def test_a_form_suggests_a_billed_fee_too(brand: Brand) -> None:
    fee_policy(brand, Uncollected.BILL)

    job = paid_without_fee(brand, "FHI900")

    assert queries.still_to_pay(job) == D("17.95")


# --- attention --------------------------------------------------------------------------------


def flagged(brand: Brand, reason: str = "") -> set[str]:
    rows = WorkOrder.objects.filter(queries.attention(brand, reason), brand=brand)
    return set(rows.values_list("number", flat=True))


def make(reason: str, job: WorkOrder) -> Any:
    past = clock.now() - timedelta(days=1)
    ways: dict[str, Callable[[], Any]] = {
        "failed": lambda: PaymentFactory(work_order=job, status="failed"),
        "declined": lambda: AttemptFactory(work_order=job),
        "unknown": lambda: PaymentFactory(work_order=job, status="unknown"),
        "disputed": lambda: DisputeFactory(payment__work_order=job),
        "refund_failed": lambda: RefundFactory(payment__work_order=job, status="failed"),
        "follow_up_due": lambda: PaymentFactory(work_order=job, follow_up_on=past.date()),
    }
    return ways[reason]()


@pytest.mark.parametrize("reason", ["declined", *queries.REASONS])
def test_each_reason_is_listed_and_counted(reason: str, brand: Brand, job: WorkOrder) -> None:
    make(reason, job)
    name = "failed" if reason == "declined" else reason

    counts = queries.attention_counts(brand)

    assert flagged(brand, name) == flagged(brand) == {"FHI624"}
    assert counts == dict.fromkeys(queries.REASONS, 0) | {name: 1, "": 1}
    assert flagged(BrandFactory()) == set()


@pytest.mark.parametrize("kind", ["failed", "declined"])
@pytest.mark.parametrize(
    ("status", "days", "is_settled"),
    [("completed", 1, True), ("pending", 1, True), ("failed", 1, False), ("completed", -1, False)],
)
def test_a_failure_is_settled_by_what_followed(
    kind: str, status: str, days: int, is_settled: bool, brand: Brand, job: WorkOrder
) -> None:
    failed = make(kind, job)
    at = failed.happened_at + timedelta(days=days)
    PaymentFactory(work_order=job, status=status, happened_at=at)

    assert (flagged(brand, "failed") == set()) == is_settled


@pytest.mark.parametrize("kind", ["failed", "declined"])
def test_a_failure_of_a_job_that_was_called_off_needs_nobody(
    kind: str, brand: Brand, job: WorkOrder
) -> None:
    failed = make(kind, job)
    make("refund_failed", job).payment.allocations.update(
        happened_at=failed.happened_at - timedelta(days=1)
    )
    job.status = "cancelled"
    job.save()

    assert flagged(brand, "failed") == {"FHI624"}  # its money is here

    with unsettled():
        PaymentAllocation.objects.filter(status="completed").update(status="voided")
    assert flagged(brand, "failed") == set()
    assert flagged(brand, "refund_failed") == {"FHI624"}


def test_a_follow_up_of_tomorrow_is_not_due(brand: Brand, job: WorkOrder) -> None:
    later = moments.today(brand.time_zone) + timedelta(days=1)
    PaymentFactory(work_order=job, follow_up_on=later)

    assert flagged(brand) == set()


def test_a_job_with_two_reasons_counts_once(
    brand: Brand, job: WorkOrder, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make("unknown", job)
    make("refund_failed", job)
    make("refund_failed", job)

    with django_assert_num_queries(1) as asked:
        counts = queries.attention_counts(brand)

    # What does not start so counts as a write, and is announced as one.
    assert asked.captured_queries[0]["sql"].startswith("SELECT")

    assert (counts[""], counts["unknown"], counts["refund_failed"]) == (1, 1, 1)


# --- search -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["1234", "4242", "pac_77", "ch_1", "re_9", "FHI624-P-1", "fhi624-p-1", " 1234 "]
)
def test_search_finds_the_job_by_any_number_on_a_statement(
    text: str, brand: Brand, job: WorkOrder
) -> None:
    payment = PaymentFactory(
        work_order=job,
        reference="1234",
        last4="4242",
        provider_order_id="pac_77",
        references=["ch_1"],
    )
    RefundFactory(payment=payment, provider_refund_id="re_9")
    PaymentFactory(work_order=WorkOrderFactory(brand=brand), reference="999")

    assert queries.search_payments(brand, text) == {job.pk}
    assert queries.search_payments(BrandFactory(), text) == set()


def test_search_finds_an_attempt_that_never_became_a_payment(brand: Brand, job: WorkOrder) -> None:
    AttemptFactory(work_order=job, last4="0002", references=["ord-9"])

    assert queries.search_payments(brand, "0002") == {job.pk}
    assert queries.search_payments(brand, "ord-9") == {job.pk}
    assert queries.search_payments(brand, "") == set()

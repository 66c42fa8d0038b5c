"""The facts that the summary of a job is made of, read from its rows."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.models import Brand
from console.job.facts import facts_of
from console.job.summary import JobFacts
from core import moments
from invoicing.models import Invoice
from payments.models import Payment, PaymentAllocation, PaymentAttempt, Refund
from tests.console.settled_jobs import fee_policy, settle
from tests.factories import (
    AttemptFactory,
    ChargeFactory,
    PaymentFactory,
    RefundFactory,
    WorkOrderFactory,
)
from workorders.models import WorkOrder


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    made: WorkOrder = WorkOrderFactory(
        brand=brand, number="FHI624", client__name="Priya Raman", status="confirmed"
    )
    ChargeFactory(work_order=made, amount=Decimal("500.00"))
    return made


def _facts(job: WorkOrder) -> JobFacts:
    settled = settle(job)
    return facts_of(
        job,
        settled,
        list(
            PaymentAllocation.objects.filter(work_order=job).select_related("payment__work_order")
        ),
        list(PaymentAttempt.objects.filter(work_order=job).select_related("payment")),
        list(Refund.objects.filter(work_order=job).select_related("payment")),
    )


def test_what_is_due_by_each_means_and_until_when(brand: Brand, job: WorkOrder) -> None:
    fee_policy(brand)

    facts = _facts(job)

    assert facts.price == "$500.00, or $517.95 by card"
    assert facts.due_on == Invoice.objects.get(work_order=job).due_on
    assert facts.client == "Priya Raman"
    assert facts.today == moments.today(brand.time_zone)


def test_a_job_that_is_paid_has_no_price_and_no_day(job: WorkOrder) -> None:
    PaymentFactory(work_order=job, amount=Decimal("500.00"), reference="1234")

    facts = _facts(job)

    assert (facts.price, facts.due_on) == ("", None)
    [payment] = facts.payments
    assert (payment.number, payment.share, payment.means) == ("1", Decimal("500.00"), "check 1234")


def test_money_in_another_currency_is_named_and_counted_nowhere(job: WorkOrder) -> None:
    PaymentFactory(work_order=job, currency="CAD")

    facts = _facts(job)

    assert facts.payments == []
    assert [payment.currency for payment in facts.uncounted] == ["CAD"]


def test_a_failed_payment_and_its_attempt_are_one_failure(job: WorkOrder) -> None:
    failed: Payment = PaymentFactory(work_order=job, status="failed", method="card")
    AttemptFactory(work_order=job, payment=failed)
    AttemptFactory(work_order=job)

    facts = _facts(job)

    assert len(facts.attempts) == 1
    assert [payment.status for payment in facts.payments] == ["failed"]


@pytest.mark.usefixtures("unwatched")
def test_a_payment_of_another_job_has_its_full_number(brand: Brand, job: WorkOrder) -> None:
    other = WorkOrderFactory(brand=brand, number="FHI700")
    check = PaymentFactory(work_order=other, amount=Decimal("600.00"))
    PaymentAllocation.objects.filter(payment=check).update(work_order=job)

    assert [payment.number for payment in _facts(job).payments] == ["FHI700-P-1"]


def test_a_refund_says_who_confirms_it(job: WorkOrder) -> None:
    payment = PaymentFactory(work_order=job, amount=Decimal("500.00"))
    RefundFactory(payment=payment, status="failed", failure_reason="account closed")

    [refund] = _facts(job).refunds

    assert refund.by_hand
    assert refund.why == "Bank said: account closed."


def test_a_follow_up_is_a_day(job: WorkOrder) -> None:
    PaymentFactory(work_order=job, status="pending", follow_up_on=date(2026, 11, 9), note="ask")

    [payment] = _facts(job).payments

    assert (payment.follow_up_on, payment.note) == (date(2026, 11, 9), "ask")


def test_a_refund_that_the_provider_made_although_it_was_called_off(job: WorkOrder) -> None:
    payment = PaymentFactory(work_order=job, provider="guardian", amount=Decimal("500.00"))
    RefundFactory(payment=payment, status="cancelled")
    RefundFactory(payment=payment, status="completed", origin="provider", provider_key="rf-7")
    RefundFactory(payment=payment, amount=Decimal("7.00"), origin="provider", provider_key="rf-8")

    facts = {fact.number: fact.after_all for fact in _facts(job).refunds}

    assert facts == {"1": "", "2": "1", "3": ""}

"""Cancelled jobs: what each still charges, and what was refunded."""

from decimal import Decimal

from demo import cancelled
from tests.demo.lines import BOISE, jobs

D = Decimal


def test_a_hundred_refunds_return_exactly_the_payment() -> None:
    payment = jobs(cancelled.lines(BOISE))["FHI633"].payments[0]

    assert len(payment.refunds) == cancelled.HUNDRED
    assert sum(refund.amount for refund in payment.refunds) == payment.amount
    assert sum(refund.fee_amount or D(0) for refund in payment.refunds) == payment.fee_amount


def test_the_same_refund_comes_with_and_without_a_credit_note() -> None:
    by_number = jobs(cancelled.lines(BOISE))
    again, less = by_number["FHI631"], by_number["FHI632"]

    assert [job.payments[0].refunds[0].amount for job in (again, less)] == [D("103.50")] * 2
    assert (again.credits, less.credits[0].amount) == ((), D("100.00"))

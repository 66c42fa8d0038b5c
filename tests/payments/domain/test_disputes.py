"""What lost disputes took: shared like refunds, the same on the ledger and for refunds."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Brand
from invoicing.domain.money import Piece
from payments.domain.disputes import lost_disputes, taken_by_disputes
from payments.domain.post import money_of
from payments.models import Dispute, Payment
from payments.queries import taken_by_lost_disputes
from payments.refunds.verbs import refundable
from tests.factories import DisputeFactory, PaymentFactory, WorkOrderFactory
from workorders.models import WorkOrder

D = Decimal


@pytest.fixture
def job(db: None) -> WorkOrder:
    made: WorkOrder = WorkOrderFactory()
    return made


def card(job: WorkOrder, **values: Any) -> Payment:
    made: Payment = PaymentFactory(
        work_order=job,
        brand=job.brand,
        **{"method": "card", "amount": D("103.59"), "fee_amount": D("3.59"), **values},
    )
    return made


def lost(payment: Payment, amount: str, **values: Any) -> Dispute:
    made: Dispute = DisputeFactory(
        payment=payment, **{"status": "lost", "amount": D(amount), **values}
    )
    return made


def test_only_lost_ones_count_in_the_order_in_which_they_came(job: WorkOrder) -> None:
    payment = card(job)
    second, first = lost(payment, "10.00"), lost(payment, "20.00")
    lost(payment, "30.00", status="open")
    lost(payment, "40.00", status="won")

    assert lost_disputes(payment.disputes.all()) == [second, first]


def test_a_dispute_takes_its_part_of_services_and_fee(job: WorkOrder) -> None:
    payment = card(job)
    disputes = [lost(payment, "51.80"), lost(payment, "51.79")]

    assert taken_by_disputes(disputes[:1], D("100.00"), D("3.59"), "USD") == (D("50.00"), D("1.80"))
    assert taken_by_disputes(disputes, D("100.00"), D("3.59"), "USD") == (D("100.00"), D("3.59"))
    assert taken_by_disputes([], D("100.00"), D("3.59"), "USD") == (D(0), D(0))


@pytest.mark.parametrize("amounts", [["33.33"], ["33.33", "12.34"], ["0.01", "0.01", "50.00"]])
def test_ledger_and_refunds_see_the_same_money_left(amounts: list[str], job: WorkOrder) -> None:
    payment = card(job)
    for amount in amounts:
        lost(payment, amount)

    came: Piece = money_of(payment, payment.allocations.get()).pieces[0]
    left = refundable(payment)

    assert (came.services, came.fee) == (left.services, left.fee)
    taken = taken_by_lost_disputes(job.brand, work_order=job)
    assert taken == sum(map(D, amounts)) == payment.amount - left.total


def test_what_counts_for_nothing_already_is_not_taken_again(job: WorkOrder) -> None:
    lost(card(job, status="charged_back"), "103.59")
    lost(card(job, status="failed", number=2), "103.59")
    lost(card(job, currency="CAD", number=3), "103.59")
    brand: Brand = job.brand

    assert taken_by_lost_disputes(brand) == D(0)

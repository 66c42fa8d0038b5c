"""The preview of a refund with a fee due, with two invoices, and after a surplus became credit."""

from decimal import Decimal

import pytest

from invoicing.domain import client_credit, issuing
from invoicing.models import ClientCredit, CreditKind, Invoice
from invoicing.queries.settlements import job_settlement
from invoicing.settlement.types import ItemStatus
from payments.domain.record import Manual, record_payment
from payments.models import Payment
from payments.refunds import preview
from payments.refunds.preview import Owes, refund
from tests.payments.cancelled_jobs import confirmed, settled
from tests.payments.conftest import Tell, incoming, with_policy
from workorders.domain.charges import ChargeLine
from workorders.models import WorkOrder

D = Decimal


def cash(job: WorkOrder, amount: str) -> Payment:
    return record_payment(job.brand, job, D(amount), Manual(method="cash"), by="Dana")


def less(payment: Payment, job: WorkOrder, amount: str) -> None:
    refund(payment, job, D(amount), owes=Owes.LESS, reason="Radon was not done", by="Ana")


def test_a_fee_that_goes_down_with_the_refund_does_not_make_the_credit_smaller(
    bill: WorkOrder, tell: Tell
) -> None:
    with_policy(bill.brand, uncollected="bill")
    tell(incoming("captured", 1, "500.00", method="card", data={"funding": "credit"}))
    job = WorkOrder.objects.get(pk=bill.pk)

    less(Payment.objects.get(), job, "100.00")

    it = settled(job)
    assert ClientCredit.objects.get().amount == D("100.00")
    assert (it.balance, it.word) == (D("14.36"), "Technology fee due")
    assert [item.status for item in it.items] == [ItemStatus.FULLY_PAID]


def test_a_second_refund_comes_off_what_the_first_left(job: WorkOrder) -> None:
    confirmed(job, "200.00")
    issuing.bill_separately(job.brand, job.pk, [ChargeLine("Radon", D("100.00"))])
    issuing.issue_bill(job.brand, job.pk)
    payment = cash(job, "300.00")

    less(payment, job, "100.00")
    less(payment, job, "100.00")

    per_invoice = [
        (d.settlement.refunded, d.settlement.credits) for d in job_settlement(job).documents
    ]
    assert per_invoice == [(D("100.00"), D("100.00"))] * 2
    assert (settled(job).balance, settled(job).word) == (D("0.00"), "Paid")


@pytest.mark.parametrize("owes", Owes)
def test_a_surplus_that_became_credit_is_returned_once(job: WorkOrder, owes: Owes) -> None:
    confirmed(job, "329.00")
    payment = cash(job, "429.00")
    credit = client_credit.keep_as_credit(job.brand, Invoice.objects.get().pk, D("100.00"))

    shown = preview.preview_refund(payment, job, D("150.00"))
    refund(payment, job, D("150.00"), owes=owes, reason="Too much", by="Ana")

    credit.refresh_from_db()
    assert (shown.from_credit, shown.asks) == (D("100.00"), D("50.00"))
    assert client_credit.left_of(credit) == 0
    assert settled(job).balance == shown.after[owes].balance
    notes = ClientCredit.objects.filter(kind=CreditKind.CREDIT_NOTE)
    assert [note.amount for note in notes] == ([D("50.00")] if owes == Owes.LESS else [])


def test_the_used_part_of_a_surplus_credit_is_asked_about(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    payment = cash(job, "429.00")
    credit = client_credit.keep_as_credit(job.brand, Invoice.objects.get().pk, D("100.00"))
    issuing.bill_separately(job.brand, job.pk, [ChargeLine("Radon", D("80.00"))])
    second = issuing.issue_bill(job.brand, job.pk)
    client_credit.apply_credit(job.brand, credit.pk, second.pk, D("80.00"))

    shown = preview.preview_refund(payment, job, D("100.00"))

    assert (shown.from_credit, shown.asks) == (D("20.00"), D("80.00"))

"""Money that was written and not posted fails its transaction; a provider's fact is parked."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Brand
from invoicing.models import LedgerEntry, Unsettled
from payments.domain import record
from payments.domain.post import post, post_job
from payments.domain.record import Manual
from payments.ingest import receive, waiting
from payments.models import (
    Dispute,
    ExceptionKind,
    Payment,
    PaymentAllocation,
    PaymentException,
    ProviderEvent,
    Refund,
)
from payments.refunds import verbs
from tests.factories import WorkOrderFactory
from tests.invoicing.billed_jobs import T0, D, billed, figures
from tests.payments.conftest import Tell, incoming
from workorders.models import WorkOrder

# Every test here really commits.
pytestmark = pytest.mark.django_db(transaction=True)
BY = "Dana Whitfield"


@pytest.fixture
def payment(brand: Brand, job: WorkOrder) -> Payment:
    """Cash over two jobs, some of it refunded."""
    billed(job, "329.00")
    other = WorkOrderFactory(brand=brand, number="FHI625")
    billed(other, "100.00")
    cash = record.record_check_over(
        brand, [(job, D("300")), (other, D("100"))], Manual("cash", happened_at=T0), by=BY
    )
    verbs.queue_refund(cash, D("50"), reason="Agreed", by=BY, work_order=job)
    return cash


def _status(payment: Payment) -> None:
    Payment.objects.filter(pk=payment.pk).update(status="voided")


def _amount(payment: Payment) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_payment SET amount = amount + 1, "
            "services_amount = services_amount + 1 WHERE id = %s",
            [payment.pk],
        )


def _share(payment: Payment) -> None:
    payment.allocations.filter(work_order=payment.work_order).update(
        amount=D("1"), services_amount=D("1")
    )


def _no_share(payment: Payment) -> None:
    payment.allocations.filter(work_order=payment.work_order).delete()


def _refund(payment: Payment) -> None:
    Refund.objects.filter(payment=payment).update(status="failed")


def _dispute(payment: Payment) -> None:
    Dispute.objects.create(
        brand_id=payment.brand_id,
        work_order=payment.work_order,
        payment=payment,
        status="lost",
        currency="USD",
        amount=D("10"),
        happened_at=T0,
    )


def _moved_share(payment: Payment) -> None:
    third = WorkOrderFactory(brand=payment.brand, number="FHI626")
    payment.allocations.filter(work_order=payment.work_order).update(work_order=third)


def _moved_refund(payment: Payment) -> None:
    other = WorkOrder.objects.get(number="FHI625")
    Refund.objects.filter(payment=payment).update(work_order=other, number=9)


CHANGES = [
    _status,
    _amount,
    _share,
    _no_share,
    _refund,
    _dispute,
    _moved_share,
    _moved_refund,
]


@pytest.mark.parametrize("change", CHANGES)
def test_money_that_is_not_posted_fails_at_commit(
    change: Callable[[Payment], None], payment: Payment
) -> None:
    before = list(Payment.objects.values()), list(PaymentAllocation.objects.values())
    missing = rf"job FHI62\d: payment {payment.pk} changed and was not posted"

    with pytest.raises(IntegrityError, match=missing), transaction.atomic():
        change(payment)

    assert (list(Payment.objects.values()), list(PaymentAllocation.objects.values())) == before
    assert not Unsettled.objects.exists()


@pytest.mark.parametrize("change", [_share, _refund, _dispute])
def test_and_is_committed_once_it_is(change: Callable[[Payment], None], payment: Payment) -> None:
    with transaction.atomic():
        change(payment)
        post(payment)

    assert not Unsettled.objects.exists()


@pytest.mark.parametrize("change", [_no_share, _moved_share])
def test_posting_leaves_a_job_open_that_the_payment_pays_no_more(
    change: Callable[[Payment], None], payment: Payment
) -> None:
    """The ledger of that job still has the money, and no share is left to take it back by."""

    @transaction.atomic
    def verb() -> None:
        change(payment)
        post(payment)

    with pytest.raises(IntegrityError, match=f"job FHI624: payment {payment.pk} changed"):
        verb()


def test_a_refund_on_a_job_that_the_payment_does_not_pay_is_never_settled(
    payment: Payment, brand: Brand
) -> None:
    elsewhere = WorkOrderFactory(brand=brand, number="FHI627")

    @transaction.atomic
    def verb() -> None:
        Refund.objects.filter(payment=payment).update(work_order=elsewhere)
        post(payment)

    with pytest.raises(IntegrityError, match=f"job FHI627: payment {payment.pk} changed"):
        verb()


def test_every_payment_has_to_be_posted_not_only_one(brand: Brand, payment: Payment) -> None:
    second = record.record_payment(brand, payment.work_order, D("2"), Manual("cash"), by=BY)

    @transaction.atomic
    def verb() -> None:
        _share(payment)
        _share(second)
        post(payment)

    with pytest.raises(IntegrityError, match=f"payment {second.pk} changed"):
        verb()


def test_posting_one_job_leaves_the_payments_other_jobs_to_post(payment: Payment) -> None:
    job = WorkOrder.objects.select_related("brand").get(number="FHI624")

    @transaction.atomic
    def verb() -> None:
        _status(payment)
        payment.allocations.update(status="voided")
        post_job(job)

    with pytest.raises(IntegrityError, match="job FHI625"):
        verb()


def test_words_about_a_payment_call_for_nothing(payment: Payment) -> None:
    record.annotate(payment, note="In the mail", follow_up_on=None)
    Payment.objects.update(reference="1234")

    assert not Unsettled.objects.exists()


def test_a_fact_that_forgets_to_post_is_parked_for_a_person(
    brand: Brand, job: WorkOrder, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    billed(job, "329.00")
    monkeypatch.setattr(receive, "post", lambda payment, **how: None)

    tell(incoming("captured", 1, "329.00", method="card"))

    event = ProviderEvent.objects.get()
    assert (event.folded_at, event.work_order_id) == (None, job.pk)
    assert "was not posted" in event.processing_error
    exception = PaymentException.objects.get()
    assert (exception.kind, exception.resolved_at) == (ExceptionKind.UNFOLDABLE, None)
    assert not Payment.objects.exists()
    assert waiting.retry_unfolded() == 0  # it waits, and is no louder for it
    assert PaymentException.objects.count() == 1

    monkeypatch.undo()
    assert waiting.retry_unfolded() == 1
    assert LedgerEntry.objects.count() == 1
    assert figures(job)[1] == "329.00"
    assert PaymentException.objects.get().resolved_at is not None

"""Amounts that do not fit: one exception each, in the brand's money, open until they fit."""

from decimal import Decimal

from payments.ingest.exceptions import resolve
from payments.models import ExceptionKind, Payment, PaymentException, ProviderEvent, Refund
from tests.payments.conftest import Tell, incoming
from workorders.models import WorkOrder

D = Decimal


def too_much(tell: Tell) -> PaymentException:
    """100.00 came, 150.00 went back."""
    tell(incoming("captured", 0, "100.00", method="card"))
    tell(incoming("refunded", 5, "150.00", method="card"))
    return PaymentException.objects.get()


def test_it_reads_in_the_brands_money(tell: Tell, job: WorkOrder) -> None:
    assert too_much(tell).summary == (
        "A refund of $150.00 is more than what could be refunded ($100.00 of $100.00); "
        "$50.00 of it is not recorded."
    )


def test_it_is_reported_once_however_often_the_order_is_folded(tell: Tell, job: WorkOrder) -> None:
    exception = too_much(tell)

    tell(incoming("settled", 9, "100.00", method="card"))
    tell(incoming("levitated", 10, method="card"))

    again = PaymentException.objects.get()
    assert (again.pk, again.resolved_at) == (exception.pk, None)


def test_it_opens_again_when_it_does_not_fit_after_all(tell: Tell, job: WorkOrder) -> None:
    tell(incoming("authorised", 0, "100.00", method="card"))
    tell(incoming("refunded", 5, "150.00", method="card"))
    tell(incoming("captured", 1, "200.00", method="card"))
    assert not PaymentException.objects.filter(resolved_at=None).exists()

    tell(incoming("captured", 2, "100.00", method="card"))

    exception = PaymentException.objects.get(summary__startswith="A refund of")
    assert (exception.resolved_at, exception.resolution) == (None, "")


def test_what_a_person_resolved_stays_resolved(tell: Tell, job: WorkOrder) -> None:
    exception = too_much(tell)
    resolve(exception, by="Priya Nair", note="Guardian sent it by mistake.")

    tell(incoming("settled", 9, "100.00", method="card"))

    assert PaymentException.objects.get().resolved_by == "Priya Nair"


def test_an_unreadable_fee_is_reported_and_the_fact_is_stored(tell: Tell, job: WorkOrder) -> None:
    tell(incoming("captured", 0, "100.00", method="card", data={"fee": "a {lot}"}))
    tell(incoming("settled", 1, "100.00", method="card"))

    payment, exception = Payment.objects.get(), PaymentException.objects.get()
    assert (payment.status, payment.fee_amount) == ("completed", D("0.00"))
    assert ProviderEvent.objects.get(status="captured").data == {"fee": "a {lot}"}
    assert (exception.kind, exception.resolved_at) == (ExceptionKind.AMOUNT, None)
    assert exception.summary == "Its fee is no amount of USD: “a {lot}”. It was ignored."


def test_a_refunds_id_may_be_a_number(tell: Tell, job: WorkOrder) -> None:
    tell(incoming("captured", 0, "100.00", method="card"))
    tell(incoming("refund_queued", 1, "20.00", method="card", data={"refund_id": 77}))
    tell(incoming("refunded", 2, "20.00", method="card", data={"refund_id": 77}))

    refund = Refund.objects.get()
    assert (refund.provider_refund_id, refund.status) == ("77", "completed")


def test_a_card_that_later_facts_do_not_confirm_is_removed(tell: Tell, job: WorkOrder) -> None:
    tell(incoming("captured", 0, "100.00", method="card", data={"funding": "credit"}))
    Payment.objects.update(card_brand="Visa")  # what no fact says

    tell(incoming("settled", 1, "100.00", method="card"))

    payment = Payment.objects.get()
    assert (payment.funding, payment.card_brand) == ("credit", "")

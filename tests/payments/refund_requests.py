"""Card payments that came in, and refunds that somebody asks for."""

from decimal import Decimal

from payments.models import Payment, Refund
from payments.refunds.verbs import queue_refund
from tests.factories import PaymentFactory
from workorders.models import WorkOrder

D = Decimal


def card(job: WorkOrder, amount: str = "103.50", fee: str = "3.50", **rest: object) -> Payment:
    values = {"method": "card", "provider": "guardian", "card_brand": "Visa", "last4": "4242"}
    made: Payment = PaymentFactory(
        work_order=job, amount=D(amount), fee_amount=D(fee), **{**values, **rest}
    )
    return made


def queue(payment: Payment, services: str, **rest: object) -> Refund:
    values = {"reason": "Cancelled; no cancellation fee", "by": "Dana Whitfield", **rest}
    return queue_refund(payment, D(services), **values)  # type: ignore[arg-type]


def parts(refund: Refund) -> tuple[Decimal, Decimal, Decimal]:
    return refund.amount, refund.services_amount, refund.fee_amount

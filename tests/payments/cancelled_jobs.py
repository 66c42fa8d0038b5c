"""Jobs that are billed, paid and cancelled through the verbs that people use."""

from decimal import Decimal

from django.db import transaction

from core import clock
from invoicing.domain import client_credit
from invoicing.domain.rollup import figures_of
from invoicing.models import ClientCredit, CreditKind, Invoice
from invoicing.queries import settlements
from invoicing.settlement.types import Settlement
from payments.cancelling import cancel as cancelling
from payments.cancelling.cancel import Held, Plan, Preview, Remains
from payments.domain.post import post
from payments.models import Payment
from tests.payments.refund_requests import card
from workorders.domain import jobs
from workorders.domain.charges import ChargeLine, replace_charges
from workorders.models import ServiceType, WorkOrder, WorkOrderStatus

D = Decimal
NOTHING, FEE, EVERYTHING = Remains
REFUND, KEEP, CREDIT = Held


def fee_of(amount: str = "125.00") -> ChargeLine:
    described = "Same Day Cancelation - HI NOT Done"
    return ChargeLine(described, D(amount), service_type=ServiceType.CANCELLATION)


def plan(
    remains: Remains = FEE, money: Held = REFUND, fee: str = "125.00", reason: str = "Called off"
) -> Plan:
    return Plan(remains, money, reason, fee_of(fee) if remains == FEE else None)


def charged(job: WorkOrder, *amounts: str) -> WorkOrder:
    lines = [ChargeLine("General Home Inspection", D(amount)) for amount in amounts]
    replace_charges(job.brand, job.pk, lines)
    return job


def confirmed(job: WorkOrder, *amounts: str) -> WorkOrder:
    charged(job, *amounts)
    jobs.set_status(job.brand, job.pk, WorkOrderStatus.CONFIRMED)
    job.refresh_from_db()
    return job


def paid(job: WorkOrder, amount: str = "340.52", fee: str = "11.52", **rest: object) -> Payment:
    payment = card(job, amount, fee, **rest)
    with transaction.atomic():
        post(payment)
    return payment


def fhi624(job: WorkOrder) -> Payment:
    confirmed(job, "329.00")
    return paid(job)


def cancel(job: WorkOrder, how: Plan) -> Preview:
    """Cancel as previewed; the figures afterwards must equal those of the preview."""
    shown = cancelling.preview(job, how)
    done = cancelling.cancel_job(job.brand, job.pk, how, expected=shown.fingerprint, by="Dana")
    assert figures(settled(job)) == figures(shown.after)
    return done


def settled(job: WorkOrder) -> Settlement:
    return settlements.job_settlement(job).whole


def figures(settlement: Settlement) -> dict[str, object]:
    return figures_of(settlement) | {"status": settlement.status}


def figures_now(job: WorkOrder) -> tuple[str, str, str, str]:
    """(billed, received, refunded, word) of the job now."""
    it = settled(job)
    return str(it.billed), str(it.received), str(it.refunded), it.word.value


def prepaid(job: WorkOrder, amount: str) -> ClientCredit:
    """A prepayment of the client, used in full on the job's bill."""
    credit: ClientCredit = ClientCredit.objects.create(
        brand=job.brand,
        client=job.client,
        kind=CreditKind.PREPAYMENT,
        amount=D(amount),
        label="Prepayment",
        method="check",
        happened_at=clock.now(),
    )
    invoice = Invoice.objects.filter(work_order=job, status="issued").latest("pk")
    client_credit.apply_credit(job.brand, credit.pk, invoice.pk, D(amount))
    return credit

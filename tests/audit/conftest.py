"""A brand whose job was billed, amended, paid by card, refunded and credited, by the verbs."""

from decimal import Decimal

import pytest
from django.db import transaction

from accounts.models import Brand
from invoicing.domain import issuing
from invoicing.domain.fees import policies_of
from invoicing.models import FeePolicy
from payments.domain import record
from payments.domain.post import post
from payments.models import Funding, Method, Payment
from payments.refunds import verbs
from tests.factories import BrandFactory, PaymentFactory, WorkOrderFactory
from workorders.domain.charges import ChargeLine, replace_charges
from workorders.models import Charge, WorkOrder

D = Decimal


@pytest.fixture
def brand(db: None) -> Brand:
    return BrandFactory(slug="ria", name="Ridgeline", number_prefix="RIA")


def billed(brand: Brand, number: str, *amounts: str) -> WorkOrder:
    """A job whose bill is issued."""
    job: WorkOrder = WorkOrderFactory(brand=brand, number=number)
    replace_charges(brand, job.pk, [ChargeLine(f"Service {a}", D(a)) for a in amounts])
    issuing.issue_bill(brand, job.pk)
    return job


def by_card(job: WorkOrder, amount: str, **rest: object) -> Payment:
    """Money that came by card and is posted to the ledger."""
    values = {"method": Method.CARD, "provider": "guardian", "funding": Funding.CREDIT}
    payment: Payment = PaymentFactory(work_order=job, amount=D(amount), **{**values, **rest})
    with transaction.atomic():
        post(payment)
    return payment


def by_check(job: WorkOrder, amount: str) -> Payment:
    """A check recorded by hand: pending until it clears."""
    money = record.Manual(method=Method.CHECK, reference="1234")
    return record.record_payment(job.brand, job, D(amount), money, by="Dana")


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    """Billed over two lines, amended, paid by card above the bill, part of it returned."""
    FeePolicy.objects.create(
        brand=brand,
        effective_from="2020-01-01T00:00Z",
        percent=D("3.5"),
        fundings=["credit"],
    )
    assert policies_of(brand)
    job = billed(brand, "RIA1", "329", "100")
    first = Charge.objects.filter(work_order=job).earliest("pk")
    lines = [ChargeLine("Service 329", D("300"), id=first.pk), ChargeLine("Radon", D("50"))]
    replace_charges(brand, job.pk, lines, reason="Other services")
    payment = by_card(job, "400", fee_amount=D("12"))
    refund = verbs.queue_refund(payment, D("38"), reason="Surplus", by="Dana")
    verbs.complete_refund(refund, reference="re_1")
    job.refresh_from_db()
    return job


@pytest.fixture
def payment(job: WorkOrder) -> Payment:
    return Payment.objects.get(work_order=job)

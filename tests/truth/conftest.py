"""A brand whose job was billed, amended, paid by card, refunded and credited, by the verbs."""

from decimal import Decimal

import pytest
from django.db import transaction

from accounts.models import Brand
from invoicing.domain import issuing
from payments.domain import manual
from payments.domain.posting import post
from payments.models import Funding, Method, Payment
from tests.factories import BrandFactory, PaymentFactory, WorkOrderFactory
from workorders.domain.charges import ChargeLine, replace_charges
from workorders.models import WorkOrder

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
    """Money that came by card, and stands on the ledger."""
    values = {"method": Method.CARD, "provider": "guardian", "funding": Funding.CREDIT}
    payment: Payment = PaymentFactory(work_order=job, amount=D(amount), **{**values, **rest})
    with transaction.atomic():
        post(payment)
    return payment


def by_check(job: WorkOrder, amount: str) -> Payment:
    """A check written down by hand: pending until it clears."""
    money = manual.Manual(method=Method.CHECK, reference="1234")
    return manual.record_payment(job.brand, job, D(amount), money, by="Dana")

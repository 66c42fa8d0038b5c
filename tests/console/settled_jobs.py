"""Jobs made by factories, brought to where the verbs would have left them: billed and settled."""

from datetime import UTC, datetime
from decimal import Decimal

from accounts.models import Brand
from invoicing.domain import follow_charges, issuing
from invoicing.models import FeePolicy, Invoice, InvoiceStatus
from invoicing.queries.settlements import JobSettlement, job_settlement
from invoicing.settlement.types import Uncollected
from payments.domain.post import post_job
from tests.factories import ChargeFactory, PaymentFactory, WorkOrderFactory
from workorders.models import WorkOrder


def fee_policy(brand: Brand, uncollected: Uncollected = Uncollected.ABSORB) -> FeePolicy:
    """3.59 % on credit cards, since long ago."""
    return FeePolicy.objects.create(
        brand=brand,
        effective_from=datetime(2020, 1, 1, tzinfo=UTC),
        percent=Decimal("3.59"),
        fundings=["credit"],
        uncollected=uncollected.value,
    )


def paid_without_fee(brand: Brand, number: str) -> WorkOrder:
    """500.00 of services paid by a credit card that should have brought 17.95 more."""
    job: WorkOrder = WorkOrderFactory(brand=brand, number=number)
    ChargeFactory(work_order=job, amount=Decimal("500.00"))
    PaymentFactory(work_order=job, amount=Decimal("500.00"), method="card", funding="credit")
    settle(job)
    return job


def settle(job: WorkOrder, *, issue: bool = True) -> JobSettlement:
    """Let the documents of ``job`` follow its charges, issue its draft, post its money."""
    job = WorkOrder.objects.select_related("brand").get(pk=job.pk)
    follow_charges.follow(job, reason="the test says so")
    draft = Invoice.objects.filter(work_order=job, status=InvoiceStatus.DRAFT).first()
    if issue and draft is not None:
        issuing.issue_bill(job.brand, job.pk)
    post_job(job)
    return job_settlement(job)

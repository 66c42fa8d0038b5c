"""Jobs made by factories, brought to where the verbs would have left them: billed and settled."""

from invoicing.domain import issuing, mirror
from invoicing.models import Invoice, InvoiceStatus
from invoicing.queries import JobSettlement, job_settlement
from payments.domain.posting import post_job
from workorders.models import WorkOrder


def settle(job: WorkOrder, *, issue: bool = True) -> JobSettlement:
    """Let the documents of ``job`` follow its charges, issue its draft, post its money."""
    job = WorkOrder.objects.select_related("brand").get(pk=job.pk)
    mirror.follow(job, reason="the test says so")
    draft = Invoice.objects.filter(work_order=job, status=InvoiceStatus.DRAFT).first()
    if issue and draft is not None:
        issuing.issue_bill(job.brand, job.pk)
    post_job(job)
    return job_settlement(job)

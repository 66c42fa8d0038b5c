"""What invoicing hangs into the verbs of jobs."""

from invoicing.domain import follow_charges
from invoicing.models import ClientCredit, Invoice, InvoiceStatus
from workorders.domain import hooks
from workorders.models import WorkOrder, WorkOrderStatus


def register() -> None:
    """Fill the hook lists of ``workorders``."""
    hooks.on_charges_changed.append(follow_charges.follow)
    hooks.on_status_changed.append(_status_changed)
    hooks.may_delete.append(why_not_delete)
    hooks.bill_is_issued.append(follow_charges.is_issued)
    hooks.issued_by_confirming.append(follow_charges.issued_by_confirming)


def _status_changed(job: WorkOrder, before: WorkOrderStatus) -> None:
    """A job that is confirmed has its bill issued."""
    follow_charges.follow(job, job.reason)


def why_not_delete(job: WorkOrder) -> str:
    """A job with a document that went out is never deleted: void the document instead."""
    rows = Invoice.objects.filter(brand=job.brand_id, work_order=job)
    numbers = (
        rows.exclude(status=InvoiceStatus.DRAFT).order_by("pk").values_list("number", flat=True)
    )
    if numbers:
        return f"{', '.join(numbers)} was issued. Void it and cancel the job instead."
    if ClientCredit.objects.filter(brand=job.brand_id, work_order=job).exists():
        return "A client’s credit came from this job. Cancel the job instead."
    return ""

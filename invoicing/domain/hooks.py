"""What invoicing hangs into the verbs of jobs."""

from invoicing.domain import follow_charges
from workorders.domain import hooks
from workorders.models import WorkOrder, WorkOrderStatus


def register() -> None:
    """Fill the hook lists of ``workorders``."""
    hooks.on_charges_changed.append(follow_charges.follow)
    hooks.on_status_changed.append(_status_changed)
    hooks.bill_is_issued.append(follow_charges.is_issued)
    hooks.issued_by_confirming.append(follow_charges.issued_by_confirming)


def _status_changed(job: WorkOrder, before: WorkOrderStatus) -> None:
    """A job that is confirmed has its bill issued."""
    follow_charges.follow(job, job.reason)

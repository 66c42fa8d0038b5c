"""What payments hang into the verbs of jobs; after invoicing, whose documents they read."""

from payments.domain.card_payments import waits_for_bill
from payments.domain.post import follow_bill
from workorders.domain import hooks
from workorders.models import WorkOrder, WorkOrderStatus


def register() -> None:
    """Fill the hook lists of ``workorders``."""
    hooks.on_charges_changed.append(_charges_changed)
    hooks.on_status_changed.append(_status_changed)


def _charges_changed(job: WorkOrder, reason: str) -> None:
    """Card money that came before anything was billed is measured against the first bill."""
    if waits_for_bill(job):
        follow_bill(job)


def _status_changed(job: WorkOrder, before: WorkOrderStatus) -> None:
    _charges_changed(job, job.reason)

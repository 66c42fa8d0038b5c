"""What higher apps hang into the verbs of this one, in ``AppConfig.ready()``.

Hooks run inside the verb's transaction, with the work order locked; what they raise undoes it.
``bill_is_issued``, ``issued_by_confirming`` and ``before_reviving`` are questions that pages ask,
too, without a lock.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

from workorders.models import WorkOrder, WorkOrderStatus

# The job, and why its charges changed ("" where nobody had to say).
ChargesChanged = Callable[[WorkOrder, str], None]
# The job as it is now, and the status that it had before.
StatusChanged = Callable[[WorkOrder, WorkOrderStatus], None]
# Answers whether the job has a bill that went out, so that changing it needs a reason.
BillIsIssued = Callable[[WorkOrder], bool]
# Answers what the bill that confirming the job issues would come to; None where it issues none.
IssuedByConfirming = Callable[[WorkOrder], Decimal | None]

# Answers what somebody should know before a cancelled job becomes that: sentences with amounts.
BeforeReviving = Callable[[WorkOrder, WorkOrderStatus], Sequence[str]]

on_charges_changed: list[ChargesChanged] = []
on_status_changed: list[StatusChanged] = []
bill_is_issued: list[BillIsIssued] = []
issued_by_confirming: list[IssuedByConfirming] = []
before_reviving: list[BeforeReviving] = []


def charges_changed(job: WorkOrder, reason: str) -> None:
    """Tell everybody that a job's charges are different now, and why."""
    for hook in on_charges_changed:
        hook(job, reason)


def status_changed(job: WorkOrder, before: WorkOrderStatus) -> None:
    """Tell everybody that a job has another status than ``before``."""
    for hook in on_status_changed:
        hook(job, before)


def is_issued(job: WorkOrder) -> bool:
    """Whether anybody says that the job's bill is issued."""
    return any(hook(job) for hook in bill_is_issued)


def confirming_issues(job: WorkOrder) -> Decimal | None:
    """What the bill that confirming ``job`` issues asks for, in its currency; None without one."""
    answers = (hook(job) for hook in issued_by_confirming)
    return next((amount for amount in answers if amount is not None), None)


def reviving_says(job: WorkOrder, status: WorkOrderStatus) -> list[str]:
    """What it comes to, and what stays, when a cancelled ``job`` becomes ``status`` again."""
    if job.status != WorkOrderStatus.CANCELLED:
        return []
    return [text for hook in before_reviving for text in hook(job, status)]

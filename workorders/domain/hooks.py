"""What higher apps hang into the verbs of this one, in ``AppConfig.ready()``.

Hooks run inside the verb's transaction, with the work order locked; what they raise undoes it.
"""

from collections.abc import Callable

from django.core.exceptions import ValidationError

from workorders.models import WorkOrder

ChargesChanged = Callable[[WorkOrder], None]
# Answers why a job may not be deleted, or "" where it has nothing against it.
MayDelete = Callable[[WorkOrder], str]

on_charges_changed: list[ChargesChanged] = []
may_delete: list[MayDelete] = []


def charges_changed(job: WorkOrder) -> None:
    """Tell everybody that a job's charges are different now."""
    for hook in on_charges_changed:
        hook(job)


def check_may_delete(job: WorkOrder) -> None:
    """Raise ValidationError with every reason against deleting ``job``."""
    reasons = [reason for hook in may_delete if (reason := hook(job))]
    if reasons:
        raise ValidationError(reasons)

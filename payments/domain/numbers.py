"""Short numbers, counted per job: the caller holds the job's lock."""

from django.db.models import Max

from payments.models import Payment, PaymentAttempt, Refund
from workorders.models import WorkOrder


def next_number(model: type[Payment | PaymentAttempt | Refund], work_order: WorkOrder) -> int:
    """The next free number of ``model`` on ``work_order``; numbers are never used again."""
    rows = model._default_manager.filter(work_order=work_order)
    highest: int | None = rows.aggregate(highest=Max("number"))["highest"]
    return (highest or 0) + 1

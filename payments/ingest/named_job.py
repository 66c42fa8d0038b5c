"""Which job's share a refund or dispute takes, of a provider's payment over several jobs."""

from collections.abc import Sequence

from payments.models import Payment
from workorders.models import WorkOrder


def named_job(payment: Payment, numbers: Sequence[str]) -> WorkOrder | None:
    """The one other job that ``numbers`` (in capitals) name and ``payment`` pays; else None.

    Every event of an order names the job that the order is on: that says nothing about a refund.
    """
    elsewhere = set(numbers) - {payment.work_order.number.upper()}
    if not elsewhere:
        return None
    shares = payment.allocations.exclude(work_order=payment.work_order_id)
    others = [share.work_order for share in shares.select_related("work_order")]
    named = [job for job in others if job.number.upper() in elsewhere]
    return named[0] if len(named) == 1 else None

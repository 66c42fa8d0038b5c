"""What it comes to that a cancelled job is taken up again. Reads only; in sentences for the page.

Cancelling changed the bill and queued refunds. Taking the job up again undoes none of that by
itself: charges that were taken off stay off, and what is queued is still sent. So the page says it.
"""

from collections.abc import Iterator

from core.money import display
from invoicing.settlement.types import Settlement
from payments.cancelling.preview import issuing_first
from payments.domain import preview
from payments.models import Refund, RefundStatus
from workorders.models import WorkOrder, WorkOrderStatus

UNDER_WAY = (RefundStatus.QUEUED, RefundStatus.PENDING)


def before_reviving(job: WorkOrder, status: WorkOrderStatus) -> list[str]:
    """What a cancelled ``job`` comes to as ``status``, and which refunds go out all the same."""
    sheets = preview.sheets_of(job)
    after = issuing_first(sheets) if status == WorkOrderStatus.CONFIRMED else sheets
    now, then = (preview.whole(rows, job.brand.currency) for rows in (sheets, after))
    return [*_balance(job, now, then), *_refunds(job)]


def _balance(job: WorkOrder, now: Settlement, then: Settlement) -> Iterator[str]:
    if not job.charges.exists():
        yield "It has no charges: cancelling took them off. Add them again afterwards."
    if _same(now, then):
        yield f"Its balance stays {_said(job, then)}."
    else:
        yield f"Its balance is {_said(job, now)} now, and {_said(job, then)} then."
    if then.received or then.refunded:
        figures = (then.billed, then.received, then.refunded)
        billed, received, back = (display(figure, job.brand.currency) for figure in figures)
        yield f"{billed} billed, {received} received, {back} refunded or on its way back."


def _same(now: Settlement, then: Settlement) -> bool:
    return (now.balance, now.word) == (then.balance, then.word)


def _said(job: WorkOrder, it: Settlement) -> str:
    return f"{display(it.balance, job.brand.currency)} ({it.word.value.lower()})"


def _refunds(job: WorkOrder) -> Iterator[str]:
    """Refunds under way: confirming a job stops none of them."""
    rows = Refund.objects.filter(brand=job.brand_id, work_order=job, status__in=UNDER_WAY)
    for row in rows.order_by("number"):
        to = f" to {row.destination}" if row.destination else ""
        status = RefundStatus(row.status).label.lower()
        hint = " Call it off first if the client pays with it." if row.status == "queued" else ""
        yield (
            f"R-{row.number}, {display(row.amount, row.currency)}{to}, stays {status}: it still "
            f"goes back.{hint}"
        )

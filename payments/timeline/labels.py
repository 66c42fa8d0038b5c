"""How a payment is named in one line, with its number, method and gross amount."""

from core.money import display as money_text
from payments.models import Payment, Refund
from payments.timeline import phrases
from workorders.models import WorkOrder

__all__ = ["full_number", "means", "money_text", "payment_label", "refund_number"]


def full_number(work_order_number: str, number: int) -> str:
    """``FHI624-P-2``."""
    return f"{work_order_number}-P-{number}"


def refund_number(refund: Refund, job: WorkOrder) -> str:
    """A refund’s number on a page of ``job``: ``2``, or ``2 of FHI704`` where that numbered it."""
    here = refund.work_order_id == job.pk
    return str(refund.number) if here else f"{refund.number} of {refund.work_order.number}"


def means(payment: Payment) -> str:
    """What was paid with, at the start of a line: ``Visa •4242``, ``Check 1234``."""
    words = phrases.means(phrases.means_of(payment))
    return words[:1].upper() + words[1:]


def payment_label(payment: Payment, work_order_number: str, jobs: int = 1) -> str:
    """``FHI624-P-2 · Check 1234 · $900.00 over 3 jobs``, at most 200 characters."""
    parts = [
        full_number(work_order_number, payment.number),
        means(payment),
        money_text(payment.amount, payment.currency) + (f" over {jobs} jobs" if jobs > 1 else ""),
    ]
    return " · ".join(parts)[:200]

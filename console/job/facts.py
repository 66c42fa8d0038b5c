"""The facts that the summary of a job is made of, read from its rows."""

from datetime import date
from decimal import Decimal

from console.job import summary
from core import moments
from core.money import ZERO
from invoicing.models import InvoiceStatus
from invoicing.queries import credits, to_bill
from invoicing.queries.prices import prices
from invoicing.queries.settlements import JobSettlement
from payments.models import (
    Payment,
    PaymentAllocation,
    PaymentAttempt,
    Provider,
    Refund,
    RefundOrigin,
    RefundStatus,
)
from payments.queries_job import taken_from
from payments.refunds.undo import notes_of
from payments.timeline import phrases
from payments.timeline.labels import refund_number
from workorders.models import WorkOrder, WorkOrderStatus


def facts_of(
    job: WorkOrder,
    settled: JobSettlement,
    allocations: list[PaymentAllocation],
    attempts: list[PaymentAttempt],
    refunds: list[Refund],
) -> summary.JobFacts:
    """The facts of a job, in the brand's currency; what is in another is named, never counted."""
    return summary.JobFacts(
        currency=job.brand.currency,
        settlement=settled.whole,
        due_on=_due_on(settled),
        price=_price(job, settled),
        client=job.client.name,
        cancelled=job.status == WorkOrderStatus.CANCELLED,
        published=job.published_at is not None,
        payments=[_payment_fact(a, job) for a in allocations if _counts(a.payment, job)],
        uncounted=[_payment_fact(a, job) for a in allocations if not _counts(a.payment, job)],
        attempts=[_attempt_fact(a) for a in attempts if _counts(a, job) and not _tells_itself(a)],
        refunds=[_refund_fact(r, refunds, job) for r in refunds if _counts(r, job)],
        today=moments.today(job.brand.time_zone),
        lost=taken_from(job),
        voided=_voided(job, settled),
        unbilled=_unbilled(job, settled),
    )


def _voided(job: WorkOrder, settled: JobSettlement) -> list[tuple[str, Decimal]]:
    """What came for void invoices and is not used, by number; asked only where one is void."""
    if all(d.invoice.status != InvoiceStatus.VOID for d in settled.documents):
        return []
    rows = credits.from_void(job.brand, job.pk)
    return [(row.credit.invoice.number, row.left) for row in rows if row.credit.invoice]


def _unbilled(job: WorkOrder, settled: JobSettlement) -> Decimal:
    """What void bills asked for and no document bills now; asked only where one is void."""
    if all(d.invoice.status != InvoiceStatus.VOID for d in settled.documents):
        return ZERO
    return to_bill.of_void_bills(job.brand, job.pk)


def _counts(row: Payment | PaymentAttempt | Refund, job: WorkOrder) -> bool:
    """Whether it is in the brand's money: what is not is in no balance."""
    return row.currency == job.brand.currency


def _due_on(settled: JobSettlement) -> date | None:
    """When the job's open bill is due; None where none is open, or several are."""
    issued = [d for d in settled.documents if d.invoice.status == InvoiceStatus.ISSUED]
    days = [d.invoice.due_on for d in issued if d.settlement.balance > 0]
    return days[0] if len(days) == 1 else None


def _price(job: WorkOrder, settled: JobSettlement) -> str:
    """What is due by each means: "$500.00, or $517.95 by card"; empty where nothing is."""
    whole = settled.whole
    if not whole.amount_due:
        return ""
    due = whole.amount_due
    return str(prices(job.brand, due, job.fee_disabled, fee_due=min(whole.fee.due, due)))


def _tells_itself(attempt: PaymentAttempt) -> bool:
    """Whether a payment that failed says the same as its attempt."""
    payment = attempt.payment
    return payment is not None and payment.status == "failed"


def _payment_fact(allocation: PaymentAllocation, job: WorkOrder) -> summary.PaymentFact:
    payment = allocation.payment
    here = payment.work_order_id == job.pk
    row = phrases.means_of(payment)
    return summary.PaymentFact(
        number=str(payment.number) if here else f"{payment.work_order}-P-{payment.number}",
        status=payment.status,
        method=payment.method,
        means=phrases.means(row),
        payer=payment.payer_name,
        share=allocation.amount,
        currency=payment.currency,
        when=payment.paid_at or payment.happened_at,
        why=phrases.why(row, payment.status),
        reason=phrases.reason(row),
        follow_up_on=payment.follow_up_on,
        note=payment.note,
    )


def _attempt_fact(attempt: PaymentAttempt) -> summary.AttemptFact:
    row = phrases.means_of(attempt)
    return summary.AttemptFact(
        status=attempt.status,
        means=phrases.means(row),
        amount=attempt.amount,
        when=attempt.happened_at,
        why=phrases.why(row, attempt.status),
        reason=phrases.reason(row),
    )


def _refund_fact(refund: Refund, refunds: list[Refund], job: WorkOrder) -> summary.RefundFact:
    """A refund of the job; its notes are asked for only where it failed."""
    is_failed = refund.status == RefundStatus.FAILED
    return summary.RefundFact(
        number=refund_number(refund, job),
        status=refund.status,
        destination=refund.destination,
        amount=getattr(refund, "here", refund.amount),
        why=f"Bank said: {refund.failure_reason}." if refund.failure_reason else "",
        by_hand=refund.payment.provider == Provider.MANUAL,
        notes=[note.label for note in notes_of(refund)] if is_failed else (),
        after_all=_called_off(refund, refunds),
    )


def _called_off(refund: Refund, refunds: list[Refund]) -> str:
    """The number of the refund that was called off here and that the provider made; "" if none."""
    if refund.origin != RefundOrigin.PROVIDER or refund.status != RefundStatus.COMPLETED:
        return ""
    same = (
        str(other.number)
        for other in refunds
        if other.origin == RefundOrigin.PERSON
        and other.status == RefundStatus.CANCELLED
        and (other.payment_id, other.amount) == (refund.payment_id, refund.amount)
        and other.pk < refund.pk
    )
    return next(same, "")

"""Cancelling a work order together with its money: one plan, one preview, one transaction."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Brand
from core.money import ZERO
from invoicing.domain import client_credit, credit_notes, follow_charges, issuing
from invoicing.domain.issuing import unchanged_line
from invoicing.domain.rollup import figures_of
from invoicing.models import ClientCredit, InvoiceStatus, JobBalance
from invoicing.queries import settlements
from invoicing.settlement.types import Settlement
from payments.cancelling.preview import Held, Plan, PlannedRefund, Preview, Remains, preview
from payments.domain.locks import lock_work_orders
from payments.models import PaymentAllocation
from payments.refunds.verbs import queue_refund
from workorders.domain.charges import ChargeLine, replace_charges
from workorders.domain.fingerprint import CHANGED
from workorders.domain.jobs import JOBS, set_status
from workorders.domain.reasons import cleaned_reason
from workorders.models import WorkOrder, WorkOrderStatus

__all__ = [
    "Held",
    "Outdated",
    "Plan",
    "PlannedRefund",
    "Preview",
    "Remains",
    "cancel_job",
    "holds_unbilled_money",
    "money_held_unbilled",
    "preview",
    "why_not_cancel",
]


class Outdated(ValidationError):
    """Something changed since it was previewed; ``preview`` is what it would come to now."""

    def __init__(self, current: Preview) -> None:
        super().__init__(CHANGED, code="changed")
        self.preview = current


def why_not_cancel(job: WorkOrder) -> str:
    """Why a job cannot be cancelled; "" when it can."""
    return JOBS.why_not(job, WorkOrderStatus.CANCELLED)


@transaction.atomic
def cancel_job(
    brand: Brand, work_order_id: int, plan: Plan, *, expected: str | None, by: str = ""
) -> Preview:
    """Cancel a job: its status, its charges, its refunds and its credit, all or nothing.

    ``expected`` is the fingerprint of the preview that somebody agreed to (None: whatever it
    comes to). Ends with exactly the settlement that was previewed. Raises Outdated where it
    would come to something else now, else ValidationError naming ``status``, ``reason``,
    ``amount`` or ``description``. Refunds are queued: they count from now on.
    """
    why = cleaned_reason(plan.reason, required=True)
    job = _locked(brand, work_order_id)
    if refusal := why_not_cancel(job):
        raise ValidationError({"status": refusal})
    planned = preview(job, plan)
    if expected is not None and expected != planned.fingerprint:
        raise Outdated(planned)
    _bill(job, plan, why)
    _return(job, planned, why, by)
    _check_as_previewed(job, planned)
    return planned


def _locked(brand: Brand, work_order_id: int) -> WorkOrder:
    """The job, locked with every other one that its payments pay (law 13)."""
    jobs = lock_work_orders(brand, [work_order_id, *_beside(brand, work_order_id)])
    if work_order_id not in jobs:
        raise WorkOrder.DoesNotExist(f"no work order {work_order_id} in {brand}")
    if not set(_beside(brand, work_order_id)) <= set(jobs):
        # A payment over other jobs came while we waited: to lock these now would be out of order.
        raise ValidationError(CHANGED, code="changed")
    client_credit.locked_credits(brand, jobs)  # all at once, before any of them is written
    return jobs[work_order_id]


def _beside(brand: Brand, work_order_id: int) -> list[int]:
    """The jobs that this one's payments pay, too, and those that its credits come from."""
    mine = PaymentAllocation.objects.filter(brand=brand, work_order=work_order_id)
    rows = PaymentAllocation.objects.filter(brand=brand, payment__in=mine.values("payment"))
    used = ClientCredit.objects.filter(brand=brand, entries__work_order=work_order_id)
    from_ = used.exclude(work_order=None).values_list("work_order_id", flat=True)
    return [*rows.values_list("work_order_id", flat=True).distinct(), *from_.distinct()]


# What stays billed -------------------------------------------------------------------------------


def _bill(job: WorkOrder, plan: Plan, why: str) -> None:
    """Charges first, status second; then what stays billed is issued, where nothing was yet."""
    if plan.remains != Remains.EVERYTHING:
        lines = [plan.fee] if plan.remains == Remains.FEE and plan.fee else []
        _drop_draft(job, why)
        replace_charges(job.brand, job.pk, lines, reason=why)
    set_status(job.brand, job.pk, WorkOrderStatus.CANCELLED, reason=why)
    documents = follow_charges.read(job)
    waits = {
        Remains.NOTHING: (),
        Remains.FEE: documents.unbilled(),
        Remains.EVERYTHING: documents.first_bill(),
    }
    if waits[plan.remains]:
        issuing.issue_bill(job.brand, job.pk)


def _drop_draft(job: WorkOrder, why: str) -> None:
    """Remove the draft next to an issued invoice, so that the fee goes on that invoice."""
    documents = follow_charges.read(job)
    if documents.draft is None or not documents.issued:
        return
    billed = documents.billed_by(InvoiceStatus.ISSUED)
    rest: Sequence[ChargeLine] = [unchanged_line(c) for c in documents.charges if c.pk in billed]
    replace_charges(job.brand, job.pk, rest, reason=why)


# What goes back ----------------------------------------------------------------------------------


def _return(job: WorkOrder, planned: Preview, why: str, by: str) -> None:
    for refund in planned.refunds:
        only_fee = refund.fee if not refund.services else None
        queue_refund(
            refund.payment, refund.services, fee=only_fee, reason=why, by=by, work_order=job
        )
    for invoice_id, amount in planned.credits.items():
        client_credit.keep_as_credit(job.brand, invoice_id, amount, reason=why)
    for taken in planned.taken_off:
        applied = client_credit.applied_to(taken.credit, taken.invoice_id)
        client_credit.unapply_credit(job.brand, taken.credit.pk, taken.invoice_id, reason=why)
        if applied > taken.amount:
            rest = applied - taken.amount
            client_credit.apply_credit(
                job.brand, taken.credit.pk, taken.invoice_id, rest, reason=why
            )
        if taken.ends and taken.credit.invoice_id is not None:
            credit_notes.void_credit_note(job.brand, taken.credit.invoice_id, reason=why)


def _check_as_previewed(job: WorkOrder, planned: Preview) -> None:
    """What was agreed to is what is done; anything else is undone."""
    now = settlements.job_settlement(job).whole
    if _figures(now) != _figures(planned.after):
        raise ValidationError(
            "Cancelling would come to other amounts than were shown, so nothing was done. "
            "Look at the job’s payments first."
        )


def _figures(settlement: Settlement) -> Mapping[str, Any]:
    return figures_of(settlement) | {"status": settlement.status}


# Money held with nothing billed ------------------------------------------------------------------


def holds_unbilled_money(job: WorkOrder, balance: Decimal, services: Decimal) -> bool:
    """Whether a cancelled job bills no services and still holds money: somebody must decide."""
    return job.status == WorkOrderStatus.CANCELLED and services == 0 and balance < ZERO


def money_held_unbilled(brand: Brand) -> QuerySet[JobBalance]:
    """The rollups of the brand's jobs of which ``holds_unbilled_money`` is true."""
    return JobBalance.objects.filter(
        brand=brand,
        work_order__status=WorkOrderStatus.CANCELLED,
        services=0,
        balance__lt=0,
    ).select_related("work_order")

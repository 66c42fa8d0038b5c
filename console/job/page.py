"""What the work order page shows beside its timeline: chips, story, equation, panels, actions."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import Membership, Role
from console.feed.build import Action
from console.job import documents, equation, summary
from core import moments
from core.money import display
from invoicing.models import InvoiceStatus
from invoicing.queries import credits
from invoicing.queries import items as queries_items
from invoicing.queries.prices import prices
from invoicing.queries.settlements import JobSettlement, job_settlement
from invoicing.settlement import explain
from payments import queries
from payments.domain.status import why_not
from payments.models import (
    RECEIVED_STATUSES,
    Payment,
    PaymentAllocation,
    PaymentAttempt,
    Provider,
    Refund,
    RefundStatus,
)
from payments.timeline import phrases
from workorders.models import WorkOrder, WorkOrderStatus

JOB_STATES = {
    WorkOrderStatus.PENDING: "pending",
    WorkOrderStatus.CONFIRMED: "confirmed",
    WorkOrderStatus.CANCELLED: "cancelled",
}


def context(job: WorkOrder, membership: Membership, name: str, show: str = "") -> dict[str, Any]:
    """Everything but the feed; ``show`` names the figure that the page filters by, if one."""
    settled = job_settlement(job)
    whole = settled.whole
    allocations = _allocations(job)
    rows = PaymentAttempt.objects.filter(brand=job.brand_id, work_order=job)
    attempts = list(rows.select_related("payment"))
    back = Refund.objects.filter(brand=job.brand_id, work_order=job).select_related("payment")
    refunds = list(back.order_by("-id"))
    told = summary.tell(_facts(job, settled, allocations, attempts, refunds))
    bills = documents.context(job, settled, membership)
    to_do = bills["balance_actions"]
    queued = refund_actions(refunds, membership)
    to_do["overpaid"] = [*_give_back(allocations, membership), *to_do.get("overpaid", ())]
    return {
        "job": job,
        "currency": job.brand.currency,
        "settlement": whole,
        "chips": _chips(job, whole.word.value),
        "story": told,
        "nexts": [(n, queued.get(n.refund) or to_do.get(n.word, ())) for n in told.nexts],
        "figures": equation.figures(job, whole, show),
        "why": explain.explain(whole, job.brand.currency),
        "why_shown": explain.figure_of(whole, job.brand.currency, show) if show else None,
        **bills,
        "tabs": _tabs(job, name),
        "actions": _actions(job),
        "payment_actions": {
            a.payment_id: payment_actions(a.payment, membership) for a in allocations
        },
        **_charges(job),
        "contacts": list(job.contacts.all()),
        "allocations": allocations,
        "refunds": refunds,
        "open_attempts": [a for a in attempts if a.payment_id is None],
        "notes": list(job.notes.all()[:3]),
        "demo_play_url": _demo_play(job),
    }


def _charges(job: WorkOrder) -> dict[str, Any]:
    """The charges with how far each is paid, and their sums by status. One query."""
    charges = list(job.charges.select_related("item"))
    items = [charge.item for charge in charges if hasattr(charge, "item")]
    return {"charges": charges, "item_summary": queries_items.summarise(job.brand, items)}


def _allocations(job: WorkOrder) -> list[PaymentAllocation]:
    rows = PaymentAllocation.objects.filter(brand=job.brand_id, work_order=job)
    rows = rows.select_related("payment__work_order")
    return list(rows.order_by("-payment__happened_at", "-id"))


def _chips(job: WorkOrder, word: str) -> list[dict[str, str]]:
    status = WorkOrderStatus(job.status)
    chips = [{"state": JOB_STATES[status], "label": status.label}]
    if job.published_at:
        chips.append({"state": "published", "label": "Published"})
    if job.origin != "native":
        chips.append({"state": "neutral", "label": f"From {job.get_origin_display()}"})
    if job.fee_disabled:
        chips.append({"state": "neutral", "label": "Card fee off"})
    chips.append({"state": word, "label": word})
    return chips


def _tabs(job: WorkOrder, name: str) -> list[dict[str, Any]]:
    args = [job.brand.slug, job.number]
    return [
        {"label": "Services & Payments", "url": reverse("work_order", args=args)}
        | {"active": name == "work_order"},
        {"label": "Activity", "url": reverse("work_order_activity", args=args)}
        | {"active": name == "work_order_activity"},
    ]


def _actions(job: WorkOrder) -> list[dict[str, str]]:
    args = [job.brand.slug, job.number]
    cancel = {"label": "Cancel job", "url": reverse("job_cancel", args=args), "icon": "no-symbol"}
    return [
        {"label": "Add note", "url": reverse("note_add", args=args), "icon": "pencil-square"},
        {"label": "Edit job", "url": reverse("work_order_edit", args=args), "icon": "cog-6-tooth"},
        *([] if job.status == WorkOrderStatus.CANCELLED else [cancel]),
        {"label": "Record payment", "url": reverse("payment_record", args=args)}
        | {"kind": "primary", "icon": "banknotes"},
    ]


def _demo_play(job: WorkOrder) -> str:
    """Where the demo's button posts to; empty outside the demo."""
    if not settings.DEMO:
        return ""
    return reverse("demo_play", args=[job.brand.slug, job.number])


def payment_actions(payment: Payment, membership: Membership) -> list[Action]:
    """What this member may do about a payment now. What its kind never allows is left out."""
    number = f"{payment.work_order.number}-P-{payment.number}"
    args = [membership.brand.slug, number]
    actions = [Action("Open", reverse("payment", args=args))]
    if payment.provider == Provider.MANUAL:
        sum_ = display(payment.amount, payment.currency)
        verbs = (("confirm", f"Confirm {sum_}"), ("correct", "Correct…"), ("void", "Void…"))
        actions += [
            Action(label, reverse(f"payment_{verb}", args=args))
            for verb, label in verbs
            if not why_not(verb, payment)
        ]
    if membership.at_least(Role.BILLING) and not why_not("reconcile", payment):
        actions.append(Action("Reconcile…", reverse("payment_reconcile", args=args)))
    refundable = (
        payment.status in RECEIVED_STATUSES and payment.currency == membership.brand.currency
    )
    if membership.at_least(Role.BILLING) and refundable:
        actions.append(Action("Refund…", reverse("refund_new", args=args)))
    actions.append(Action("Note…", reverse("payment_note", args=args)))
    return actions


def _give_back(allocations: list[PaymentAllocation], membership: Membership) -> list[Action]:
    """A surplus is returned from the newest payment that came in."""
    found = (
        a.payment
        for a in allocations
        if a.payment.status in RECEIVED_STATUSES and a.payment.currency == membership.brand.currency
    )
    newest = next(found, None)
    if newest is None or not membership.at_least(Role.BILLING):
        return []
    args = [membership.brand.slug, f"{newest.work_order.number}-P-{newest.number}"]
    return [Action("Refund…", reverse("refund_new", args=args))]


def refund_actions(refunds: list[Refund], membership: Membership) -> dict[str, list[Action]]:
    """What billing staff may say of each refund that waits for somebody to do it, by number."""
    if not membership.at_least(Role.BILLING):
        return {}
    slug = membership.brand.slug
    verbs = (("done…", "refund_complete"), ("call off…", "refund_cancel"))
    return {
        str(refund.number): [
            Action(f"R-{refund.number}: {label}", reverse(name, args=[slug, refund.pk]))
            for label, name in verbs
        ]
        for refund in refunds
        if refund.status == RefundStatus.QUEUED
    }


# Facts for the story ---------------------------------------------------------------------------


def _facts(
    job: WorkOrder,
    settled: JobSettlement,
    allocations: list[PaymentAllocation],
    attempts: list[PaymentAttempt],
    refunds: list[Refund],
) -> summary.JobFacts:
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
        refunds=[_refund_fact(r) for r in refunds if _counts(r, job)],
        today=moments.today(job.brand.time_zone),
        lost=queries.taken_by_lost_disputes(job.brand, work_order=job),
        voided=_voided(job, settled),
    )


def _voided(job: WorkOrder, settled: JobSettlement) -> list[tuple[str, Decimal]]:
    """What came for void invoices and is not used, by number; asked only where one is void."""
    if all(d.invoice.status != InvoiceStatus.VOID for d in settled.documents):
        return []
    rows = credits.from_void(job.brand, job.pk)
    return [(row.credit.invoice.number, row.left) for row in rows if row.credit.invoice]


def _counts(row: Payment | PaymentAttempt | Refund, job: WorkOrder) -> bool:
    """Whether it is in the brand's money: what is not stands in no balance."""
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
    row = phrases.row_of(payment)
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
    row = phrases.row_of(attempt)
    return summary.AttemptFact(
        status=attempt.status,
        means=phrases.means(row),
        amount=attempt.amount,
        when=attempt.happened_at,
        why=phrases.why(row, attempt.status),
        reason=phrases.reason(row),
    )


def _refund_fact(refund: Refund) -> summary.RefundFact:
    return summary.RefundFact(
        number=str(refund.number),
        status=refund.status,
        destination=refund.destination,
        amount=refund.amount,
        why=f"Bank said: {refund.failure_reason}." if refund.failure_reason else "",
        by_hand=refund.payment.provider == Provider.MANUAL,
    )

"""What the work order page shows next to its timeline: summary, equation, panels, actions."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import Membership
from console.job import documents, equation, summary
from console.job.actions import give_back, payment_actions, refund_actions
from console.job.facts import facts_of
from invoicing.queries.items import summarise as summarise_items
from invoicing.queries.settlements import JobSettlement, job_settlement
from invoicing.settlement import explain
from invoicing.settlement.types import Settlement
from payments.models import PaymentAllocation, PaymentAttempt, Refund
from payments.queries_job import refunds_on
from ui.boxes import Boxes
from workorders.models import WorkOrder, WorkOrderStatus

JOB_STATES = {
    WorkOrderStatus.PENDING: "pending",
    WorkOrderStatus.CONFIRMED: "confirmed",
    WorkOrderStatus.CANCELLED: "cancelled",
}


def job_page(job: WorkOrder, membership: Membership, name: str, show: str = "") -> Boxes:
    """Everything but the feed, box by box; ``show`` names the figure that the page filters by."""
    settled = cache(lambda: job_settlement(job))
    money = cache(lambda: JobMoney(_allocations(job), _attempts(job), refunds_on(job)))
    boxes = Boxes(work_order=job.pk)
    boxes.add("chips", lambda: {"chips": _chips(job, settled().whole.word.value)})
    boxes.add("balance", lambda: _balance(job, settled().whole, show))
    boxes.add("bills", lambda: {"bills": documents.bills(job, settled())})
    boxes.add("credit", lambda: _credit(job, settled(), membership))
    boxes.add("fees", lambda: {"open_fees": documents.open_fees(job, settled(), membership)})
    boxes.add("summary", lambda: _summary(job, settled(), money(), membership))
    boxes.add("payments", lambda: _payments(money()))
    boxes.add("actions", lambda: _payment_actions(money(), membership))
    boxes.add("charges", lambda: _charges(job))
    boxes.add("contacts", lambda: {"contacts": list(job.contacts.all())})
    boxes.add("notes", lambda: {"notes": list(job.notes.all()[:3])})
    boxes.context |= {
        "job": job,
        "currency": job.brand.currency,
        "tabs": _tabs(job, name),
        "actions": _actions(job),
        "demo_play_url": _demo_play(job),
    }
    return boxes


@dataclass(frozen=True)
class JobMoney:
    """What was paid, tried and given back on a job."""

    allocations: list[PaymentAllocation]
    attempts: list[PaymentAttempt]
    refunds: list[Refund]


def _balance(job: WorkOrder, whole: Settlement, show: str) -> dict[str, Any]:
    """The equation and its explanation; with ``show`` also the rows of that figure."""
    currency = job.brand.currency
    return {
        "settlement": whole,
        "figures": equation.figures(job, whole, show),
        "why": explain.explain(whole, currency),
        "why_shown": explain.figure_of(whole, currency, show) if show else None,
    }


def _credit(job: WorkOrder, settled: JobSettlement, membership: Membership) -> dict[str, Any]:
    """What of the client's credit could be used here."""
    return {"unused_credit": documents.usable_credit(job, settled, membership)}


def _summary(
    job: WorkOrder, settled: JobSettlement, money: JobMoney, membership: Membership
) -> dict[str, Any]:
    """The summary, and for each thing that is open the verbs that settle it."""
    facts = facts_of(job, settled, money.allocations, money.attempts, money.refunds)
    story = summary.summarise(facts)
    verbs = documents.balance_actions(job, settled, membership)
    verbs["overpaid"] = [*give_back(money.allocations, membership), *verbs.get("overpaid", ())]
    queued = refund_actions(money.refunds, membership, job)
    nexts = [(n, queued.get(n.refund) or verbs.get(n.word, [])) for n in story.nexts]
    return {"story": story, "nexts": nexts}


def _payments(money: JobMoney) -> dict[str, Any]:
    """The payments, refunds and open attempts of the panel."""
    return {
        "allocations": money.allocations,
        "refunds": money.refunds,
        "open_attempts": [a for a in money.attempts if a.payment_id is None],
    }


def _payment_actions(money: JobMoney, membership: Membership) -> dict[str, Any]:
    """What may be done about each payment, by its id: the feed shows it next to the payment."""
    actions = {a.payment_id: payment_actions(a.payment, membership) for a in money.allocations}
    return {"payment_actions": actions}


def _charges(job: WorkOrder) -> dict[str, Any]:
    """The charges with how far each is paid, and their sums by status. One query."""
    charges = list(job.charges.select_related("item"))
    items = [charge.item for charge in charges if hasattr(charge, "item")]
    return {"charges": charges, "item_summary": summarise_items(job.brand, items)}


def _allocations(job: WorkOrder) -> list[PaymentAllocation]:
    rows = PaymentAllocation.objects.filter(brand=job.brand_id, work_order=job)
    rows = rows.select_related("payment__work_order")
    return list(rows.order_by("-payment__happened_at", "-id"))


def _attempts(job: WorkOrder) -> list[PaymentAttempt]:
    rows = PaymentAttempt.objects.filter(brand=job.brand_id, work_order=job)
    return list(rows.select_related("payment"))


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
    return reverse("demo_order", args=[job.brand.slug, job.number])

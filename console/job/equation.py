"""The equation on top of a work order: billed − credits − received + refunded = balance.

Its figures are the settlement's; each leads to the rows that it is the sum of, which are the
settlement's own reasons (``invoicing.settlement.explain``). No other sum of money is made here.
"""

from dataclasses import replace
from typing import Any

from django.urls import reverse

from core.money import ZERO
from invoicing.settlement import equation, explain
from invoicing.settlement.types import InvoiceStatus, ReasonKind, Settlement
from workorders.models import WorkOrder

MOVED = "moved to the client’s credit"


def figures(job: WorkOrder, settlement: Settlement, shown: str = "") -> list[dict[str, Any]]:
    """What components/equation.html asks for; ``shown`` is the figure that the page filters by."""
    page = reverse("work_order", args=[job.brand.slug, job.number])
    explained = {f.key: f for f in explain.explain(settlement, job.brand.currency)}
    notes = {
        "billed": _billed_note(settlement),
        "credits": _credits_note(settlement, explained["credits"]),
        "received": _count(explained["received"], "payment"),
        "refunded": _refunded_note(explained["refunded"]),
    }
    urls = {key: f"{page}?show={key}" for key in (*notes, "pending")}
    return equation.figures(settlement, urls=urls, notes=notes, active=shown)


def _billed_note(settlement: Settlement) -> str:
    if settlement.status == InvoiceStatus.VOID:
        return "void"
    if settlement.status == InvoiceStatus.DRAFT and settlement.services:
        return "a draft, not issued"
    fee = settlement.fee
    parts = [f"services {settlement.services:,f}"]
    if fee.kept:
        parts.append(f"fee {fee.kept:,f}")
    if fee.due:
        parts.append(f"fee due {fee.due:,f}")
    return " + ".join(parts) if settlement.billed else "nothing yet"


def _credits_note(settlement: Settlement, figure: explain.Figure) -> str:
    if not settlement.became_credit:
        return _count(figure, "credit")
    return f"{_count(figure, 'credit')}, {MOVED}" if settlement.credit_used else MOVED


def _refunded_note(figure: explain.Figure) -> str:
    """Refunds that are back with the client, and those that are only on their way."""
    done = [row for row in figure.rows if row.kind == ReasonKind.ENTRY]
    flying = len({row.source for row in figure.rows if row.kind == ReasonKind.LEAVING})
    words = _count(replace(figure, rows=done), "refund")
    if not flying:
        return words
    return f"{words}, {flying} on its way" if done else f"{flying} on its way"


def _count(figure: explain.Figure, noun: str) -> str:
    """How many things the figure is made of; what went back is named separately."""
    things = {row.source for row in figure.rows if row.amount > ZERO}
    if not things:
        return "none"
    words = f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
    back = any(row.amount < ZERO for row in figure.rows)
    return f"{words}, less what went back" if back else words

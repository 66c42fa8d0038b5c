"""The equation: billed − credits − received + refunded = balance. Pure.

The one place that knows its terms, their order, their signs and their labels: the work order, the
invoice, what a cancelled job comes to, the explanation and the command line all show these rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.money import display
from invoicing.settlement.types import Settlement

MINUS = "−"
NOT_COUNTED = "not counted"


@dataclass(frozen=True)
class Term:
    """One term, in the settlement's currency; ``op`` is how it enters the balance."""

    key: str
    label: str
    amount: Decimal
    op: str = ""

    @property
    def is_sum(self) -> bool:
        """Whether it is what the terms before it come to."""
        return self.op == "="


def terms(settlement: Settlement) -> list[Term]:
    """The terms and the balance, in the order in which they add up."""
    return [
        Term("billed", "Billed", settlement.billed),
        Term("credits", "Credits", settlement.credits, MINUS),
        Term("received", "Received", settlement.received, MINUS),
        Term("refunded", "Refunded", settlement.refunded, "+"),
        Term("balance", "Balance", settlement.balance, "="),
    ]


def terms_with_fee(settlement: Settlement) -> list[Term]:
    """The same, with what is billed taken apart into services and technology fee."""
    billed, *rest = terms(settlement)
    fee = settlement.fee.kept + settlement.fee.due
    return [
        Term("services", "Services", settlement.services),
        Term("fee", "Technology fee", fee, "+"),
        Term(billed.key, billed.label, billed.amount, "="),
        *rest,
    ]


def figures(
    settlement: Settlement, *, urls: Mapping[str, str], notes: Mapping[str, str], active: str = ""
) -> list[dict[str, Any]]:
    """What components/equation.html asks for: the terms, and next to them what is pending.

    ``urls`` and ``notes`` are by key; ``active`` is the figure whose rows the page shows. Pending
    money is next to the sum: nothing of it is counted (law 1).
    """
    figures = [
        {"key": term.key, "label": term.label, "amount": term.amount, "op": term.op}
        | {"note": notes.get(term.key, ""), "url": urls.get(term.key, "")}
        | (_balance(settlement) if term.is_sum else {"active": active == term.key})
        for term in terms(settlement)
    ]
    pending = settlement.pending
    figures.append(
        {"key": "pending", "label": "Pending", "amount": pending, "aside": True}
        | {"note": NOT_COUNTED if pending else "nothing", "url": urls.get("pending", "")}
        | {"active": active == "pending"}
    )
    return figures


def _balance(settlement: Settlement) -> dict[str, Any]:
    """The balance leads to its explanation, and its word gives it its colour."""
    word = settlement.word.value
    return {"note": f"{word} · why?", "state": word, "url": "#why", "total": True}


def before_and_after(before: Settlement, after: Settlement) -> list[dict[str, Any]]:
    """Each term twice, services and fee apart; what is zero in both is left out, but for sums."""
    return [
        {"label": old.label, "op": old.op, "total": old.is_sum}
        | {"before": old.amount, "after": new.amount}
        for old, new in zip(terms_with_fee(before), terms_with_fee(after), strict=True)
        if old.is_sum or old.amount or new.amount
    ]


def line(settlement: Settlement, currency: str) -> str:
    """The equation in one line of text: "billed $329.00 − credits $0.00 … = balance $199.62"."""
    return " ".join(
        f"{term.op} {term.label.lower()} {display(term.amount, currency)}".strip()
        for term in terms(settlement)
    )

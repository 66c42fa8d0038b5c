"""Why the balance is what it is: each figure of a settlement with the rows that sum to it. Pure.

What every staff page opens beside a balance (templates/components/why.html), and what
``explain_balance`` prints. Nothing is computed here that the settlement does not say: figures are
its figures, rows are its reasons, worded for a reader who has no time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from core.money import display
from invoicing.settlement.equation import Term, terms
from invoicing.settlement.types import InvoiceStatus, Reason, ReasonKind, Settlement, Word


@dataclass(frozen=True)
class Figure:
    """One figure and its rows, which sum to ``amount`` (the balance has none: it is the sum).

    ``op`` is how it enters the balance ("", "−", "+", "="); ``aside`` is next to the sum and
    not counted in it. ``note`` says in words what the figure means.
    """

    key: str
    label: str
    amount: Decimal
    rows: Sequence[Reason] = ()
    op: str = ""
    note: str = ""
    aside: bool = False


# What became of a missing fee, in words (docs/decisions/003).
_DECIDED = {
    ReasonKind.FEE_ABSORBED: "the company’s policy absorbs it: the client does not owe it",
    ReasonKind.FEE_BILLED: "the company’s policy bills it to the client",
    ReasonKind.FEE_BILLED_BY_DECISION: "somebody billed it to the client",
    ReasonKind.FEE_WAIVED_BY_DECISION: "somebody waived it: the client does not owe it",
}
# The words of a balance that need more than themselves.
_MEANS = {
    Word.DRAFT: "nothing is due until the invoice is issued",
    Word.OVERPAID: "more was received than is billed",
    Word.FEE_DUE: "the services are paid, the billed technology fee is not",
    Word.VOID: "nothing is due on a void invoice",
    Word.NOTHING_DUE: "nothing is billed",
}


def explain(settlement: Settlement, currency: str) -> list[Figure]:
    """Each figure of ``settlement`` with its rows, in the order in which they make the balance.

    Those that stand beside the sum follow it, where there is anything in them.
    """
    billed, *applied, balance = terms(settlement)
    return [
        replace(_of(billed), **_billed(settlement, currency)),
        *(replace(_of(term), rows=settlement.because[term.key]) for term in applied),
        replace(_of(balance), note=_means(settlement, currency)),
        *_beside(settlement, currency),
    ]


def _of(term: Term) -> Figure:
    return Figure(term.key, term.label, term.amount, op=term.op)


def _means(settlement: Settlement, currency: str) -> str:
    """What the balance means; where a bill holds too much and another is due, how to move it."""
    clauses = [_MEANS[settlement.word]] if settlement.word in _MEANS else []
    counted = [part for part in settlement.parts if part.counted]
    for source in (part for part in counted if part.balance < 0):
        for target in (part for part in counted if part.balance > 0):
            moved = display(min(-source.balance, target.balance), currency)
            clauses.append(
                f"{moved} too much on {source.number} can be moved to {target.number}: "
                "keep it as credit and apply it"
            )
    return "; ".join(clauses)


def figure_of(settlement: Settlement, currency: str, key: str) -> Figure | None:
    """One of the figures by its key; None where it has nothing to say."""
    return next((f for f in explain(settlement, currency) if f.key == key), None)


def billed_words(settlement: Settlement, currency: str) -> str:
    """What ``billed`` is made of, in a line: "services $125.00 + fee $4.38"."""
    fee = settlement.fee
    parts = [f"services {display(settlement.services, currency)}"]
    if fee.kept:
        parts.append(f"fee {display(fee.kept, currency)}")
    if fee.due:
        parts.append(f"fee due {display(fee.due, currency)}")
    return " + ".join(parts)


def _billed(settlement: Settlement, currency: str) -> dict[str, Any]:
    """The rows and the note of what is billed."""
    because = settlement.because
    rows = [
        *because["services"],
        *(_named(row, "Technology fee kept") for row in because["fee_kept"]),
        *(_named(row, "Technology fee due") for row in because["fee_due"]),
    ]
    draft = "not issued yet: " if settlement.status == InvoiceStatus.DRAFT else ""
    note = f"{draft}{billed_words(settlement, currency)}" if rows else ""
    return {"rows": rows, "note": note}


def _named(row: Reason, what: str) -> Reason:
    """A row of the fee's leg among the lines of the bill: it says that it is the fee."""
    label = f"{what} · {row.label}" if row.label else what
    return replace(row, label=label, note=_DECIDED.get(row.kind, row.note))


def _beside(settlement: Settlement, currency: str) -> Iterator[Figure]:
    """What no figure of the equation counts: drafts, pending money, fees that did not come."""
    because = settlement.because
    drafts = [part for part in settlement.parts if not part.counted and part.balance]
    if drafts:
        yield Figure(
            "unbilled",
            "Not billed yet",
            settlement.unbilled,
            [
                Reason(f"Draft {part.number}", part.balance, ReasonKind.DRAFT, part.number)
                for part in drafts
            ],
            note="due once the draft is issued",
            aside=True,
        )
    if because["pending"]:
        note = "not counted until the money arrives"
        rows = [replace(row, note="") for row in because["pending"]]
        yield Figure("pending", "Pending", settlement.pending, rows, note=note, aside=True)
    if because["fee_uncollected"] or because["fee_due"]:
        yield from _missing_fee(settlement, currency)


def _missing_fee(settlement: Settlement, currency: str) -> Iterator[Figure]:
    """The fee that the card payments should have brought, and what of it did not come."""
    because, fee = settlement.because, settlement.fee
    yield Figure(
        "fee_expected",
        "Technology fee expected",
        fee.expected,
        because["fee_expected"],
        note="the fee expected of the card payments",
        aside=True,
    )
    rows = [
        replace(row, note=_DECIDED.get(row.kind, row.note)) for row in because["fee_uncollected"]
    ]
    yield Figure(
        "fee_uncollected",
        "Technology fee not collected",
        fee.uncollected,
        rows,
        note=f"{display(fee.waived, currency)} of it was waived" if fee.waived else "",
        aside=True,
    )

"""Where an older system's figures differ from the settlement, and why. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO
from importing.format.documents import LegacyIn
from invoicing.settlement.types import Settlement

# Figures that an uncollected technology fee may move.
FEE_FIGURES = ("total_with_fees", "total_fees", "remaining_balance")
UNEXPLAINED = "no cause found: look at the job"


@dataclass(frozen=True)
class Disagreement:
    """One figure of the older system that differs from the settlement.

    ``number`` is the job's, or the document's that the row is of. Amounts are in the brand's
    currency; *paid* may be yes or no.
    """

    number: str
    figure: str
    legacy: Decimal | bool
    ours: Decimal | bool
    cause: str

    def __str__(self) -> str:
        """``RIA2159: legacy says total with fees 517.95, ours says 500.00 (…)``."""
        figure = self.figure.replace("_", " ")
        legacy, ours = _words(self.legacy), _words(self.ours)
        return f"{self.number}: legacy says {figure} {legacy}, ours says {ours} ({self.cause})"


def _words(value: Decimal | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:f}"


@dataclass(frozen=True)
class Ours:
    """Our figures of the same job or document.

    ``given_back`` is what a credit note or a prepayment is worth to the client, None for
    documents that ask for money. ``cards`` is how the cards were funded that paid.
    """

    number: str
    settlement: Settlement
    given_back: Decimal | None = None
    fee_disabled: bool = False
    cards: Sequence[str] = ()

    @property
    def absorbed(self) -> Decimal:
        """The missing fee that is neither waived nor billed, in the brand's currency."""
        fee = self.settlement.fee
        return fee.uncollected - fee.waived - fee.due


def compared(row: LegacyIn, ours: Ours) -> Iterator[Disagreement]:
    """Every figure of ``row`` that differs from ours, in the order of the format."""
    for figure, value in _figures(row, ours):
        legacy: Decimal | bool | None = getattr(row, figure)
        if legacy is None:
            continue
        # True equals 1 in Python: yes is not one dollar.
        if legacy == value and isinstance(legacy, bool) == isinstance(value, bool):
            continue
        yield Disagreement(ours.number, figure, legacy, value, _cause(figure, legacy, value, ours))


def _figures(row: LegacyIn, ours: Ours) -> Iterator[tuple[str, Decimal | bool]]:
    """Our figures in the terms of the older system, whose totals a credit lowered."""
    s, credit = ours.settlement, row.credit_applied or ZERO
    if ours.given_back is not None:
        # Minus, not times -1: nothing given back is 0.00, never -0.00.
        yield "total_amount", ours.given_back if row.is_prepayment else -ours.given_back
        return
    yield "total_amount", s.services - credit
    yield "credit_applied", s.credits
    yield "total_with_fees", s.billed - credit
    yield "total_fees", s.fee.kept + s.fee.due
    yield "remaining_balance", s.balance
    if isinstance(row.paid, bool):
        yield "paid", s.amount_due == 0
    else:
        yield "paid", s.received - s.refunded


def _cause(figure: str, legacy: Decimal | bool, value: Decimal | bool, ours: Ours) -> str:
    if isinstance(legacy, bool) or isinstance(value, bool):
        return _cause_of_paid(ours)
    more = legacy - value
    if figure in FEE_FIGURES and (cause := _cause_of_fee(more, ours)):
        return cause
    return _cause_of_money(figure, more, ours) or UNEXPLAINED


def _cause_of_paid(ours: Ours) -> str:
    s = ours.settlement
    if s.balance > 0:
        what = "technology fee " if s.balance == s.fee.due else ""
        return f"{what}{s.balance} is due"
    if ours.absorbed:
        return f"technology fee {ours.absorbed} not collected, absorbed"
    return "nothing is due"


def _cause_of_fee(more: Decimal, ours: Ours) -> str:
    fee = ours.settlement.fee
    if fee.due and more == -fee.due:
        return f"technology fee {fee.due} not collected, billed to the client"
    if more <= 0:
        return ""
    for amount, what in ((ours.absorbed, "absorbed"), (fee.waived, "waived")):
        if more == amount:
            return f"technology fee {amount} not collected, {what}"
    if more == ours.absorbed + fee.waived:
        return f"technology fee {more} not collected, part waived and part absorbed"
    return _no_fee(ours)


def _no_fee(ours: Ours) -> str:
    """Why we expect no fee, or a smaller one, than the older system had."""
    if ours.fee_disabled:
        return "although fees were disabled"
    if ours.settlement.fee.expected:
        return f"the technology fee was quoted as {ours.settlement.fee.expected}"
    if not ours.settlement.received:
        return "a technology fee is owed only once a card is used"
    if not ours.cards:
        return "paid without a card, which owes no technology fee"
    if any(funding in ("", "unknown") for funding in ours.cards):
        return "how the card is funded is not known, so no technology fee was quoted"
    return "the fee policy of that day asks nothing of this card"


def _cause_of_money(figure: str, more: Decimal, ours: Ours) -> str:
    s = ours.settlement
    if figure == "total_amount":
        given = "its lines come to" if ours.given_back is None else "it is worth"
        return f"{given} {s.services if ours.given_back is None else ours.given_back}"
    if figure == "credit_applied":
        return f"credits on it come to {s.credits}"
    sign = 1 if figure == "paid" else -1  # money lowers a balance
    if s.pending and more == sign * s.pending:
        return f"{s.pending} is pending and does not count until the money arrives"
    if s.refunded and more == sign * s.refunded:
        return f"{s.refunded} was refunded, which counts from the moment it is queued"
    if s.credits and more == sign * s.credits:
        return f"credits of {s.credits} count here"
    if figure == "remaining_balance" and s.balance < 0:
        return f"overpaid by {-s.balance}"
    return ""

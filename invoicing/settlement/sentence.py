"""What is due of a job, in one sentence: "Paid in full by Visa •1881; …". Pure.

Reads the settlement and computes no balance; ``console.job.summary`` tells who paid with what, what
failed and what is next beside it.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from core.moments import day_text
from core.money import ZERO, display
from invoicing.settlement.types import ReasonKind, Settlement, Word


def sentence(
    settlement: Settlement,
    currency: str,
    *,
    means: Sequence[str] = (),
    cancelled: bool = False,
    published: bool = False,
    due_on: date | None = None,
    today: date | None = None,
) -> str:
    """The sentence on top of a work order, for staff.

    ``means`` are what the money that counts was paid with; ``due_on`` the day of the only bill
    that is open: *overdue* where it is before ``today``.
    """
    late = due_on is not None and today is not None and due_on < today
    parts = _Clauses(settlement, currency, tuple(dict.fromkeys(means)), due_on, late=late)
    clauses = list(parts.cancelled() if cancelled else parts.by_word())
    clauses += parts.beside()
    body = clauses[0] + "".join(clauses[1:])
    if not cancelled:
        return f"{body[:1].upper()}{body[1:]}."
    return f"{'Cancelled after publication' if published else 'Cancelled'}: {body}."


def on_its_way(settlement: Settlement) -> Decimal:
    """What of ``refunded`` has not gone back yet: it counts, but the ledger has no entry of it."""
    rows = settlement.because.get("refunded", ())
    return sum((row.amount for row in rows if row.kind == ReasonKind.LEAVING), ZERO)


class _Clauses:
    """The clauses of one settlement. Each but the first brings its own punctuation."""

    def __init__(
        self,
        settlement: Settlement,
        currency: str,
        means: Sequence[str],
        due_on: date | None,
        *,
        late: bool,
    ) -> None:
        self.it = settlement
        self.currency = currency
        self.means = means
        self.due_on = due_on
        self.late = late
        self.came = settlement.received - settlement.refunded
        self.used, self.moved = settlement.credit_used, settlement.became_credit

    def _sum(self, amount: object) -> str:
        return display(str(amount), self.currency)

    def cancelled(self) -> Iterator[str]:
        """A cancelled job: what is kept, what went back, what is left."""
        it = self.it
        yield ", ".join(self._what_stays())
        if it.refunded:
            yield f", {self._went_back()}"
        if it.word == Word.OVERPAID:
            yield f", {self._sum(-it.balance)} more held than is due"
            return
        if it.word == Word.FEE_DUE:
            yield f", technology fee of {self._sum(it.fee.due)} due"
        elif it.amount_due:
            yield f", {self._due_words()}"
        else:
            yield ", nothing due"

    def _what_stays(self) -> Iterator[str]:
        """What of a cancelled job's money stays, and as what."""
        it = self.it
        if it.word == Word.VOID:
            yield "the bill is void"
        elif self.used:
            yield f"{self._sum(it.billed)} billed, {self._sum(self.used)} of it credited"
            if it.word == Word.PAID:
                yield f"{self._sum(self.came - self.moved)} kept"
        elif it.services and it.word == Word.PAID:
            yield f"{self._sum(it.services)} kept"
        elif it.services:
            yield f"{self._sum(it.services)} billed"
        elif not self.moved:
            yield "nothing billed"
        if self.moved:
            yield f"{self._sum(self.moved)} kept as the client’s credit"
        if it.fee.kept and not it.services:
            yield f"technology fee of {self._sum(it.fee.kept)} kept"

    def _went_back(self) -> str:
        """What is back with the client, apart from what is only on its way."""
        flying = on_its_way(self.it)
        gone = self.it.refunded - flying
        if not flying:
            return f"{self._sum(gone)} refunded"
        way = f"{self._sum(flying)} on its way"
        return f"{self._sum(gone)} refunded, {way}" if gone else f"{way} back"

    def by_word(self) -> Iterator[str]:
        """Any other job, by the word of its settlement."""
        it = self.it
        writer = {
            Word.PAID: self._paid,
            Word.FEE_DUE: self._fee_due,
            Word.PARTLY_PAID: self._partly,
            Word.OVERPAID: self._overpaid,
            Word.DRAFT: self._draft,
            Word.DUE: self._due,
        }.get(it.word)
        if writer:
            yield writer()
        elif it.word == Word.VOID:
            yield "the bill is void, nothing due"
        else:
            yield "nothing is billed, nothing is due"
        if it.refunded and it.word != Word.DUE:
            yield f"; {self._went_back()}"

    def beside(self) -> Iterator[str]:
        """What staff should know and no balance says: an uncollected fee, pending money."""
        absorbed = self.it.fee.open - self.it.fee.due
        if absorbed > 0:
            yield f"; technology fee of {self._sum(absorbed)} not collected"
        if self.it.pending:
            yield f"; {self._sum(self.it.pending)} is pending and not counted"

    def _due_words(self) -> str:
        """ "$400.00 due by Mon 9 Nov 2026", or since when it is overdue."""
        amount = self._sum(self.it.amount_due)
        if self.due_on is None:
            return f"{amount} due"
        day = day_text(self.due_on, weekday=True)
        return f"{amount} overdue since {day}" if self.late else f"{amount} due by {day}"

    def _with(self) -> str:
        """ "by Visa •1881 and credit"; the means of more than two payments are counted."""
        words = list(self.means) if len(self.means) < 3 else [f"{len(self.means)} means"]
        if self.it.credits > 0:
            words.append("credit")
        if not words:
            return ""
        return " by " + (
            words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
        )

    def _paid(self) -> str:
        return f"paid in full{self._with()}"

    def _fee_due(self) -> str:
        services = f"services of {self._sum(self.it.services)} paid{self._with()}"
        return f"{services}; technology fee of {self._sum(self.it.fee.due)} due"

    def _partly(self) -> str:
        came = self._sum(self.came + self.it.credits)
        whole = self._sum(self.it.billed)
        return f"{came} of {whole} paid{self._with()}; {self._due_words()}"

    def _overpaid(self) -> str:
        over = f"overpaid by {self._sum(-self.it.balance)}"
        held = self._sum(self.came + self.it.credits)
        if not self.it.billed:
            return f"{over}: {held} is held and nothing is billed"
        return f"{over}: {self._sum(self.it.billed)} billed, {held} paid"

    def _draft(self) -> str:
        came = f"; {self._sum(self.came)} came already" if self.came > 0 else ""
        return f"not issued yet: {self._sum(self.it.billed)} to bill{came}"

    def _due(self) -> str:
        due = self._due_words()
        if self.it.refunded:
            if on_its_way(self.it):
                return f"{due}; {self._went_back()}"
            went = f"{self._sum(self.it.refunded)} of {self._sum(self.it.received)} went back"
            return f"{due}; {went}"
        return due if self.it.pending else f"{due}; nothing received yet"

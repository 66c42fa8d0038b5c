"""What a settlement is made of, and what it answers: plain, frozen data.

What each kind of ledger entry does to which figure is written here and nowhere else. Amounts are
in the invoice's currency.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from django.db.models import TextChoices

from core.money import ZERO, zero_of


class InvoiceStatus(TextChoices):
    """How far a document is. It goes forward only; a draft is deleted, not voided."""

    DRAFT = "draft", "Draft"
    ISSUED = "issued", "Issued"
    VOID = "void", "Void"


class LedgerFigure(StrEnum):
    """The figures of a settlement that ledger entries add up to, each zero or above in sum."""

    RECEIVED = "received"
    REFUNDED = "refunded"
    CREDITS = "credits"


class EntryKind(StrEnum):
    """The kinds of a ledger entry. Amounts are never negative: the kind has the sign."""

    PAYMENT = "payment"
    PAYMENT_REVERSAL = "payment_reversal"
    REFUND = "refund"
    REFUND_REVERSAL = "refund_reversal"
    CREDIT = "credit"
    CREDIT_REVERSAL = "credit_reversal"
    FROM_CREDIT = "from_credit"
    TO_CREDIT = "to_credit"

    @classmethod
    def of_money(cls, *, is_refund: bool, is_back: bool) -> "EntryKind":
        """The kind for money that came or was refunded; ``is_back``: for taking that back."""
        figure = LedgerFigure.REFUNDED if is_refund else LedgerFigure.RECEIVED
        return next(kind for kind in kinds_of(figure) if kind.is_reversal == is_back)

    @property
    def figure(self) -> LedgerFigure:
        """The figure that an entry of this kind changes."""
        return _EFFECTS[self].figure

    @property
    def sign(self) -> int:
        """What its amount does to that figure: 1 raises it, -1 lowers it."""
        return _EFFECTS[self].sign

    @property
    def held(self) -> int:
        """What its amount does to the money that the invoice holds: 1, -1, or 0 for a credit."""
        return 0 if self.is_credit else -self.on_balance

    @property
    def on_balance(self) -> int:
        """What its amount does to the balance: 1 where the client owes more by it, -1 less."""
        return self.sign if self.figure == LedgerFigure.REFUNDED else -self.sign

    @property
    def use(self) -> int:
        """What its amount does to the used part of the client credit that it names.

        An entry that grants a credit (``to_credit`` that reverses nothing) uses none of it.
        """
        return self.sign if self.is_credit else 0

    @property
    def is_credit(self) -> bool:
        """Whether it moves a credit and no money."""
        return self.figure == LedgerFigure.CREDITS

    @property
    def is_reversal(self) -> bool:
        """Whether it lowers its figure, as what takes an earlier entry back does."""
        return self.sign < 0

    @property
    def reversal(self) -> "EntryKind":
        """The kind that takes an entry of this kind back."""
        return _REVERSALS[self]


@dataclass(frozen=True)
class _Effect:
    figure: LedgerFigure
    sign: int


# Received and refunded are gross: a refund never lowers what was received (docs/decisions/004).
# A credit is no money: it pays a balance, and changes neither the total nor what is held.
_EFFECTS = {
    EntryKind.PAYMENT: _Effect(LedgerFigure.RECEIVED, 1),
    EntryKind.PAYMENT_REVERSAL: _Effect(LedgerFigure.RECEIVED, -1),
    EntryKind.REFUND: _Effect(LedgerFigure.REFUNDED, 1),
    EntryKind.REFUND_REVERSAL: _Effect(LedgerFigure.REFUNDED, -1),
    EntryKind.CREDIT: _Effect(LedgerFigure.CREDITS, 1),
    EntryKind.CREDIT_REVERSAL: _Effect(LedgerFigure.CREDITS, -1),
    EntryKind.FROM_CREDIT: _Effect(LedgerFigure.CREDITS, 1),
    EntryKind.TO_CREDIT: _Effect(LedgerFigure.CREDITS, -1),
}
_REVERSALS = {
    EntryKind.PAYMENT: EntryKind.PAYMENT_REVERSAL,
    EntryKind.REFUND: EntryKind.REFUND_REVERSAL,
    EntryKind.CREDIT: EntryKind.CREDIT_REVERSAL,
    EntryKind.FROM_CREDIT: EntryKind.TO_CREDIT,
}


def kinds_of(*figures: LedgerFigure) -> list[EntryKind]:
    """The kinds that change one of these figures, in the order of the enum."""
    return [kind for kind in EntryKind if kind.figure in figures]


def net(figure: LedgerFigure, rows: Iterable[tuple[str, Decimal]]) -> Decimal:
    """What rows of (kind, amount) add to ``figure``; kinds of other figures add nothing."""
    known = ((EntryKind(kind), amount) for kind, amount in rows)
    return sum((kind.sign * amount for kind, amount in known if kind.figure == figure), ZERO)


def held_sign_sql(column: str = "kind") -> str:
    """SQL for what an entry does to the money that its invoice holds: 1, -1 or 0."""
    signed = sorted((kind for kind in EntryKind if kind.held), key=lambda kind: -kind.held)
    whens = " ".join(f"WHEN '{kind.value}' THEN {kind.held}" for kind in signed)
    return f"CASE {column} {whens} ELSE 0 END"


class Uncollected(TextChoices):
    """The brand's policy for a card payment that came without its fee (docs/decisions/003)."""

    ABSORB = "absorb", "Absorbed by us"
    BILL = "bill", "Billed to the client"


class ItemStatus(StrEnum):
    """How far one line is paid."""

    NOT_INVOICED = "not_invoiced"
    INVOICED = "invoiced"
    DEPOSIT_PAID = "deposit_paid"
    FULLY_PAID = "fully_paid"
    REFUNDED = "refunded"

    @property
    def label(self) -> str:
        """The status in words."""
        return self.value.replace("_", " ").capitalize()


class Word(StrEnum):
    """The one word that every surface shows."""

    VOID = "Void"
    DRAFT = "Not issued"
    NOTHING_DUE = "Nothing due"
    OVERPAID = "Overpaid"
    PAID = "Paid"
    FEE_DUE = "Technology fee due"
    PARTLY_PAID = "Partly paid"
    DUE = "Due"


@dataclass(frozen=True)
class Line:
    """One line of the bill; a discount is negative. ``tax`` comes on top of ``amount``."""

    key: int
    label: str
    amount: Decimal
    tax: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """What the line asks for."""
        return self.amount + self.tax


@dataclass(frozen=True)
class Entry:
    """One line of the ledger. ``services`` and ``fee`` are never negative: the kind has the sign.

    ``source`` names what wrote it ("payment:12", "refund:3", "credit:5"), ``payment`` the payment
    that the money belongs to: a refund's is the payment it returns. ``fee_expected`` is the fee
    quoted for that payment; None where no card was used, which owes no fee (docs/decisions/003).
    ``fee_base`` is the part of its services that was quoted; None: all of them, as in lines from
    before this was written down (docs/decisions/015). ``uncollected`` is the brand's policy when
    that payment came, and ``at`` when it came: what comes last pays a billed fee.
    """

    key: int
    kind: EntryKind
    services: Decimal
    fee: Decimal = ZERO
    label: str = ""
    payment: str = ""
    fee_expected: Decimal | None = None
    uncollected: Uncollected = Uncollected.ABSORB
    note: str = ""
    at: datetime | None = None
    source: str = ""
    fee_base: Decimal | None = None


@dataclass(frozen=True)
class InFlight:
    """Money under way: a pending payment (never counts) or a queued refund (counts)."""

    label: str
    services: Decimal
    fee: Decimal = ZERO
    payment: str = ""
    is_refund: bool = False
    source: str = ""


@dataclass(frozen=True)
class Ruling:
    """Somebody's decision about one payment's uncollected fee; the last one counts.

    ``amount`` is what was open when it was waived (None: all of it): of a fee that was billed
    and partly paid, waiving forgives the rest and returns nothing. Waived again, both amounts
    count; billing it takes them back.
    """

    payment: str
    bill: bool
    amount: Decimal | None = None


@dataclass(frozen=True)
class Bill:
    """All that a settlement is made of."""

    status: InvoiceStatus
    currency: str
    lines: Sequence[Line]
    entries: Sequence[Entry] = ()
    in_flight: Sequence[InFlight] = ()
    rulings: Sequence[Ruling] = ()


class ReasonKind(StrEnum):
    """What a row of a figure is."""

    LINE = "line"
    # Posted on the ledger.
    ENTRY = "entry"
    # A refund that is queued: it counts, but the money did not go back yet.
    LEAVING = "leaving"
    # A payment that did not arrive yet: it never counts.
    PENDING = "pending"
    # The fee of one payment, expected or kept.
    FEE = "fee"
    # The missing fee of one payment, by what decided about it last.
    FEE_ABSORBED = "fee_absorbed"
    FEE_BILLED = "fee_billed"
    FEE_WAIVED_BY_DECISION = "fee_waived_by_decision"
    FEE_BILLED_BY_DECISION = "fee_billed_by_decision"
    # What was paid of missing fees later, by whatever payment.
    FEE_PAID_LATER = "fee_paid_later"
    # A draft next to an issued invoice: it is in no figure.
    DRAFT = "draft"


@dataclass(frozen=True)
class Reason:
    """One row that a figure came from, with its sign.

    Rows are netted, counted and matched by ``kind`` and ``source``, what the row is about
    ("payment:12", "refund:3", "credit:5", "line:4"; "" for nothing single): two checks may have
    the same number. ``label`` and ``note`` are for readers; ``ref`` names the row ("entry:7").
    """

    label: str
    amount: Decimal
    kind: ReasonKind
    source: str = ""
    ref: str = ""
    note: str = ""


@dataclass(frozen=True)
class Item:
    """One line and how much of it is covered by money and credits."""

    key: int
    label: str
    total: Decimal
    covered: Decimal
    status: ItemStatus


@dataclass(frozen=True)
class Fee:
    """The technology fee: its own leg beside services.

    ``expected`` is what the kept card payments should have brought, ``uncollected`` what of it
    is missing; ``waived`` and ``due`` say what became of that (the rest the brand absorbs).
    A billed fee that was paid afterwards, by whatever means, is kept and no longer missing.
    """

    expected: Decimal
    kept: Decimal
    uncollected: Decimal
    waived: Decimal
    due: Decimal

    @property
    def open(self) -> Decimal:
        """What is missing and was not waived: what staff may still waive or bill."""
        return self.uncollected - self.waived


@dataclass(frozen=True)
class Part:
    """One document of a job's settlement. Not ``counted``: a draft next to issued invoices."""

    number: str
    balance: Decimal
    counted: bool = True


@dataclass(frozen=True)
class Settlement:
    """The answer. ``because`` maps each figure to the rows that sum to it.

    ``parts`` are the documents that a job's settlement is made of; a document has none.
    """

    status: InvoiceStatus
    services: Decimal
    fee: Fee
    billed: Decimal
    credits: Decimal
    received: Decimal
    refunded: Decimal
    pending: Decimal
    balance: Decimal
    word: Word
    items: Sequence[Item]
    because: dict[str, list[Reason]] = field(default_factory=dict)
    parts: Sequence[Part] = ()

    @property
    def amount_due(self) -> Decimal:
        """What a client is asked for: never below zero, and no bill's surplus pays another."""
        zero = zero_of(self.balance)
        if not self.parts:
            return max(zero, self.balance)
        return sum((max(zero, part.balance) for part in self.parts if part.counted), zero)

    @property
    def overpaid(self) -> Decimal:
        """What documents hold too much, above zero; the balance is what is due less this."""
        return self.amount_due - self.balance

    @property
    def credit_used(self) -> Decimal:
        """What of clients' credits is used here; what was taken off again does not count."""
        return sum((part for part in self._of_each_credit() if part > 0), ZERO)

    @property
    def became_credit(self) -> Decimal:
        """What of the money here became the client's credit and did not come back, above zero.

        A credit that one document of a job gave and another one used is neither.
        """
        return self.credit_used - self.credits

    def _of_each_credit(self) -> Iterable[Decimal]:
        sums: dict[str, Decimal] = {}
        for row in self.because.get("credits", ()):
            sums[row.source] = sums.get(row.source, ZERO) + row.amount
        return sums.values()

    @property
    def unbilled(self) -> Decimal:
        """What drafts beside issued bills would ask for; no figure counts it."""
        rows = (part.balance for part in self.parts if not part.counted)
        return sum(rows, zero_of(self.balance))

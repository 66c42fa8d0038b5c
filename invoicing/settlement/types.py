"""What a settlement is made of, and what it answers: plain, frozen data. No logic.

Amounts are in the bill's currency.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from core.money import ZERO


class BillStatus(StrEnum):
    """Where the document stands. A draft mirrors its charges."""

    DRAFT = "draft"
    ISSUED = "issued"
    VOID = "void"


class EntryKind(StrEnum):
    """What a line of the ledger says; a reversal takes its original back."""

    PAYMENT = "payment"
    PAYMENT_REVERSAL = "payment_reversal"
    REFUND = "refund"
    REFUND_REVERSAL = "refund_reversal"
    CREDIT = "credit"
    CREDIT_REVERSAL = "credit_reversal"
    FROM_CREDIT = "from_credit"
    TO_CREDIT = "to_credit"


class Uncollected(StrEnum):
    """The brand's policy for a card payment that came in without its fee."""

    ABSORB = "absorb"
    BILL = "bill"


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

    ``payment`` names the payment that the money belongs to: a refund's is the payment it
    returns. ``fee_expected`` is the fee quoted for that payment; None where no card was used,
    which owes no fee. ``uncollected`` is the brand's policy when that payment came, and ``at``
    when it came: what comes last pays a billed fee.
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


@dataclass(frozen=True)
class InFlight:
    """Money under way: a pending payment (never counts) or a queued refund (counts)."""

    label: str
    services: Decimal
    fee: Decimal = ZERO
    payment: str = ""
    is_refund: bool = False


@dataclass(frozen=True)
class Ruling:
    """Somebody's decision about one payment's uncollected fee; the last one stands.

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

    status: BillStatus
    currency: str
    lines: Sequence[Line]
    entries: Sequence[Entry] = ()
    in_flight: Sequence[InFlight] = ()
    rulings: Sequence[Ruling] = ()


@dataclass(frozen=True)
class Reason:
    """One row that a figure came from, with its sign.

    ``ref`` names the row ("line:3", "entry:7", "payment:12"), ``note`` says what else explains it.
    """

    label: str
    amount: Decimal
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
    """One document of a job's settlement. Not ``counted``: a draft that stands beside the sum."""

    number: str
    balance: Decimal
    counted: bool = True


@dataclass(frozen=True)
class Settlement:
    """The answer. ``because`` maps each figure to the rows that sum to it.

    ``parts`` are the documents that a job's settlement is made of; a document has none.
    """

    status: BillStatus
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
        zero = self.balance * 0
        if not self.parts:
            return max(zero, self.balance)
        return sum((max(zero, part.balance) for part in self.parts if part.counted), zero)

    @property
    def overpaid(self) -> Decimal:
        """What documents hold too much, above zero; the balance is what is due less this."""
        return self.amount_due - self.balance

    @property
    def unbilled(self) -> Decimal:
        """What drafts beside issued bills would ask for; no figure counts it."""
        rows = (part.balance for part in self.parts if not part.counted)
        return sum(rows, self.balance * 0)

"""What payments say of their money on one job, what is posted of it, and what is to be written.

Plain, frozen data. Amounts are in the job's currency.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from invoicing.domain.allocate import Legs
from invoicing.settlement.types import Bill, EntryKind, InvoiceStatus, Uncollected


@dataclass(frozen=True)
class Printed:
    """What a statement prints of a payment, as it was."""

    label: str
    method: str = ""
    provider: str = ""
    last4: str = ""
    reference: str = ""
    funding: str = ""


@dataclass(frozen=True)
class Piece:
    """What should be on the ledger for one source: a payment, or one refund of it.

    ``gross`` is what of a payment came before a bank took any of it back; None where none did.
    ``taken_back_at`` dates what is reversed of it; None dates that when it is written.
    """

    source: str
    services: Decimal
    fee: Decimal
    label: str
    happened_at: datetime
    is_refund: bool = False
    in_flight: bool = False
    reason: str = ""
    gross: Legs | None = None
    taken_back_at: datetime | None = None

    @property
    def legs(self) -> Legs:
        """Services and fee, side by side."""
        return Legs(self.services, self.fee)

    @property
    def came(self) -> Legs:
        """What came, also where some of it was taken back."""
        return self.legs if self.gross is None else self.gross


@dataclass(frozen=True)
class Money:
    """Everything of one payment that concerns one job. ``key`` is "payment:<id>".

    ``fee_expected`` is this job's share of the quote, less what disputes took; None where no fee
    is expected. ``fee_base`` is what of its services was quoted, less the same; None: all of them.
    A source on the ledger that ``pieces`` does not name should come to zero.
    """

    key: str
    printed: Printed
    pieces: Sequence[Piece]
    fee_expected: Decimal | None = None
    uncollected: Uncollected = Uncollected.ABSORB
    reason: str = ""
    fee_base: Decimal | None = None

    @property
    def as_it_came(self) -> "Money":
        """The same before a bank took any of it back."""
        pieces = [
            replace(p, services=p.came.services, fee=p.came.fee, gross=None) for p in self.pieces
        ]
        return replace(self, pieces=pieces)

    @property
    def posted_pieces(self) -> list[Piece]:
        """What has arrived or gone back, payments before their refunds."""
        return sorted((p for p in self.pieces if not p.in_flight), key=lambda p: p.is_refund)

    @property
    def flying(self) -> list[Piece]:
        """What is under way, in the given order."""
        return [p for p in self.pieces if p.in_flight and p.legs.positive()]


@dataclass(frozen=True)
class PostedLine:
    """One line of the ledger of this payment. ``legs`` are never below zero."""

    source: str
    invoice_id: int
    kind: EntryKind
    legs: Legs
    fee_expected: Decimal | None = None
    fee_base: Decimal | None = None


@dataclass(frozen=True)
class Document:
    """An invoice of the job. ``bill`` is None where it is the only one: then nothing is shared."""

    invoice_id: int
    status: InvoiceStatus
    bill: Bill | None = None


@dataclass(frozen=True)
class PlannedLine:
    """A line to be written. ``legs`` are never below zero: the kind has the sign."""

    piece: Piece
    invoice_id: int
    kind: EntryKind
    legs: Legs
    fee_expected: Decimal | None = None
    fee_base: Decimal | None = None


@dataclass(frozen=True)
class PlannedFlight:
    """A row of money under way, as it should be."""

    piece: Piece
    invoice_id: int
    legs: Legs


@dataclass(frozen=True)
class Plan:
    """The lines that are missing on the ledger, and all money under way as it should be."""

    lines: Sequence[PlannedLine]
    flights: Sequence[PlannedFlight]

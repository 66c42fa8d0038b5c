"""What money still has to be posted on a job, and on which invoice: data in, data out. Pure.

A payment says what should be on the ledger; the ledger is append-only, so what is missing is a
difference: more of a source is another line, less of it a reversal. Duplicates, corrections,
failed refunds and late returns then cost a line, or nothing at all (law 6: facts commute).
Amounts are in the job's currency.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

from core.money import ZERO
from invoicing.domain import allocate
from invoicing.domain.allocate import Legs
from invoicing.domain.money import (
    Document,
    Money,
    Piece,
    Plan,
    PlannedFlight,
    PlannedLine,
    PostedLine,
    Printed,
)
from invoicing.settlement.settle import settle
from invoicing.settlement.types import Entry, EntryKind, InvoiceStatus, Settlement

# A reversal is dated when it is written.
_UNDATED = datetime.min.replace(tzinfo=UTC)
# Lines that are not written yet come after those that are.
_NEXT_KEY = 2**62


# Questions ---------------------------------------------------------------------------------------


def seeks_invoice(money: Money, posted: Sequence[PostedLine], currency: str) -> bool:
    """Whether any of ``money`` has yet to be put on an invoice; what is posted stays there."""
    if arriving(money, posted, currency):
        return True
    if any(not piece.is_refund for piece in money.flying):
        return True
    # A refund leaves the invoices that hold its payment, where any does.
    return not posted and any(piece.is_refund and piece.legs.positive() for piece in money.pieces)


def arriving(money: Money, posted: Sequence[PostedLine], currency: str) -> Legs:
    """What came in and is on no invoice yet, less fees that go beside their services."""
    _, more = _taken_back(money, posted, currency)
    return more


def lacks_invoice(
    money: Money, posted: Sequence[PostedLine], documents: Sequence[Document], currency: str
) -> bool:
    """Whether a draft has to be issued for what arrives, or made to show what is under way.

    Issued invoices that ask for all of the services take it without one.
    """
    ledger, more = _taken_back(money, posted, currency)
    ledger.documents = documents
    if not more:
        return not documents
    due = ledger.due(InvoiceStatus.ISSUED)
    if ledger.only is not None:
        return not due
    return not due or sum(due.values(), ZERO) < more.services


def _taken_back(
    money: Money, posted: Sequence[PostedLine], currency: str
) -> tuple["_Ledger", Legs]:
    """The ledger after payments gave back what is too much, and what of them arrives."""
    ledger = _Ledger.of(money, posted, currency)
    more = Legs()
    for piece in money.posted_pieces:
        if not piece.is_refund:
            ledger.take_back(piece)
            missing = ledger.missing(piece).positive()
            more += Legs() if ledger.goes_beside_services(piece, missing) else missing
    return ledger, more


# The plan ----------------------------------------------------------------------------------------


def plan(
    money: Money, posted: Sequence[PostedLine], documents: Sequence[Document], currency: str
) -> Plan:
    """What has to be written so that the ledger says ``money``.

    ``posted`` are all lines of this payment on the job, in their order; ``documents`` the job's
    invoices in theirs: at least one wherever ``seeks_invoice``.
    """
    ledger = _Ledger.of(money, posted, currency, documents)
    for piece in money.posted_pieces:
        ledger.take_back(piece)
        ledger.put(piece)
    for piece in _unnamed(money, ledger):
        ledger.take_back(piece)
        ledger.put(piece)
    return Plan(ledger.lines, list(_flights(money, ledger)))


def held(lines: Sequence[PostedLine], payment: str) -> dict[int, Legs]:
    """What the invoices hold of ``payment`` by its lines, by invoice id; refunds have left."""
    return _Ledger.of(Money(payment, Printed(""), ()), lines, "").remaining()


def _unnamed(money: Money, ledger: "_Ledger") -> list[Piece]:
    """Sources that should come to zero: a refund that turned out to be none, money under way."""
    named = {piece.source for piece in money.posted_pieces}
    flying = {piece.source: piece for piece in reversed(money.pieces)}
    return [
        Piece(
            source=source,
            services=ZERO,
            fee=ZERO,
            label=flying[source].label if source in flying else money.printed.label,
            happened_at=_UNDATED,
            is_refund=source != money.key,
            reason=money.reason,
        )
        for source in ledger.net
        if source not in named
    ]


def _flights(money: Money, ledger: "_Ledger") -> list[PlannedFlight]:
    """Refunds under way leave what others did not take; money to come is shown where it is due."""
    rows: list[PlannedFlight] = []
    leaving: defaultdict[int, Legs] = defaultdict(Legs)
    for piece in money.flying:
        remaining = ledger.remaining() if piece.is_refund else {}
        here = {pk: legs - leaving[pk] for pk, legs in remaining.items()}
        where = (
            allocate.from_holders(piece.legs, here) if here else {ledger.first_open(): piece.legs}
        )
        for invoice_id, legs in where.items():
            leaving[invoice_id] += legs if piece.is_refund else Legs()
            rows.append(PlannedFlight(piece, invoice_id, legs))
    return rows


@dataclass
class _Ledger:
    """One payment on the ledger of one job, line by line, while it is worked out."""

    money: Money
    currency: str
    documents: Sequence[Document] = ()
    # source → invoice → its net legs, in the order of first appearance
    net: dict[str, dict[int, Legs]] = field(default_factory=dict)
    # invoice → its share of the quote, as it was printed last, and of the services it is for
    quoted: dict[int, Decimal] = field(default_factory=dict)
    based: dict[int, Decimal | None] = field(default_factory=dict)
    lines: list[PlannedLine] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        money: Money,
        posted: Sequence[PostedLine],
        currency: str,
        documents: Sequence[Document] = (),
    ) -> "_Ledger":
        """The ledger as it is posted."""
        ledger = cls(money, currency, documents)
        for line in posted:
            legs = -line.legs if line.kind.is_reversal else line.legs
            ledger._count(line.source, line.invoice_id, legs)
            if line.kind == EntryKind.PAYMENT and line.fee_expected is not None:
                ledger.quoted[line.invoice_id] = line.fee_expected
                ledger.based[line.invoice_id] = line.fee_base
        return ledger

    def _count(self, source: str, invoice_id: int, legs: Legs) -> None:
        by_invoice = self.net.setdefault(source, {})
        by_invoice[invoice_id] = by_invoice.get(invoice_id, Legs()) + legs

    def on(self, source: str) -> dict[int, Legs]:
        """What is posted for one source, by invoice."""
        return self.net.get(source, {})

    def remaining(self) -> dict[int, Legs]:
        """Per invoice, what of the payment is still on it."""
        left: defaultdict[int, Legs] = defaultdict(Legs)
        for source, by_invoice in self.net.items():
            for invoice_id, legs in by_invoice.items():
                left[invoice_id] += legs if source == self.money.key else -legs
        return dict(left)

    def missing(self, piece: Piece) -> Legs:
        """What should be posted for ``piece`` less what is; below zero where it is too much."""
        return piece.legs - sum(self.on(piece.source).values(), Legs())

    # Less of a piece ------------------------------------------------------------------------

    def take_back(self, piece: Piece) -> None:
        """Reverse what is posted for ``piece`` beyond what should be."""
        if less := (-self.missing(piece)).positive():
            self._write(piece, {pk: -legs for pk, legs in self._givers(piece, less).items()})

    def _givers(self, piece: Piece, less: Legs) -> dict[int, Legs]:
        """Which invoices ``less`` of a piece leaves: of a payment first those that still hold it.

        What went back already is taken last, or an invoice would give the same money twice.
        """
        posted = self.on(piece.source)
        if piece.is_refund:
            return allocate.from_holders(less, posted)
        remaining = self.remaining()
        here = {pk: remaining[pk].positive() for pk in posted}
        room = sum(here.values(), Legs())
        first = Legs(min(less.services, room.services), min(less.fee, room.fee))
        where = allocate.from_holders(first, here)
        gone = {pk: legs - where.get(pk, Legs()) for pk, legs in posted.items()}
        rest = allocate.from_holders(less - first, gone)
        return {
            pk: where.get(pk, Legs()) + rest.get(pk, Legs())
            for pk in reversed(posted)
            if pk in where or pk in rest
        }

    # More of a piece ------------------------------------------------------------------------

    def put(self, piece: Piece) -> None:
        """Post what of ``piece`` is missing, on the invoices that take it or give it back."""
        if more := self.missing(piece).positive():
            self._write(piece, self._takers(piece, more))

    def _takers(self, piece: Piece, more: Legs) -> dict[int, Legs]:
        if piece.is_refund:
            # A refund whose payment is not posted (yet) is shown on the last invoice.
            holders = self.remaining() or {self.documents[-1].invoice_id: Legs()}
            return allocate.from_holders(more, holders)
        if self.goes_beside_services(piece, more):
            return allocate.beside_services(more.fee, self.on(piece.source), self.currency)
        # With every invoice void it goes on from the last one to the client's credit.
        due = self.due(InvoiceStatus.ISSUED) or {self.documents[-1].invoice_id: ZERO}
        return allocate.onto_invoices(more, due, self.currency, self._fees(due, more))

    def goes_beside_services(self, piece: Piece, more: Legs) -> bool:
        """Whether ``more`` is a fee alone, of a payment whose services are posted."""
        posted = self.on(piece.source).values()
        return not more.services and any(legs.services > 0 for legs in posted)

    # What the invoices ask for --------------------------------------------------------------

    def _fees(self, due: Mapping[int, Decimal], more: Legs) -> allocate.Fees | None:
        """The fees that invoices ask for and lack, for a payment that knows its own."""
        if self.only is not None or not (more.fee or self.money.fee_base is not None):
            return None
        fees = {d.invoice_id: self._settled(d).fee for d in self.documents if d.bill}
        asked = {pk: fees[pk].due if pk in fees else ZERO for pk in due}
        open_ = {pk: fees[pk].open if pk in fees else ZERO for pk in due}
        return allocate.Fees(self.money.fee_expected or ZERO, asked, open_)

    @property
    def only(self) -> Document | None:
        """The invoice of a job that has just one, as nearly all: then nothing needs settling."""
        return self.documents[0] if len(self.documents) == 1 else None

    def due(self, *statuses: InvoiceStatus) -> dict[int, Decimal]:
        """What the documents of these statuses ask for, with the lines planned so far."""
        return {
            document.invoice_id: self._due(document)
            for document in self.documents
            if document.status in statuses
        }

    def _due(self, document: Document) -> Decimal:
        # Nobody shares with one that is alone, so nobody asks.
        return ZERO if document.bill is None else self._settled(document).amount_due

    def _settled(self, document: Document) -> Settlement:
        """What one of several documents comes to with the lines planned so far."""
        assert document.bill is not None
        planned = [
            _as_entry(self.money, number, line)
            for number, line in enumerate(self.lines, start=_NEXT_KEY)
            if line.invoice_id == document.invoice_id
        ]
        return settle(replace(document.bill, entries=[*document.bill.entries, *planned]))

    def first_open(self) -> int:
        """Where money to come is shown: the first live invoice with money due, else the last."""
        if self.only is not None:
            return self.only.invoice_id
        due = self.due(InvoiceStatus.ISSUED, InvoiceStatus.DRAFT)
        last = self.documents[-1].invoice_id
        return next((pk for pk, amount in due.items() if amount > 0), last)

    # Lines ----------------------------------------------------------------------------------

    def _write(self, piece: Piece, where: Mapping[int, Legs]) -> None:
        for invoice_id, legs in where.items():
            self._count(piece.source, invoice_id, legs)
        is_more = all(legs == legs.positive() for legs in where.values())
        if not piece.is_refund and is_more:
            self._quote(where)
        self.lines += [self._line(piece, pk, legs) for pk, legs in where.items()]

    def _line(self, piece: Piece, invoice_id: int, legs: Legs) -> PlannedLine:
        is_back = legs.services < 0 or legs.fee < 0
        return PlannedLine(
            piece=piece,
            invoice_id=invoice_id,
            kind=EntryKind.of_money(is_refund=piece.is_refund, is_back=is_back),
            legs=Legs(abs(legs.services), abs(legs.fee)),
            fee_expected=None if is_back or piece.is_refund else self.quoted.get(invoice_id),
            fee_base=None if is_back or piece.is_refund else self.based.get(invoice_id),
        )

    def _quote(self, where: Mapping[int, Legs]) -> None:
        """Share the quote over the invoices that get money now, by services: what is left of it.

        What other invoices hold was quoted when it came, and stays printed; so the shares add up
        to the quote however often a payment is corrected.
        """
        if self.money.fee_expected is None:
            return
        by_invoice = self.net[self.money.key]
        others = [pk for pk, legs in by_invoice.items() if pk not in where and legs.services > 0]
        taken = sum((self.quoted.get(pk, ZERO) for pk in others), ZERO)
        left = max(ZERO, self.money.fee_expected - taken)
        here = {pk: by_invoice[pk] for pk in where}
        bases = self._bases(here, others)
        self.quoted |= allocate.quote_shares(left, here, self.currency, bases)
        self.based |= bases or dict.fromkeys(here)

    def _bases(self, here: Mapping[int, Legs], others: Sequence[int]) -> dict[int, Decimal] | None:
        """What of the quoted services is on the invoices that get money now; None: all."""
        if self.money.fee_base is None:
            return None
        by_invoice = self.net[self.money.key]
        based = ((self.based.get(pk), by_invoice[pk].services) for pk in others)
        taken = sum((held if base is None else min(base, held) for base, held in based), ZERO)
        return allocate.base_shares(max(ZERO, self.money.fee_base - taken), here)


def _as_entry(money: Money, key: int, line: PlannedLine) -> Entry:
    """A planned line as settling reads it."""
    return Entry(
        key=key,
        kind=line.kind,
        services=line.legs.services,
        fee=line.legs.fee,
        label=line.piece.label,
        payment=money.key,
        fee_expected=line.fee_expected,
        uncollected=money.uncollected,
        at=line.piece.happened_at,
        fee_base=line.fee_base,
    )

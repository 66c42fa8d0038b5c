"""From money to ledger: only the difference between what should stand there and what does.

Payments (which this floor does not know) say what should stand for one payment on one job;
duplicates, corrections, failed refunds and late returns then cost a line, or nothing at all.
The caller holds the job's lock.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from core.money import ZERO
from invoicing.domain import allocate, client_credit, follow_charges, rollup, stamp
from invoicing.domain.allocate import Legs
from invoicing.domain.entries import write_entry
from invoicing.models import LedgerEntry, MoneyInFlight
from invoicing.settlement.types import EntryKind, Uncollected
from workorders.models import WorkOrder


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
    """What should stand on the ledger for one source: a payment, or one refund of it."""

    source: str
    services: Decimal
    fee: Decimal
    label: str
    happened_at: datetime
    is_refund: bool = False
    in_flight: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Money:
    """Everything of one payment that concerns one job. ``key`` is "payment:<id>".

    ``fee_expected`` is this job's share of the quote, for what stands (what a dispute took
    expects none); None where no fee is owed. A source that
    the ledger knows and ``pieces`` does not name should stand at zero.
    """

    key: str
    printed: Printed
    pieces: Sequence[Piece]
    fee_expected: Decimal | None = None
    uncollected: Uncollected = Uncollected.ABSORB
    reason: str = ""


@dataclass(frozen=True)
class Posted:
    """The lines of one payment on one job: those that were there, and those written now."""

    before: Sequence[LedgerEntry]
    written: Sequence[LedgerEntry]

    @property
    def lines(self) -> Sequence[LedgerEntry]:
        """All of them, in their order."""
        return [*self.before, *self.written]


def post_money(job: WorkOrder, money: Money) -> list[LedgerEntry]:
    """Write what is missing for ``money`` on the invoices of ``job``; recompute if anything was.

    Money that came for a draft issues it first; money for a job whose invoices are all void
    goes on to the client's credit (``pool.sweep``). Answers the new lines.
    """
    return list(posted(job, money).written)


def posted(job: WorkOrder, money: Money) -> Posted:
    """``post_money``, answering also the lines that stood before."""
    ledger = _Ledger(job, money)
    written = [
        entry
        for piece in sorted(money.pieces, key=lambda p: p.is_refund)
        if not piece.in_flight
        for entry in ledger.reach(piece)
    ]
    written += ledger.take_back_unnamed()
    flew, ended = _in_flight(job, money, ledger)
    if written or flew:
        client_credit.sweep(job, written)
    if ended:
        follow_charges.tidy(job)
    if written or flew or rollup.is_missing(job):
        rollup.recompute(job)
    return Posted(ledger.rows, written)


def held_by(job: WorkOrder, payment: str) -> dict[int, Legs]:
    """What the invoices of ``job`` hold of one payment ("payment:<id>"), by invoice id.

    Less what went back or is on its way back, as the next refund will find it. Reads only.
    """
    held = _Ledger(job, Money(payment, Printed(""), ())).kept()
    leaving = MoneyInFlight.objects.filter(
        brand=job.brand_id, work_order=job, payment=payment, is_refund=True
    )
    for row in leaving:
        if row.invoice_id in held:
            held[row.invoice_id] -= Legs(row.services_amount, row.fee_amount)
    return held


@dataclass
class _Ledger:
    """What stands for one payment on one job, and how to come from there to what should."""

    job: WorkOrder
    money: Money
    # source → invoice → its net legs, in the order of first appearance
    stands: dict[str, dict[int, Legs]] = field(default_factory=dict)
    # invoice → its share of the quote, as it was printed last
    quoted: dict[int, Decimal] = field(default_factory=dict)
    # What was there to begin with.
    rows: list[LedgerEntry] = field(default_factory=list)

    def __post_init__(self) -> None:
        mine = LedgerEntry.objects.filter(
            brand=self.job.brand_id, work_order=self.job, payment=self.money.key
        )
        self.rows = list(mine.order_by("pk"))
        for row in self.rows:
            legs = Legs(row.services_amount, row.fee_amount)
            back = EntryKind(row.kind).is_reversal
            self._count(row.source, row.invoice_id, -legs if back else legs)
            if row.kind == EntryKind.PAYMENT and row.fee_expected is not None:
                self.quoted[row.invoice_id] = row.fee_expected

    def _count(self, source: str, invoice_id: int, legs: Legs) -> None:
        held = self.stands.setdefault(source, {})
        held[invoice_id] = held.get(invoice_id, Legs()) + legs

    def kept(self) -> dict[int, Legs]:
        """Per invoice, what of the payment is still on it."""
        found: defaultdict[int, Legs] = defaultdict(Legs)
        for source, held in self.stands.items():
            for invoice_id, legs in held.items():
                found[invoice_id] += legs if source == self.money.key else -legs
        return dict(found)

    def reach(self, piece: Piece) -> list[LedgerEntry]:
        """The lines that bring ``piece`` from what stands to what should."""
        held = self.stands.get(piece.source, {})
        missing = Legs(piece.services, piece.fee) - sum(held.values(), Legs())
        more, less = missing.positive(), (-missing).positive()
        written = []
        if less:
            where = self._whence(piece, less)
            written += self._write_all(piece, {pk: -legs for pk, legs in where.items()})
        if more:
            written += self._write_all(piece, self._where(piece, more))
        return written

    def _whence(self, piece: Piece, less: Legs) -> dict[int, Legs]:
        """Which invoices ``less`` of a piece leaves: a payment first those that still keep it.

        What went back already is taken last, or an invoice would give the same money twice.
        """
        held = self.stands.get(piece.source, {})
        if piece.is_refund:
            return allocate.from_holders(less, held)
        kept = self.kept()
        here = {pk: kept[pk].positive() for pk in held}
        room = sum(here.values(), Legs())
        first = Legs(min(less.services, room.services), min(less.fee, room.fee))
        where = allocate.from_holders(first, here)
        gone = {pk: legs - where.get(pk, Legs()) for pk, legs in held.items()}
        rest = allocate.from_holders(less - first, gone)
        return {
            pk: where.get(pk, Legs()) + rest.get(pk, Legs())
            for pk in reversed(held)
            if pk in where or pk in rest
        }

    def _where(self, piece: Piece, more: Legs) -> dict[int, Legs]:
        """Which invoices ``more`` of a piece goes to, or comes back from."""
        if piece.is_refund:
            return allocate.from_holders(more, self.kept() or self._anywhere())
        held = self.stands.get(piece.source, {})
        if not more.services and any(legs.services > 0 for legs in held.values()):
            return allocate.along(more.fee, held, self.job.brand.currency)
        return allocate.onto_invoices(self.job, more, stamp.moment(piece.happened_at))

    def _write_all(self, piece: Piece, where: Mapping[int, Legs]) -> list[LedgerEntry]:
        for invoice_id, legs in where.items():
            self._count(piece.source, invoice_id, legs)
        if not piece.is_refund and all(legs == legs.positive() for legs in where.values()):
            self._quote(where)
        return [self._write(piece, invoice_id, legs) for invoice_id, legs in where.items()]

    def _anywhere(self) -> dict[int, Legs]:
        return {allocate.last_invoice(self.job).pk: Legs()}

    def take_back_unnamed(self) -> list[LedgerEntry]:
        """Sources that should not stand any more: a refund that turned out to be none."""
        named = {piece.source for piece in self.money.pieces if not piece.in_flight}
        return [
            entry
            for source in list(self.stands)
            if source not in named
            for entry in self.reach(self._gone(source))
        ]

    def _gone(self, source: str) -> Piece:
        label = self.money.printed.label
        told = next((p for p in self.money.pieces if p.source == source), None)
        return Piece(
            source=source,
            services=ZERO,
            fee=ZERO,
            label=told.label if told else label,
            happened_at=stamp.moment(),
            is_refund=source != self.money.key,
            reason=self.money.reason,
        )

    def _write(self, piece: Piece, invoice_id: int, legs: Legs) -> LedgerEntry:
        is_back = legs.services < 0 or legs.fee < 0
        moment = stamp.moment(None if is_back else piece.happened_at)
        printed = self.money.printed
        return write_entry(
            self.job,
            invoice_id,
            kind=EntryKind.of_money(is_refund=piece.is_refund, is_back=is_back),
            services_amount=abs(legs.services),
            fee_amount=abs(legs.fee),
            source=piece.source,
            payment=self.money.key,
            label=piece.label,
            method=printed.method,
            provider=printed.provider,
            last4=printed.last4,
            reference=printed.reference,
            funding=printed.funding,
            fee_expected=None if is_back or piece.is_refund else self.quoted.get(invoice_id),
            uncollected=self.money.uncollected.value,
            reverses=self._reversed(piece.source, invoice_id) if is_back else None,
            reason=piece.reason or (self.money.reason if is_back else ""),
            happened_at=moment,
        )

    def _quote(self, where: Mapping[int, Legs]) -> None:
        """Share the quote over the invoices that get money now, by services: what is left of it.

        What other invoices hold was quoted when it came, and that stands printed; so the shares
        add up to the quote however often a payment is corrected.
        """
        if self.money.fee_expected is None:
            return
        held = self.stands[self.money.key]
        others = [pk for pk, legs in held.items() if pk not in where and legs.services > 0]
        taken = sum((self.quoted.get(pk, ZERO) for pk in others), ZERO)
        left = max(ZERO, self.money.fee_expected - taken)
        here = {pk: held[pk] for pk in where}
        self.quoted |= allocate.quote_shares(left, here, self.job.brand.currency)

    def _reversed(self, source: str, invoice_id: int) -> LedgerEntry | None:
        rows = LedgerEntry.objects.filter(source=source, invoice=invoice_id)
        forward = [kind for kind in EntryKind if not kind.is_reversal]
        return rows.filter(kind__in=forward).order_by("-pk").first()


def _in_flight(job: WorkOrder, money: Money, ledger: _Ledger) -> tuple[bool, bool]:
    """Make the rows of money under way the pieces that are.

    Whether any differs from what was there, and whether any is gone.
    """
    mine = MoneyInFlight.objects.filter(work_order=job, payment=money.key)
    before = {(row.source, row.invoice_id): row for row in mine}
    changed = False
    leaving: dict[int, Legs] = {}  # by refunds that were placed before
    for piece in money.pieces:
        legs = Legs(piece.services, piece.fee)
        if not piece.in_flight or not legs.positive():
            continue
        kept = ledger.kept() if piece.is_refund else {}
        held = {pk: legs_ - leaving.get(pk, Legs()) for pk, legs_ in kept.items()}
        where = allocate.from_holders(legs, held) if held else {allocate.first_open(job).pk: legs}
        for invoice_id, part in where.items():
            if piece.is_refund:
                leaving[invoice_id] = leaving.get(invoice_id, Legs()) + part
            row = before.pop((piece.source, invoice_id), None)
            changed |= _fly(job, money, piece, invoice_id, part, row)
    for row in before.values():
        row.delete()
    return changed or bool(before), bool(before)


def _fly(
    job: WorkOrder,
    money: Money,
    piece: Piece,
    invoice_id: int,
    legs: Legs,
    row: MoneyInFlight | None,
) -> bool:
    """Write one row of money under way; whether it differs from what was there."""
    values: Mapping[str, object] = {
        "is_refund": piece.is_refund,
        "services_amount": legs.services,
        "fee_amount": legs.fee,
        "payment": money.key,
        "label": piece.label,
        "happened_at": piece.happened_at,
    }
    if row is None:
        MoneyInFlight.objects.create(
            brand_id=job.brand_id,
            work_order=job,
            invoice_id=invoice_id,
            source=piece.source,
            **values,
        )
        return True
    if all(getattr(row, name) == value for name, value in values.items()):
        return False
    MoneyInFlight.objects.filter(pk=row.pk).update(**values)
    return True

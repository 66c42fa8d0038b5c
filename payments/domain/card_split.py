"""What of a card payment is services, what is its fee, and for what it was quoted. Pure.

The price by card is paid to the cent: services first, up to what of the bill is open; the rest is
the fee, up to the quote for these services and what earlier card payments lack of theirs; what
remains is a surplus, of services. So it is where nobody reported the fee; where somebody did, its
parts are as reported, and only the quote follows from here. (docs/decisions/015)

A payment is measured against the bill as it was when its money came, and in the order of when
money came: the answer follows from the facts, in whatever order they are reported, and no later
change of a bill moves it. Amounts are in the job's currency.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from core.money import ZERO, quantize
from core.split import split_refund
from invoicing.settlement.fee import waived_of
from invoicing.settlement.paid import Paid
from invoicing.settlement.types import Ruling, Uncollected

# What paying services by this card costs beside them; None: no fee.
Quote = Callable[[Decimal], Decimal | None]


@dataclass(frozen=True)
class Issued:
    """One revision of a bill: what it asks for from ``at`` on, until the bill is void."""

    at: datetime
    bill: int
    number: int
    total: Decimal
    voided_at: datetime | None = None


@dataclass(frozen=True)
class Bills:
    """What a job asked for in the course of time, and what clients' credits paid of it.

    ``credits`` are (when, how much), below zero where one was taken off again. ``draft`` answers
    what a draft beside the bills would ask for: money that no bill asks for has it issued.
    """

    issued: Sequence[Issued] = ()
    credits: Sequence[tuple[datetime, Decimal]] = ()
    draft: Callable[[], Decimal] = lambda: ZERO

    def asked(self, at: datetime) -> Decimal:
        """What all bills asked for at ``at``, tax included."""
        last: dict[int, Issued] = {}
        for row in sorted(self.issued, key=lambda row: row.number):
            if row.at <= at:
                last[row.bill] = row
        live = (row for row in last.values() if row.voided_at is None or row.voided_at > at)
        return sum((row.total for row in live), ZERO)

    def credited(self, at: datetime) -> Decimal:
        """What credits paid by ``at``."""
        return sum((amount for when, amount in self.credits if when <= at), ZERO)

    def since(self) -> datetime | None:
        """When something was billed first; None while nothing ever was."""
        return min((row.at for row in self.issued if row.total > 0), default=None)


@dataclass(frozen=True)
class Back:
    """Money of a payment that went back. ``parts`` None: services and fee follow from it."""

    at: datetime
    amount: Decimal
    parts: tuple[Decimal, Decimal] | None = None


@dataclass(frozen=True)
class Came:
    """Money that came for a job, by whatever means; ``rank`` settles who was first at one moment.

    ``fee`` None: nobody reported one, and ``services`` is all of it. ``quote`` None: no card was
    used. ``as_of`` is the moment whose bill counts; None: nothing was billed yet. ``is_quoted``:
    all of its services were quoted before it was paid. ``is_gone``: nothing is known of when it
    was taken back, so it never paid anything.
    """

    key: str
    at: datetime
    rank: tuple[str, ...]
    services: Decimal
    fee: Decimal | None = ZERO
    quote: Quote | None = None
    as_of: datetime | None = None
    is_quoted: bool = False
    is_gone: bool = False
    uncollected: Uncollected = Uncollected.ABSORB
    refunds: Sequence[Back] = ()
    lost: Sequence[Back] = ()
    rulings: Sequence[tuple[datetime, Ruling]] = ()


@dataclass(frozen=True)
class Split:
    """The parts of a card payment; ``base`` is what of its services ``quote`` was made for.

    ``base`` None: all of them. So it is where a fee was reported with more services than were open,
    and while nothing is billed to measure it against.
    """

    services: Decimal
    fee: Decimal
    base: Decimal | None
    quote: Decimal | None


def splits(came: Iterable[Came], bills: Bills, currency: str) -> dict[str, Split]:
    """The split of each card payment, by its key."""
    walk = _Walk(bills, currency)
    for one in sorted(came, key=lambda one: (one.at, one.rank)):
        walk.take(one)
    return walk.answers


@dataclass
class _Walk:
    """The money of one job in the order in which it came."""

    bills: Bills
    currency: str
    before: list[tuple[Came, Split]] = field(default_factory=list)
    answers: dict[str, Split] = field(default_factory=dict)

    def take(self, one: Came) -> None:
        if one.quote is None:
            split = Split(one.services, one.fee or ZERO, ZERO, None)
        else:
            split = self.answers[one.key] = self._split(one, one.quote)
        if not one.is_gone:
            self.before.append((one, split))

    def _split(self, one: Came, quote: Quote) -> Split:
        draft = self.bills.draft() if one.as_of is None else ZERO
        if one.as_of is None and draft <= 0:
            return Split(one.services, one.fee or ZERO, None, _quoted(quote, one.services))
        paid = self._paid_by(one.as_of)
        money = sum((p.here for p in paid.values()), ZERO)
        asked = covered = ZERO
        if one.as_of is not None:
            asked, covered = self.bills.asked(one.as_of), self.bills.credited(one.as_of)
        beyond = max(ZERO, money + covered - asked)
        open_ = self._exact(max(ZERO, asked - money - covered))
        if one.fee is not None:
            return self._as_reported(one, quote, open_)
        missing = self._missing(one.as_of, paid, beyond)
        split, surplus = self._by_rule(one, quote, open_, missing)
        if surplus and (draft := self.bills.draft()) > 0:
            with_draft = max(ZERO, asked + draft - money - covered)
            split, _ = self._by_rule(one, quote, with_draft, missing)
        return split

    def _as_reported(self, one: Came, quote: Quote, open_: Decimal) -> Split:
        """Its parts stay. A fee was charged on all services that it came with, open or not."""
        fee, base = one.fee or ZERO, one.services
        is_surplus = base > open_ and base > open_ + max(ZERO, self.bills.draft())
        if is_surplus and (fee or one.is_quoted):
            return Split(one.services, fee, None, _quoted(quote, one.services))
        if is_surplus:
            base = open_ + max(ZERO, self.bills.draft())
        return Split(one.services, fee, self._exact(base), _quoted(quote, base))

    def _by_rule(
        self, one: Came, quote: Quote, open_: Decimal, missing: Decimal
    ) -> tuple[Split, Decimal]:
        """Services, then the fee, then a surplus; and how much that is."""
        base = min(one.services, open_)
        own = _quoted(quote, base)
        fee = min(one.services - base, (own or ZERO) + missing)
        surplus = one.services - base - fee
        services, fee, base = (self._exact(part) for part in (base + surplus, fee, base))
        return Split(services, fee, base, own), surplus

    def _exact(self, amount: Decimal) -> Decimal:
        return quantize(amount, self.currency)

    # What came before ------------------------------------------------------------------------

    def _paid_by(self, at: datetime | None) -> dict[str, Paid]:
        """What is here at ``at`` of each payment before, with its quote."""
        return {one.key: self._paid(one, split, at) for one, split in self.before}

    def _paid(self, one: Came, split: Split, at: datetime | None) -> Paid:
        paid = Paid(self.currency)
        paid.came(split.services, split.fee, split.quote, split.base)
        surplus = ZERO
        if one.fee is None and split.base is not None:
            surplus = split.services - split.base
        money = split.services, split.fee, self.currency, surplus
        for back in parts_of(_by(one.lost, at), *money):
            paid.was_taken_back(*back)
        for services, fee in parts_of(_by(one.refunds, at), *money):
            paid.back_services += services
            paid.back_fee += fee
        return paid

    def _missing(self, at: datetime | None, paid: Mapping[str, Paid], beyond: Decimal) -> Decimal:
        """What of earlier card payments' fees is missing, and was neither waived nor paid since.

        ``beyond`` is services money that no services are open for: it pays fees that are billed.
        """
        lacking = billed = ZERO
        for one, _ in self.before:
            rulings = [ruling for when, ruling in one.rulings if at is not None and when <= at]
            missing = paid[one.key].missing()
            rest = missing - waived_of(missing, rulings)
            lacking += rest
            if one.uncollected == Uncollected.BILL or any(ruling.bill for ruling in rulings):
                billed += rest
        more = sum((p.beyond() for p in paid.values()), ZERO)
        later = min(lacking, more)
        return lacking - later - min(max(ZERO, billed - later), beyond)


def _by(backs: Sequence[Back], at: datetime | None) -> list[Back]:
    return [back for back in backs if at is not None and back.at <= at]


def _quoted(quote: Quote, services: Decimal) -> Decimal | None:
    return quote(services) if services > 0 else None


def parts_of(
    backs: Iterable[Back],
    services: Decimal,
    fee: Decimal,
    currency: str,
    surplus: Decimal = ZERO,
) -> list[tuple[Decimal, Decimal]]:
    """Services and fee of each of ``backs``, of a payment with these parts (docs/decisions/005).

    ``surplus`` is what of its services carried no fee: it goes back first.
    """
    parts: list[tuple[Decimal, Decimal]] = []
    for back in backs:
        gone_services = sum((part[0] for part in parts), ZERO)
        gone_fee = sum((part[1] for part in parts), ZERO)
        parts.append(
            back.parts
            or split_refund(
                back.amount,
                base=services,
                fee=fee,
                refunded_services=gone_services,
                refunded_fee=gone_fee,
                currency=currency,
                surplus=surplus,
            )
        )
    return parts

"""What one payment brought to a bill, what went back of it, and what it lacks of its fee. Pure.

Each payment is quoted once, for what it held when its last line was written. What goes back
afterwards (a refund, a lost dispute) takes its part of the quote along (docs/decisions/003 and
005). What a payment lacked when it came is scaled, never the rounded rest compared: one that
brought its whole fee lacks none, ever. All amounts are in the invoice's currency.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from core.money import ZERO, quantize
from core.split import fee_part
from invoicing.settlement.types import Bill, Entry, LedgerFigure, Uncollected

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass
class Paid:
    """One payment's legs on one bill, after everything that happened to it.

    ``base`` is what of its services ``quote`` was made for, ``brought`` the fee that came with
    them; the quote is None where no card was used, which owes no fee (docs/decisions/003).
    ``is_measured``: the line says what was quoted. Services beyond that are a surplus: it carries
    no fee, and leaves first. An older line was quoted for all that it brought.
    """

    currency: str
    label: str = ""
    services: Decimal = ZERO
    fee: Decimal = ZERO
    back_services: Decimal = ZERO
    back_fee: Decimal = ZERO
    quote: Decimal | None = None
    base: Decimal = ZERO
    brought: Decimal = ZERO
    is_measured: bool = False
    uncollected: Uncollected = Uncollected.ABSORB
    moment: tuple[datetime, int] = (_LONG_AGO, 0)

    def came(
        self,
        services: Decimal,
        fee: Decimal,
        quote: Decimal | None,
        base: Decimal | None = None,
    ) -> None:
        """Money came in: its line prints the quote for what it holds now, and for how much of it.

        ``base`` None: for all of it.
        """
        self.services += services
        self.fee += fee
        self.quote, self.brought = quote, self.fee
        self.base = self.services if base is None else base
        self.is_measured = base is not None

    def was_taken_back(self, services: Decimal, fee: Decimal) -> None:
        """Something of what came was none: lost in a dispute, or entered by mistake."""
        self.services -= services
        self.fee -= fee
        if not services:
            self.brought -= fee  # it never brought that fee

    def add(self, entry: Entry) -> None:
        """One line of the ledger about money of this payment."""
        sign = entry.kind.sign
        if entry.kind.figure == LedgerFigure.REFUNDED:
            self.back_services += sign * entry.services
            self.back_fee += sign * entry.fee
            return
        self.label = self.label or entry.label
        if entry.kind.is_reversal:
            self.was_taken_back(entry.services, entry.fee)
            return
        self.came(entry.services, entry.fee, entry.fee_expected, entry.fee_base)
        self.uncollected = entry.uncollected
        self.moment = (entry.at or _LONG_AGO, entry.key)

    @property
    def kept(self) -> Decimal:
        """The fee of it that is still here. More may have gone back than came."""
        return max(self._zero, self.fee - self.back_fee)

    @property
    def here(self) -> Decimal:
        """Services of it that are still here."""
        return max(self._zero, self.services - self.back_services)

    @property
    def _zero(self) -> Decimal:
        return quantize(ZERO, self.currency)

    def missing(self, aside: Decimal = ZERO) -> Decimal:
        """What is missing of its fee. ``aside`` is services money that pays a fee: it owes none."""
        lacked = self._lacked()
        if lacked <= 0 or self.base <= 0:
            return self._zero
        return lacked - fee_part(self._gone(aside), lacked, self.base, self.currency)

    def expected(self, aside: Decimal = ZERO) -> Decimal:
        """The fee that goes with what is still here: what it kept and what is missing."""
        if self.quote is None:
            return self._zero
        if self.base <= 0:
            return min(self.kept, self.quote)  # a part that is all fee
        if self._gone(aside) >= self.base:
            return self._zero
        if self._lacked() >= 0:
            return self.kept + self.missing(aside)
        gone = fee_part(self._gone(aside), self.quote, self.base, self.currency)
        return min(self.kept, self.quote - gone)

    def beyond(self) -> Decimal:
        """What of its fee is more than its own quote: it pays what other payments lacked."""
        if self.quote is None:
            return self.kept  # it owes none itself
        more = min(self.brought - self.quote, self.kept - self.expected())
        return max(self._zero, more)

    @property
    def quoted(self) -> Decimal:
        """What of the services that are here the quote is for."""
        return min(self.base, self.here)

    def _lacked(self) -> Decimal:
        return self._zero if self.quote is None else self.quote - max(ZERO, self.brought)

    def _gone(self, aside: Decimal) -> Decimal:
        aside = ZERO if self.is_measured else aside
        return self.base - min(self.base, max(ZERO, self.here - aside))


def expected_of(
    quote: Decimal,
    came: tuple[Decimal, Decimal],
    lost: tuple[Decimal, Decimal],
    currency: str,
    base: Decimal | None = None,
) -> Decimal:
    """What of ``quote`` is expected after lost disputes; services and fee that came and went.

    ``base`` is what of the services was quoted; None: all of them.
    """
    paid = Paid(currency)
    paid.came(*came, quote, base)
    if any(lost):
        paid.was_taken_back(*lost)
    return paid.expected()


def payments_of(bill: Bill) -> dict[str, Paid]:
    """Every payment that a bill's money belongs to, by its key on the ledger."""
    payments: dict[str, Paid] = {}
    for entry in sorted(bill.entries, key=lambda e: e.key):
        if not entry.kind.is_credit:
            name = entry.payment or f"entry:{entry.key}"
            payments.setdefault(name, Paid(bill.currency)).add(entry)
    for flight in bill.in_flight:
        if flight.is_refund:
            name = flight.payment or flight.source
            paid = payments.setdefault(name, Paid(bill.currency))
            paid.back_services += flight.services
            paid.back_fee += flight.fee
    return payments

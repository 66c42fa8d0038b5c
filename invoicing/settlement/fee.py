"""The technology fee's leg of a settlement: what was expected, kept, missing, waived and due.

Pure, as the settlement that it is a part of. What each payment lacks of its fee is worked out in
``invoicing.settlement.paid``. All amounts are in the invoice's currency.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from core.money import ZERO, display, quantize, total, zero_of
from core.split import split
from invoicing.settlement.paid import Paid, payments_of
from invoicing.settlement.paid import expected_of as expected_of
from invoicing.settlement.types import (
    Bill,
    Fee,
    InvoiceStatus,
    Reason,
    ReasonKind,
    Ruling,
    Settlement,
    Uncollected,
)

ROWS = ("fee_expected", "fee_kept", "fee_uncollected", "fee_due")
# Whether a decision bills the missing fee → the kind of its row, and its note.
_DECIDED = {
    True: (ReasonKind.FEE_BILLED_BY_DECISION, "billed by decision"),
    False: (ReasonKind.FEE_WAIVED_BY_DECISION, "waived by decision"),
}
_BY_POLICY = {
    Uncollected.ABSORB: ReasonKind.FEE_ABSORBED,
    Uncollected.BILL: ReasonKind.FEE_BILLED,
}
# A fee that pays itself converges at once; rounding may make it step to and fro by a cent.
_ROUNDS = 4


# The leg -----------------------------------------------------------------------------------------


def fee_of(bill: Bill, because: dict[str, list[Reason]], surplus: Decimal) -> Fee:
    """The fee's leg; fills its rows of ``because``.

    ``surplus`` is services money beyond the services: it pays a billed fee. No fee on a fee: of an
    older line, which was quoted for all that it brought, that part is taken off its quote.
    """
    payments = payments_of(bill)
    aside = quantize(ZERO, bill.currency)
    leg = _Leg(bill, payments, aside)
    for _ in range(_ROUNDS):
        pays = min(leg.still_asked, surplus)
        if pays == aside:
            break
        aside = pays
        leg = _Leg(bill, payments, aside)
    leg.pay(min(leg.still_asked, surplus))
    for name in ROWS:
        because[name] += leg.because[name]
    return leg.answer()


@dataclass
class _Leg:
    """The fee's sums and rows, with ``aside`` of the services money paying a fee."""

    bill: Bill
    payments: Mapping[str, Paid]
    aside: Decimal
    waived: Decimal = ZERO
    later: Decimal = ZERO
    because: dict[str, list[Reason]] = field(default_factory=lambda: {name: [] for name in ROWS})

    def __post_init__(self) -> None:
        self.waived = self.later = quantize(ZERO, self.bill.currency)
        aside = _last_first(self.payments, self.aside)
        for name, paid in self.payments.items():
            self._keep(name, paid)
            self.later += paid.beyond()  # of other payments' fees, by whatever means
            if paid.quote is not None:
                self._expect(name, paid, aside.get(name, ZERO))
        self.later = min(self._sum("fee_uncollected") - self.waived, self.later)

    @property
    def asked(self) -> Decimal:
        """What the client is asked for, before what was paid of it afterwards."""
        return self._sum("fee_due")

    @property
    def still_asked(self) -> Decimal:
        """The same, less what fees of other payments paid of it: what is billed first."""
        return max(self.asked - self.later, quantize(ZERO, self.bill.currency))

    def _sum(self, name: str) -> Decimal:
        return total((row.amount for row in self.because[name]), self.bill.currency)

    def _add(
        self,
        figure: str,
        label: str,
        amount: Decimal,
        kind: ReasonKind = ReasonKind.FEE,
        name: str = "",
        note: str = "",
    ) -> None:
        self.because[figure].append(Reason(label, amount, kind, name, name, note))

    def _keep(self, name: str, paid: Paid) -> None:
        if paid.kept:
            self._add("fee_kept", paid.label, paid.kept, name=name)
        elif paid.fee < paid.back_fee:
            note = "more of it was refunded than received"
            self._add("fee_kept", paid.label, paid.kept, name=name, note=note)

    def _expect(self, name: str, paid: Paid, aside: Decimal) -> None:
        """What one card payment should have brought, what is missing, and what becomes of that."""
        currency = self.bill.currency
        if should := paid.expected(aside):
            came = f"{display(paid.kept, currency)} came with it"
            self._add("fee_expected", paid.label, should, name=name, note=came)
        missing = paid.missing(aside)
        if not missing:
            return
        rulings = [ruling for ruling in self.bill.rulings if ruling.payment == name]
        waived = waived_of(missing, rulings)
        was_billed = paid.uncollected == Uncollected.BILL or any(r.bill for r in rulings)
        kind, note = _BY_POLICY[paid.uncollected], f"policy: {paid.uncollected.value}"
        if rulings:
            kind, note = _DECIDED[rulings[-1].bill]
        self.waived += waived
        self._add("fee_uncollected", paid.label, missing, kind, name, note)
        if was_billed and missing > waived and self.bill.status != InvoiceStatus.VOID:
            self._add("fee_due", paid.label, missing - waived, kind, name, note)

    def pay(self, other: Decimal) -> None:
        """Take off what was paid afterwards: fees (``later``), and ``other`` services money."""
        kind = ReasonKind.FEE_PAID_LATER
        if other:
            self._add("fee_kept", "Fee paid with other money", other, kind)
        billed = min(self.asked, self.later)
        for name, paid in (("fee_due", billed + other), ("fee_uncollected", self.later + other)):
            if paid:
                self._add(name, "Paid afterwards", -paid, kind)

    def answer(self) -> Fee:
        """The figures of the rows."""
        return Fee(
            expected=self._sum("fee_expected"),
            kept=self._sum("fee_kept"),
            uncollected=self._sum("fee_uncollected"),
            waived=self.waived,
            due=self.asked,
        )


def _last_first(payments: Mapping[str, Paid], aside: Decimal) -> dict[str, Decimal]:
    """Whose money the ``aside`` is: services are paid first, so that of the last payments."""
    by_payment: dict[str, Decimal] = {}
    for name, paid in sorted(payments.items(), key=lambda item: item[1].moment, reverse=True):
        by_payment[name] = min(aside, paid.here)
        aside -= by_payment[name]
    return by_payment


# What is open of each payment --------------------------------------------------------------------


@dataclass(frozen=True)
class Open:
    """What is missing of one payment's fee on one bill, and was not paid afterwards.

    ``amount`` is what is open of it, ``waived`` what was let go of, ``asked`` what of the open
    the client is asked for.
    """

    payment: str
    label: str
    amount: Decimal
    waived: Decimal
    asked: Decimal


def open_fees(settlement: Settlement, rulings: Sequence[Ruling]) -> list[Open]:
    """Every payment whose fee is missing on a bill, less what was paid of it afterwards."""
    rows = settlement.because["fee_uncollected"]
    asked = {
        row.source: row.amount
        for row in settlement.because["fee_due"]
        if row.kind != ReasonKind.FEE_PAID_LATER
    }
    later = (row.amount for row in rows if row.kind == ReasonKind.FEE_PAID_LATER)
    paid = -sum(later, zero_of(settlement.billed))
    missing = [row for row in rows if row.kind != ReasonKind.FEE_PAID_LATER]
    # What is billed is paid first; only then what the brand absorbed.
    billed = min(paid, sum(asked.values(), ZERO))
    absorbed = paid - billed
    open_ = []
    for row in missing:
        due = asked.get(row.source, zero_of(row.amount))
        waived = waived_of(row.amount, [r for r in rulings if r.payment == row.source])
        gone = min(billed, due)
        more = min(absorbed, row.amount - waived - due)
        billed, absorbed = billed - gone, absorbed - more
        if row.amount > gone + more:
            rest = row.amount - waived - gone - more
            open_.append(Open(row.source, row.label, rest, waived, due - gone))
    return open_


def shared_rulings(bills: Sequence[Bill], settled: Callable[[Bill], Settlement]) -> list[Bill]:
    """The bills of one job, each with its share of what was waived of a payment on several.

    What was waived is the rest that was open: it is shared by what each has open without it, so
    that it forgives the rest and returns nothing. ``settled`` settles one of them.
    """
    shared = list(bills)
    rulings = bills[0].rulings if bills else ()
    for name in sorted({r.payment for r in rulings}):
        mine = [r for r in rulings if r.payment == name]
        waives = _since_billed(mine)
        amounts = [r.amount for r in waives if r.amount is not None]
        if not waives or len(amounts) < len(waives):
            continue  # billed again, or waived whole: the same on every bill
        before = mine[: len(mine) - len(waives)]
        probes = [replace(bill, rulings=_instead(bill, name, before)) for bill in shared]
        parts = _shares(name, sum(amounts, ZERO), probes, settled)
        shared = [
            replace(bill, rulings=_instead(bill, name, [*before, Ruling(name, False, part)]))
            for bill, part in zip(shared, parts, strict=True)
        ]
    return shared


def _instead(bill: Bill, payment: str, rulings: Sequence[Ruling]) -> list[Ruling]:
    return [*(r for r in bill.rulings if r.payment != payment), *rulings]


def _shares(
    payment: str, amount: Decimal, probes: Sequence[Bill], settled: Callable[[Bill], Settlement]
) -> list[Decimal]:
    """``amount`` over bills by what is open; more than that was paid since, and is waived there."""
    currency = probes[0].currency
    open_, gone = [], []
    for probe in probes:
        answer = settled(probe)
        counts = probe.status != InvoiceStatus.VOID  # nothing is due on a void invoice
        rows = [r for r in answer.because["fee_uncollected"] if r.source == payment and counts]
        rest = [r for r in open_fees(answer, probe.rulings) if r.payment == payment and counts]
        open_.append(total((r.amount for r in rest), currency))
        gone.append(total((r.amount for r in rows), currency) - open_[-1])
    here = min(amount, sum(open_, ZERO))
    since = min(amount - here, sum(gone, ZERO))
    pairs = zip(split(here, open_, currency), split(since, gone, currency), strict=True)
    return [one + other for one, other in pairs]


def _since_billed(rulings: Sequence[Ruling]) -> list[Ruling]:
    """The decisions to waive since it was billed last (by a decision)."""
    waivers: list[Ruling] = []
    for ruling in rulings:
        waivers = [] if ruling.bill else [*waivers, ruling]
    return waivers


def waived_of(missing: Decimal, rulings: Sequence[Ruling]) -> Decimal:
    """What of a missing fee is waived; an amount of None is all of it."""
    amounts = [r.amount for r in _since_billed(rulings)]
    known = [amount for amount in amounts if amount is not None]
    return missing if len(known) < len(amounts) else min(missing, sum(known, zero_of(missing)))

"""The one answer to "what is owed, what was paid, what is left", per invoice and per line.

Pure: plain dataclasses in, plain dataclasses out; no database, clock or network. Every surface
reads this, none computes money of its own::

    billed  = services incl. tax + fee kept + fee due
    balance = billed - credits - received + refunded

``received`` and ``refunded`` are gross, fee included. Refunds count from the moment they are
queued; pending money never counts. All amounts are in the bill's currency.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO, quantize
from core.split import fee_part, split
from invoicing.bill import (
    Bill,
    BillStatus,
    EntryKind,
    Fee,
    Item,
    ItemStatus,
    Reason,
    Settlement,
    Uncollected,
    Word,
)

_SIGNS = {
    EntryKind.PAYMENT: ("received", 1),
    EntryKind.PAYMENT_REVERSAL: ("received", -1),
    EntryKind.REFUND: ("refunded", 1),
    EntryKind.REFUND_REVERSAL: ("refunded", -1),
    EntryKind.CREDIT: ("credits", 1),
    EntryKind.CREDIT_REVERSAL: ("credits", -1),
    EntryKind.FROM_CREDIT: ("credits", 1),
    EntryKind.TO_CREDIT: ("credits", -1),
}


def settle(bill: Bill) -> Settlement:
    """The settlement of one bill."""
    because = _reasons(bill)
    sums = {name: _sum(bill, (r.amount for r in rows)) for name, rows in because.items()}
    fee = _fee(bill, because)
    # A void bill asks for nothing; its own void took money and credits off it before.
    services = sums["services"] if bill.status != BillStatus.VOID else _zero(bill)
    billed = services + fee.kept + fee.due
    balance = billed - sums["credits"] - sums["received"] + sums["refunded"]
    return Settlement(
        services=services,
        fee=fee,
        billed=billed,
        credits=sums["credits"],
        received=sums["received"],
        refunded=sums["refunded"],
        pending=sums["pending"],
        balance=balance,
        word=_word(bill, billed, balance, fee.due, sums),
        items=_items(bill, sums["credits"]),
        because=because,
    )


def _zero(bill: Bill) -> Decimal:
    return quantize(ZERO, bill.currency)


def _sum(bill: Bill, amounts: Iterable[Decimal]) -> Decimal:
    return quantize(sum(amounts, ZERO), bill.currency)


def _reasons(bill: Bill) -> dict[str, list[Reason]]:
    """Each figure's rows. ``fee_kept`` and ``fee_due`` are filled in by ``_fee``."""
    because: dict[str, list[Reason]] = {
        "services": [Reason(line.label, line.total) for line in bill.lines],
        "credits": [],
        "received": [],
        "refunded": [],
        "pending": [],
    }
    for entry in bill.entries:
        figure, sign = _SIGNS[entry.kind]
        because[figure].append(Reason(entry.label, sign * (entry.services + entry.fee)))
    for flight in bill.in_flight:
        figure = "refunded" if flight.is_refund else "pending"
        because[figure].append(Reason(flight.label, flight.services + flight.fee))
    return because


# The technology fee ------------------------------------------------------------------------------


@dataclass
class _Paid:
    """One payment's legs after everything that happened to it."""

    label: str = ""
    services: Decimal = ZERO
    fee: Decimal = ZERO
    back_services: Decimal = ZERO
    back_fee: Decimal = ZERO
    expected: Decimal | None = None

    @property
    def fee_kept(self) -> Decimal:
        return self.fee - self.back_fee


def _payments(bill: Bill) -> dict[str, _Paid]:
    found: dict[str, _Paid] = {}
    for entry in bill.entries:
        figure, sign = _SIGNS[entry.kind]
        if figure == "credits":
            continue
        paid = found.setdefault(entry.payment or f"entry:{entry.key}", _Paid())
        if figure == "received":
            paid.services += sign * entry.services
            paid.fee += sign * entry.fee
            paid.label = paid.label or entry.label
            if entry.fee_expected is not None:
                paid.expected = entry.fee_expected
        else:
            paid.back_services += sign * entry.services
            paid.back_fee += sign * entry.fee
    for flight in bill.in_flight:
        if flight.is_refund:
            paid = found.setdefault(flight.payment or f"flight:{flight.label}", _Paid())
            paid.back_services += flight.services
            paid.back_fee += flight.fee
    return found


def _fee(bill: Bill, because: dict[str, list[Reason]]) -> Fee:
    rulings = {ruling.payment: ruling.bill for ruling in bill.rulings}
    zero = _zero(bill)
    expected = uncollected = waived = asked = later = zero
    because["fee_kept"], because["fee_due"] = [], []
    for name, paid in _payments(bill).items():
        if paid.fee_kept:
            because["fee_kept"].append(Reason(paid.label, paid.fee_kept))
        if paid.expected is None:
            later += paid.fee_kept  # a fee paid afterwards, by whatever means
            continue
        should = _expected_now(paid, bill.currency)
        missing = max(zero, should - paid.fee_kept)
        expected, uncollected = expected + should, uncollected + missing
        if rulings.get(name, bill.uncollected == Uncollected.BILL):
            asked += missing
            if missing:
                because["fee_due"].append(Reason(paid.label, missing))
        elif name in rulings:
            waived += missing
    paid_later = min(asked, max(zero, later))
    if paid_later:
        because["fee_due"].append(Reason("paid afterwards", -paid_later))
    kept = _sum(bill, (r.amount for r in because["fee_kept"]))
    return Fee(expected, kept, uncollected - paid_later, waived, asked - paid_later)


def _expected_now(paid: _Paid, currency: str) -> Decimal:
    """The quoted fee less the part that belongs to returned services (F of the decisions).

    A payment that was taken back whole (a lost dispute, a mistake) expects none.
    """
    assert paid.expected is not None
    if paid.services <= 0:
        return quantize(ZERO, currency)
    back = min(paid.back_services, paid.services)
    return paid.expected - fee_part(back, paid.expected, paid.services, currency)


# Words and items ---------------------------------------------------------------------------------


def _word(
    bill: Bill, billed: Decimal, balance: Decimal, fee_due: Decimal, sums: dict[str, Decimal]
) -> Word:
    if bill.status == BillStatus.VOID:
        return Word.VOID
    if balance < 0:
        return Word.OVERPAID
    if bill.status == BillStatus.DRAFT:
        return Word.DRAFT
    if balance == 0:
        return Word.PAID if billed > 0 else Word.NOTHING_DUE
    if fee_due and balance == fee_due:
        return Word.FEE_DUE
    came = sums["received"] - sums["refunded"] + sums["credits"]
    return Word.PARTLY_PAID if came > 0 else Word.DUE


def _items(bill: Bill, credited: Decimal) -> list[Item]:
    """Covered amounts, recomputed from scratch: the order of payments cannot matter.

    Money and credited, at most the total, are split over the lines by what each asks for after
    discounts were spread over the positive ones.
    """
    nets = _after_discounts(bill)
    total = sum(nets, ZERO)
    came, net_money = _services_money(bill)
    money = max(ZERO, min(net_money + credited, total))
    covered = (
        split(quantize(money, bill.currency), nets, bill.currency)
        if total > 0
        else [_zero(bill) for _ in bill.lines]
    )
    went_back = came > 0 and net_money + credited <= 0
    return [
        Item(
            key=line.key,
            label=line.label,
            total=line.total,
            covered=part,
            status=_item_status(bill, net, part, total, money, went_back=went_back),
        )
        for line, net, part in zip(bill.lines, nets, covered, strict=True)
    ]


def _after_discounts(bill: Bill) -> list[Decimal]:
    """What each line asks for once negative lines are spread over the positive ones."""
    positives = [max(ZERO, line.total) for line in bill.lines]
    discount = -sum((min(ZERO, line.total) for line in bill.lines), ZERO)
    whole = sum(positives, ZERO)
    if discount >= whole:
        return [_zero(bill) for _ in bill.lines]
    if not discount:
        return [quantize(p, bill.currency) for p in positives]
    shares = split(quantize(discount, bill.currency), positives, bill.currency)
    return [p - share for p, share in zip(positives, shares, strict=True)]


def _services_money(bill: Bill) -> tuple[Decimal, Decimal]:
    """Services money that came in, and what of it is still here (queued refunds have left)."""
    came = back = ZERO
    for entry in bill.entries:
        figure, sign = _SIGNS[entry.kind]
        if figure == "received":
            came += sign * entry.services
        elif figure == "refunded":
            back += sign * entry.services
    back += sum((f.services for f in bill.in_flight if f.is_refund), ZERO)
    return came, came - back


def _item_status(
    bill: Bill,
    net: Decimal,
    covered: Decimal,
    total: Decimal,
    money: Decimal,
    *,
    went_back: bool,
) -> ItemStatus:
    if bill.status == BillStatus.DRAFT:
        return ItemStatus.NOT_INVOICED
    if went_back and total > 0:
        return ItemStatus.REFUNDED
    # A discount, or a line that a discount used up, is full when the whole bill is.
    if covered == net if net else money >= total:
        return ItemStatus.FULLY_PAID
    return ItemStatus.DEPOSIT_PAID if covered > 0 else ItemStatus.INVOICED

"""The one answer to "what is owed, what was paid, what is left", per invoice and per line.

Pure: plain dataclasses in, plain dataclasses out; no database, clock or network. Every surface
reads this, none computes money of its own::

    billed  = services incl. tax + fee kept + fee due
    balance = billed - credits - received + refunded

``received`` and ``refunded`` are gross, fee included. Refunds count from the moment they are
queued; pending money never counts. All amounts are in the bill's currency.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from core.money import ZERO, display, quantize, total
from core.split import split
from invoicing.settlement.fee import fee_of
from invoicing.settlement.types import (
    Bill,
    Fee,
    InFlight,
    InvoiceStatus,
    Item,
    ItemStatus,
    LedgerFigure,
    Line,
    Part,
    Reason,
    ReasonKind,
    Settlement,
    Word,
    net,
)

FIGURES = (
    *("services", "fee_kept", "fee_due", "fee_expected", "fee_uncollected"),
    *("credits", "received", "refunded", "pending"),
)


def settle(bill: Bill) -> Settlement:
    """The settlement of one bill."""
    because = _reasons(bill)
    sums = {name: _sum(bill, rows) for name, rows in because.items()}
    surplus = max(ZERO, _services_money(bill)[1] + sums["credits"] - sums["services"])
    fee = fee_of(bill, because, surplus)
    return _answer(bill.status, bill.currency, because, fee, _items(bill, sums["credits"]))


def combine(
    settlements: Sequence[Settlement], currency: str, numbers: Sequence[str] = ()
) -> Settlement:
    """What several bills of one job come to together; nothing is due where there is none.

    It is issued as soon as one of them is. Figures and reasons are the sums of theirs; but a draft
    next to an issued invoice is not counted, except for money under way (docs/decisions/004).
    What is due is the sum of what each asks for. ``numbers`` are the documents', in the same order.
    """
    statuses = {s.status for s in settlements}
    ladder = (InvoiceStatus.ISSUED, InvoiceStatus.DRAFT, InvoiceStatus.VOID)
    status = next((s for s in ladder if s in statuses), InvoiceStatus.DRAFT)
    names = numbers or [""] * len(settlements)
    parts = [
        Part(number, one.balance, not _waits(one, status))
        for number, one in zip(names, settlements, strict=True)
    ]
    counted = [s for s, part in zip(settlements, parts, strict=True) if part.counted]
    because: dict[str, list[Reason]] = {name: [] for name in FIGURES}
    for one in settlements:
        for name, rows in one.because.items():
            if not _waits(one, status) or name == "pending":
                because[name] += rows
    items = [item for one in settlements for item in one.items]
    return _answer(status, currency, because, _fees_of(counted, currency), items, parts)


def _waits(one: Settlement, whole: InvoiceStatus) -> bool:
    """Whether a document is a draft next to issued invoices, and nothing came to it."""
    used = one.received or one.refunded or one.credits
    return whole == InvoiceStatus.ISSUED and one.status == InvoiceStatus.DRAFT and not used


def _fees_of(settlements: Sequence[Settlement], currency: str) -> Fee:
    zero = quantize(ZERO, currency)
    return Fee(
        *(
            sum((getattr(s.fee, name) for s in settlements), zero)
            for name in ("expected", "kept", "uncollected", "waived", "due")
        )
    )


def _answer(
    status: InvoiceStatus,
    currency: str,
    because: dict[str, list[Reason]],
    fee: Fee,
    items: Sequence[Item],
    parts: Sequence[Part] = (),
) -> Settlement:
    sums = {name: total((r.amount for r in rows), currency) for name, rows in because.items()}
    billed = sums["services"] + fee.kept + fee.due
    balance = billed - sums["credits"] - sums["received"] + sums["refunded"]
    answer = Settlement(
        status=status,
        services=sums["services"],
        fee=fee,
        billed=billed,
        credits=sums["credits"],
        received=sums["received"],
        refunded=sums["refunded"],
        pending=sums["pending"],
        balance=balance,
        word=Word.NOTHING_DUE,
        items=items,
        because=because,
        parts=parts,
    )
    return replace(answer, word=_word(answer))


def _zero(bill: Bill) -> Decimal:
    return quantize(ZERO, bill.currency)


def _sum(bill: Bill, rows: Iterable[Reason]) -> Decimal:
    return total((row.amount for row in rows), bill.currency)


def _reasons(bill: Bill) -> dict[str, list[Reason]]:
    """Each figure's rows. Those of the fee are filled in by ``fee_of``."""
    because: dict[str, list[Reason]] = {name: [] for name in FIGURES}
    if bill.status != InvoiceStatus.VOID:  # nothing is due on a void invoice
        because["services"] = [_line_reason(line, bill.currency) for line in bill.lines]
    for entry in bill.entries:
        amount = entry.kind.sign * (entry.services + entry.fee)
        ref = f"entry:{entry.key}"
        source = entry.source or ref
        row = Reason(entry.label, amount, ReasonKind.ENTRY, source, ref, entry.note)
        because[entry.kind.figure].append(row)
    for flight in bill.in_flight:
        because["refunded" if flight.is_refund else "pending"].append(_under_way(flight))
    return because


def _under_way(flight: InFlight) -> Reason:
    """A queued refund counts from now on, a pending payment never (docs/decisions/004)."""
    kind = ReasonKind.LEAVING if flight.is_refund else ReasonKind.PENDING
    note = "on its way" if flight.is_refund else "not counted until the money arrives"
    amount = flight.services + flight.fee
    return Reason(flight.label, amount, kind, flight.source, flight.payment, note)


def _line_reason(line: Line, currency: str) -> Reason:
    note = f"with {display(line.tax, currency)} tax" if line.tax else ""
    ref = f"line:{line.key}"
    return Reason(line.label, line.total, ReasonKind.LINE, ref, ref, note)


# Words and items ---------------------------------------------------------------------------------


def _word(it: Settlement) -> Word:
    """The word of what is due, where anything is; else of what is there.

    A job is paid only when each of its bills is: what one holds too much pays no other.
    """
    due = it.amount_due
    if due and it.status != InvoiceStatus.DRAFT:
        if due == it.fee.due:
            return Word.FEE_DUE
        return Word.PARTLY_PAID if it.received - it.refunded + it.credits > 0 else Word.DUE
    if it.overpaid:
        return Word.OVERPAID
    if it.status == InvoiceStatus.VOID:
        return Word.VOID
    if it.status == InvoiceStatus.DRAFT and (it.billed or due):
        return Word.DRAFT
    return Word.PAID if it.billed > 0 else Word.NOTHING_DUE


def _items(bill: Bill, credited: Decimal) -> list[Item]:
    """Covered amounts, recomputed from scratch: the order of payments cannot matter.

    Money and credited, at most the total, are split over the lines by what each asks for after
    discounts were spread over the positive ones.
    """
    if bill.status == InvoiceStatus.VOID:
        return []
    nets = _after_discounts(bill)
    whole = sum(nets, ZERO)
    came, net_money = _services_money(bill)
    money = max(ZERO, min(net_money + credited, whole))
    covered = (
        split(quantize(money, bill.currency), nets, bill.currency)
        if whole > 0
        else [_zero(bill) for _ in bill.lines]
    )
    went_back = came > 0 and net_money + credited <= 0
    return [
        Item(
            key=line.key,
            label=line.label,
            total=line.total,
            covered=part,
            status=_item_status(bill, net, part, whole, money, went_back=went_back),
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
    rows = [(entry.kind, entry.services) for entry in bill.entries]
    came = net(LedgerFigure.RECEIVED, rows)
    leaving = sum((f.services for f in bill.in_flight if f.is_refund), ZERO)
    return came, came - net(LedgerFigure.REFUNDED, rows) - leaving


def _item_status(
    bill: Bill,
    net: Decimal,
    covered: Decimal,
    whole: Decimal,
    money: Decimal,
    *,
    went_back: bool,
) -> ItemStatus:
    if bill.status == InvoiceStatus.DRAFT:
        return ItemStatus.NOT_INVOICED
    if went_back and whole > 0:
        return ItemStatus.REFUNDED
    # A discount, or a line that a discount used up, is full when the whole bill is.
    if covered == net if net else money >= whole:
        return ItemStatus.FULLY_PAID
    return ItemStatus.DEPOSIT_PAID if covered > 0 else ItemStatus.INVOICED

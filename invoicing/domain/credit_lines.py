"""Lines of a credit note, made from what an invoice bills. Pure.

What is given back is below zero. Amounts are in the invoice's currency, before tax; a line's tax
comes on top and has its sign. Tax is given back by what notes gave before: with F(x) =
round(tax x / whole), a part's tax is F(so far + this) less what was given, so that notes which
together give back everything give back exactly the tax. (docs/decisions/005)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from core.money import ZERO, charge_tax, display, display_percent, total
from core.split import fee_part, split
from invoicing.models import CreditNoteLine, InvoiceLine

Line = InvoiceLine | CreditNoteLine
# The name and the percentage of a tax; ("", 0) is untaxed.
Rate = tuple[str, Decimal]


@dataclass(frozen=True)
class CreditLine:
    """One line as it shall be.

    ``tax_percent`` (8.25 is 8.25 %) is named by ``tax_name``; ``tax_amount`` None is computed
    from it. ``charge_id`` names the charge that an invoice's line billed.
    """

    description: str
    amount: Decimal
    tax_name: str = ""
    tax_percent: Decimal = ZERO
    charge_id: int | None = None
    tax_amount: Decimal | None = None

    def tax(self, currency: str) -> Decimal:
        """What the line gives back (or keeps) in tax."""
        if self.tax_amount is not None:
            return self.tax_amount
        return charge_tax(self.amount, self.tax_percent, currency)


def total_of(lines: Sequence[CreditLine], currency: str) -> Decimal:
    """What lines come to, tax included; below zero for a credit note that gives back."""
    return total((line.amount + line.tax(currency) for line in lines), currency)


@dataclass
class _Sum:
    """An amount before tax and its tax, together ``gross``."""

    net: Decimal = ZERO
    tax: Decimal = ZERO

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax

    def add(self, net: Decimal, tax: Decimal) -> None:
        self.net, self.tax = self.net + net, self.tax + tax


@dataclass
class Credited:
    """What an invoice bills and what notes gave back of it, by tax rate and by charge.

    Counts every line that it makes, so that lines of one note follow each other, too.
    """

    billed: Sequence[Line]
    currency: str
    _rates: dict[Rate, _Sum] = field(default_factory=dict)
    _given: dict[Rate, _Sum] = field(default_factory=dict)
    _by_charge: dict[int, _Sum] = field(default_factory=dict)
    _discounted: set[Rate] = field(default_factory=set)

    def __post_init__(self) -> None:
        for line in self.billed:
            rate = rate_of(line)
            self._rates.setdefault(rate, _Sum()).add(line.amount, line.tax_amount)
            if line.amount < 0:
                self._discounted.add(rate)

    @classmethod
    def after(cls, billed: Sequence[Line], notes: Sequence[Line], currency: str) -> "Credited":
        """What is left after ``notes``, the lines of the issued credit notes of the invoice."""
        it = cls(billed, currency)
        for line in notes:
            it._count(rate_of(line), line.charge_id, -line.amount, -line.tax_amount)
        return it

    def _count(self, rate: Rate, charge_id: int | None, net: Decimal, tax: Decimal) -> None:
        self._given.setdefault(rate, _Sum()).add(net, tax)
        if charge_id is not None:
            self._by_charge.setdefault(charge_id, _Sum()).add(net, tax)

    def left(self) -> dict[Rate, Decimal]:
        """What of each rate, tax included, is not given back yet; those with something left."""
        rows = {rate: whole.gross - self.given(rate).gross for rate, whole in self._rates.items()}
        return {rate: gross for rate, gross in rows.items() if gross > 0}

    def given(self, rate: Rate) -> _Sum:
        """What was given back of a rate so far."""
        return self._given.get(rate, _Sum())

    def tax_left(self, rate: Rate) -> Decimal:
        """What of a rate's tax is not given back yet; below zero where more was given."""
        return self._rates.get(rate, _Sum()).tax - self.given(rate).tax

    def is_discounted(self, rate: Rate) -> bool:
        """Whether a discount lowers the tax of a rate: its lines may give back more, apart."""
        return rate in self._discounted

    def count(self, line: CreditLine) -> None:
        """A line that is made already is part of what was given back."""
        self._count(rate_of(line), line.charge_id, -line.amount, -line.tax(self.currency))

    def of_gross(self, rate: Rate, gross: Decimal) -> tuple[Decimal, Decimal]:
        """``gross`` of a rate as (before tax, tax); at most what is left of it is meant."""
        whole, given = self._rates.get(rate, _Sum()), self.given(rate)
        tax = ZERO
        if whole.gross > 0 and whole.tax > 0:
            tax = fee_part(given.gross + gross, whole.tax, whole.gross, self.currency) - given.tax
            tax = max(tax, gross - (whole.net - given.net), ZERO)
            tax = min(tax, max(ZERO, whole.tax - given.tax), gross)
        self._count(rate, None, gross - tax, tax)
        return gross - tax, tax

    def of_line(self, line: Line, net: Decimal) -> Decimal:
        """The tax that goes with ``net`` of one billed line; has its sign."""
        rate, sign = rate_of(line), -1 if line.amount < 0 else 1
        before = self._by_charge.get(line.charge_id or 0, _Sum())
        tax = self._part(abs(net), abs(line.amount), abs(line.tax_amount), before)
        if rate not in self._discounted:
            whole, given = self._rates[rate], self.given(rate)
            left = max(ZERO, whole.tax - given.tax)
            tax = left if given.net + net == whole.net else min(tax, left)
        self._count(rate, line.charge_id, net, sign * tax)
        return sign * tax

    def of_rate(self, rate: Rate, net: Decimal) -> Decimal:
        """The tax that goes with ``net`` of a rate, of no line in particular."""
        whole, given = self._rates.get(rate, _Sum()), self.given(rate)
        if whole.net <= 0 or net <= 0:
            tax = charge_tax(net, rate[1], self.currency)
        else:
            tax = self._part(net, whole.net, max(ZERO, whole.tax), given)
        self._count(rate, None, net, tax)
        return tax

    def _part(self, net: Decimal, whole: Decimal, tax: Decimal, before: _Sum) -> Decimal:
        so_far = abs(before.net) + net
        due = fee_part(min(so_far, whole), tax, whole, self.currency) - abs(before.tax)
        return min(max(ZERO, due), max(ZERO, tax - abs(before.tax)))


def rate_of(line: Line | CreditLine) -> Rate:
    """The tax of a line: name and percentage."""
    return line.tax_name, line.tax_percent


def whole(billed: Sequence[Line]) -> list[CreditLine]:
    """Every line that is billed, with its tax, turned round; nothing was given back before."""
    return [_of_line(line, line.amount, line.tax_amount) for line in billed if line.amount]


def _of_line(line: Line, amount: Decimal, tax: Decimal) -> CreditLine:
    return CreditLine(
        description=line.description,
        amount=-amount,
        tax_name=line.tax_name,
        tax_percent=line.tax_percent,
        charge_id=line.charge_id,
        tax_amount=-tax,
    )


def of_amount(credited: Credited, amount: Decimal, number: str) -> list[CreditLine]:
    """``amount``, tax included, of invoice ``number`` given back: "Credit on FHI624".

    Where the invoice has tax, the amount is spread over its tax rates by what is left of each
    (lines with their tax): one line per rate. The note comes to ``amount`` exactly.
    """
    weights = credited.left() or {("", ZERO): ZERO}
    shares = split(amount, list(weights.values()), credited.currency)
    described = f"Credit on {number}"
    several = len({rate_of(line) for line in credited.billed}) > 1
    lines = [
        _share(credited, described, rate, share, several=several)
        for rate, share in zip(weights, shares, strict=True)
        if share
    ]
    return lines or [CreditLine(described, -amount)]


def _share(
    credited: Credited, described: str, rate: Rate, share: Decimal, *, several: bool
) -> CreditLine:
    name, percent = rate
    words = f"{name} {display_percent(percent)}" if percent else "not taxed"
    net, tax = credited.of_gross(rate, share)
    return CreditLine(
        description=f"{described} ({words})" if several else described,
        amount=-net,
        tax_name=name,
        tax_percent=percent,
        tax_amount=-tax,
    )


def parts(
    credited: Credited, amounts: Mapping[int, Decimal], more: Sequence[CreditLine] = ()
) -> list[CreditLine]:
    """The billed lines at the positions in ``amounts``, that much of each; then ``more``."""
    picked = []
    for position, amount in sorted(amounts.items()):
        line = credited.billed[position]
        picked.append(_of_line(line, amount, credited.of_line(line, amount)))
    return [*picked, *more]


def again(credited: Credited, line: CreditLine) -> CreditLine:
    """A draft's line as it can be issued now: its own tax where that is left, else anew."""
    own = line.tax_amount
    if not line.tax_percent or (own is not None and -own <= credited.tax_left(rate_of(line))):
        credited.count(line)
        return line
    billed = next((b for b in credited.billed if b.charge_id == line.charge_id), None)
    if billed is not None and line.charge_id is not None:
        tax = credited.of_line(billed, -line.amount)
    else:
        tax = credited.of_rate(rate_of(line), -line.amount)
    return replace(line, tax_amount=-tax)


def left_words(billed: Decimal, credited: Decimal, number: str, currency: str) -> str:
    """Why a note cannot give more than an invoice bills."""
    if not credited:
        return f"{number} billed {display(billed, currency)}: a credit note cannot give more back."
    left = display(max(ZERO, billed - credited), currency)
    given = display(credited, currency)
    return (
        f"{number} billed {display(billed, currency)}, and {given} of it is credited already: "
        f"only {left} is left."
    )

"""Lines of a credit note, made from what an invoice bills. Pure.

What is given back is below zero. Amounts are in the invoice's currency, before tax; a line's tax
comes on top and has its sign.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO, charge_tax, display, display_percent, total
from core.split import split
from invoicing.models import CreditNoteLine, InvoiceLine

Line = InvoiceLine | CreditNoteLine


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


def whole(billed: Sequence[Line]) -> list[CreditLine]:
    """Every line that is billed, with its tax, turned round."""
    return [chosen(line, line.amount) for line in billed if line.amount]


def chosen(line: Line, amount: Decimal) -> CreditLine:
    """``amount`` of one billed line given back (all of it, or a part), with its share of tax."""
    return CreditLine(
        description=line.description,
        amount=-amount,
        tax_name=line.tax_name,
        tax_percent=line.tax_percent,
        charge_id=line.charge_id,
        tax_amount=-line.tax_amount if amount == line.amount else None,
    )


def of_amount(
    billed: Sequence[Line], amount: Decimal, number: str, currency: str
) -> list[CreditLine]:
    """``amount``, tax included, of invoice ``number`` given back: "Credit on FHI624".

    Where the invoice has tax, the amount is spread over its tax rates by what each of them bills
    (lines with their tax): one line per rate. In each, the part before tax is the share divided
    by 1 + rate, half up, and the tax is the rest of the share, so that the note comes to
    ``amount`` exactly.
    """
    groups: dict[tuple[str, Decimal], Decimal] = {}
    for line in billed:
        key = (line.tax_name, line.tax_percent)
        groups[key] = groups.get(key, ZERO) + line.amount + line.tax_amount
    weights = {key: weight for key, weight in groups.items() if weight > 0} or {("", ZERO): ZERO}
    shares = split(amount, list(weights.values()), currency)
    described = f"Credit on {number}"
    lines = [
        _share(described, rate, share, currency, several=len(weights) > 1)
        for rate, share in zip(weights, shares, strict=True)
        if share
    ]
    return lines or [CreditLine(described, -amount)]


def _share(
    described: str, rate: tuple[str, Decimal], share: Decimal, currency: str, *, several: bool
) -> CreditLine:
    name, percent = rate
    words = f"{name} {display_percent(percent)}" if percent else "not taxed"
    net, tax = split(share, [Decimal(100), percent], currency)
    return CreditLine(
        description=f"{described} ({words})" if several else described,
        amount=-net,
        tax_name=name,
        tax_percent=percent,
        tax_amount=-tax,
    )


def parts(
    billed: Sequence[Line], amounts: Mapping[int, Decimal], more: Sequence[CreditLine] = ()
) -> list[CreditLine]:
    """The billed lines at the positions in ``amounts``, that much of each; then ``more``."""
    picked = [chosen(billed[position], amount) for position, amount in sorted(amounts.items())]
    return [*picked, *more]


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

"""How lines of a bill read, from the stored images of charges. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from core.money import charge_tax, display, display_percent
from workorders.models import ServiceType
from workorders.shapes import Bill, BillLine, ChargeRow


def bill_change(bill: Bill, currency: str) -> str:
    """The headline: sums of the touched lines before and after, and their tax."""
    lines = bill.lines
    taxed, tax_from, tax_to = _taxes(lines, currency)
    before, after = display(bill.before, currency), display(bill.after, currency)
    if all(line.op == "I" for line in lines):
        return f"Charges added: {after}{_plus(tax_to, currency)}"
    if all(line.op == "D" for line in lines):
        return f"Charges removed: {before}{_plus(tax_from, currency)}"
    taxes = f"{display(tax_from, currency)} → {display(tax_to, currency)}"
    if bill.before == bill.after:
        return f"Tax changed: {taxes}" if taxed else f"Charge reworded ({after})"
    text = f"Bill changed: {before} → {after}"
    return f"{text}, tax {taxes}" if tax_from or tax_to else text


def _taxes(lines: Sequence[BillLine], currency: str) -> tuple[bool, Decimal, Decimal]:
    """Whether a line's tax itself differs, and the tax of the lines before and after."""

    def tax(line: ChargeRow | None) -> Decimal:
        if not line:
            return Decimal(0)
        if line.tax_amount is not None:
            return line.tax_amount
        return charge_tax(line.amount, line.tax_percent or Decimal(0), currency)

    before = sum((tax(line.before) for line in lines), Decimal(0))
    after = sum((tax(line.after) for line in lines), Decimal(0))
    return before != after, before, after


def _plus(tax: Decimal, currency: str) -> str:
    return f" plus tax {display(tax, currency)}" if tax else ""


def replaced_words(bill: Bill, currency: str) -> str:
    """What became of each touched line, by name."""
    gone = [line_words(x.before, currency) for x in bill.lines if x.before and not x.after]
    new = [line_words(x.after, currency) for x in bill.lines if x.after and not x.before]
    parts = [
        f"{line_words(x.before, currency)} is now {line_words(x.after, currency)}"
        for x in bill.lines
        if x.before and x.after
    ]
    if gone and new:
        parts.insert(0, f"{', '.join(new)} replaces {', '.join(gone)}")
    else:
        parts += [*new, *gone]
    return "; ".join(parts) + "." if parts else ""


def line_words(charge: ChargeRow, currency: str) -> str:
    """``“Radon test” $149.50 (Tax: Sales tax 8.25%)``."""
    kind = " (cancellation)" if charge.service_type == ServiceType.CANCELLATION else ""
    return f"“{charge.description}”{kind} {display(charge.amount, currency)}{_tax_words(charge)}"


def _tax_words(charge: ChargeRow) -> str:
    """The tax of a line; entries from before there was any have none."""
    if not charge.tax_name and not charge.tax_percent:
        return ""
    percent = display_percent(charge.tax_percent or Decimal(0))
    exact = charge.tax_amount  # as an older system rounded it
    rounded = "" if exact is None else f", {exact.normalize():f}"
    return f" (Tax: {charge.tax_name} {percent}{rounded})".replace(":  ", ": ")

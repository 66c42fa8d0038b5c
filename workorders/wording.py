"""How lines of a bill read, from the stored images of charges. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from core.money import charge_tax, display, display_percent
from workorders.models import ServiceType


def bill_change(data: Mapping[str, Any]) -> str:
    """The headline: sums of the touched lines before and after, and their tax."""
    bill, currency = data["bill"], data["currency"]
    lines = bill["lines"]
    taxed, tax_from, tax_to = _taxes(lines, currency)
    if all(line["op"] == "I" for line in lines):
        return f"Charges added: {display(bill['to'], currency)}{_plus(tax_to, currency)}"
    if all(line["op"] == "D" for line in lines):
        return f"Charges removed: {display(bill['from'], currency)}{_plus(tax_from, currency)}"
    taxes = f"{display(tax_from, currency)} → {display(tax_to, currency)}"
    if bill["from"] == bill["to"]:
        if taxed:
            return f"Tax changed: {taxes}"
        return f"Charge reworded ({display(bill['to'], currency)})"
    text = f"Bill changed: {display(bill['from'], currency)} → {display(bill['to'], currency)}"
    return f"{text}, tax {taxes}" if tax_from or tax_to else text


def _taxes(lines: Sequence[Mapping[str, Any]], currency: str) -> tuple[bool, Decimal, Decimal]:
    """Whether a line's tax itself differs, and the tax of the lines before and after."""

    def tax(line: Mapping[str, Any] | None) -> Decimal:
        if not line:
            return Decimal(0)
        return charge_tax(Decimal(line["amount"]), Decimal(line.get("tax_percent") or 0), currency)

    before = sum((tax(line["before"]) for line in lines), Decimal(0))
    after = sum((tax(line["after"]) for line in lines), Decimal(0))
    return before != after, before, after


def _plus(tax: Decimal, currency: str) -> str:
    return f" plus tax {display(tax, currency)}" if tax else ""


def replaced_words(data: Mapping[str, Any]) -> str:
    """What became of each touched line, by name."""
    lines, currency = data["bill"]["lines"], data["currency"]
    gone = [line_words(x["before"], currency) for x in lines if x["op"] == "D"]
    new = [line_words(x["after"], currency) for x in lines if x["op"] == "I"]
    parts = [_changed_line(x, currency) for x in lines if x["op"] == "U"]
    if gone and new:
        parts.insert(0, f"{', '.join(new)} replaces {', '.join(gone)}")
    else:
        parts += [f"{words}" for words in (*new, *gone)]
    return "; ".join(parts) + "." if parts else ""


def _changed_line(line: Mapping[str, Any], currency: str) -> str:
    before, after = line["before"], line["after"]
    return f"{line_words(before, currency)} is now {line_words(after, currency)}"


def line_words(charge: Mapping[str, Any], currency: str) -> str:
    """``“Radon test” $149.50 (Tax: Sales tax 8.25%)``."""
    cancels = charge["service_type"] == ServiceType.CANCELLATION
    kind = " (cancellation)" if cancels else ""
    return (
        f"“{charge['description']}”{kind} {display(charge['amount'], currency)}{_tax_words(charge)}"
    )


def _tax_words(charge: Mapping[str, Any]) -> str:
    """The tax of a line; entries from before there was any have none."""
    name, percent = charge.get("tax_name") or "", Decimal(charge.get("tax_percent") or 0)
    if not name and not percent:
        return ""
    return f" (Tax: {name} {display_percent(percent)})".replace(":  ", ": ")

"""Words for invoicing's columns and values, and phrases that its sentences share. Pure."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Protocol

from activity.shapes import Diff, Part
from core import moments
from core.money import display, display_percent
from invoicing.models import CreditKind, Fulfilment, InvoiceKind, InvoiceStatus
from invoicing.settlement.types import EntryKind, Uncollected
from invoicing.timeline.shapes import InvoiceRow, InvoiceThread, PolicyRow

Detail = tuple[str, str, str]


class Reasoned(Protocol):
    """A row that may say why."""

    @property
    def reason(self) -> str: ...


LABELS = {
    "kind": "Kind",
    "status": "Status",
    "number": "Number",
    "invoice_date": "Invoice date",
    "terms_days": "Terms",
    "due_on": "Due",
    "credits_id": "Made from invoice",
    "reason": "Reason",
    "invoice_id": "Invoice",
    "credit_id": "Credit",
    "services_total": "Services",
    "tax_total": "Tax",
    "total_before": "Total before",
    "services_amount": "Services",
    "amount": "Amount",
    "returned": "Given back",
    "label": "Name",
    "method": "Method",
    "reference": "Reference",
    "payment_label": "Payment",
    "bill": "Billed to the client",
    "credit_note_prefix": "Credit notes begin with",
    "credit_note_width": "Digits of a credit note’s number",
    "effective_from": "From",
    "percent": "Percent",
    "fixed": "Fixed part",
    "cap": "At most",
    "fundings": "Cards",
    "uncollected": "A missing fee is",
    "description": "Item",
    "tax_amount": "Tax",
    "fulfilment": "Fulfilment",
}
MONEY = frozenset(
    (
        *("services_total", "tax_total", "total_before", "services_amount", "tax_amount"),
        *("amount", "returned", "fixed", "cap"),
    )
)
UNCOLLECTED_WORDS = {Uncollected.ABSORB.value: "not billed", Uncollected.BILL.value: "billed"}
METHODS = {
    "ach": "ACH",
    "bank_transfer": "Bank transfer",
    "pac": "Pay-at-close",
}
ENTRY_WORDS = {kind.value: kind.value.replace("_", " ") for kind in EntryKind} | {
    EntryKind.CREDIT_REVERSAL.value: "credit taken off",
    EntryKind.FROM_CREDIT.value: "client credit applied",
    EntryKind.TO_CREDIT.value: "moved to the client’s credit",
}
_CHOICES: Mapping[str, Mapping[str, str]] = {
    "status": {str(k): str(v) for k, v in InvoiceStatus.choices},
    "kind": ENTRY_WORDS | {str(k): str(v) for k, v in (*InvoiceKind.choices, *CreditKind.choices)},
    "fulfilment": {str(k): str(v) for k, v in Fulfilment.choices},
    "uncollected": UNCOLLECTED_WORDS,
}
_ROW_NUMBERS = frozenset({"invoice_id", "credit_id", "credits_id"})


def value_words(name: str, value: Any, currency: str) -> str:
    """A stored value as a person reads it; amounts in ``currency``."""
    if value in (None, "", []):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if name in MONEY:
        return display(value, currency)
    if name == "percent":
        return display_percent(value)
    if name == "terms_days":
        return terms(value)
    if name in ("due_on", "invoice_date"):
        return day(value)
    if name == "effective_from":
        return moment(value)
    if name == "method":
        return METHODS.get(value, str(value).replace("_", " ").capitalize())
    return _CHOICES.get(name, {}).get(str(value), f"no. {value}" if name in _ROW_NUMBERS else value)


def day(value: Any) -> str:
    """``2026-04-09`` as "9 Apr 2026"."""
    return moments.stored_day_text(value)


def moment(value: Any) -> str:
    """An instant, by the brand's clock."""
    return moments.stored_moment_text(value, seconds=False)


def terms(days: Any) -> str:
    """How long a client has to pay."""
    return f"{days} days" if int(days) != 1 else "1 day"


def due_words(row: InvoiceRow | InvoiceThread) -> str:
    """ "Due 9 Apr 2026", "Due on receipt"; empty where it has no due date yet."""
    if not row.due_on:
        return ""
    if row.due_on == row.invoice_date:
        return "Due on receipt"
    return f"Due {day(row.due_on)}"


def reason_words(row: Reasoned) -> str:
    """ "Reason: …", where there is one."""
    return f"Reason: {row.reason}" if row.reason else ""


def prose(*parts: str) -> str:
    """Sentences one after the other; what somebody wrote without a full stop gets one."""
    sentences = [part.strip() for part in parts if part and part.strip()]
    ended = [part if part[-1] in ".!?…:;”" else f"{part}." for part in sentences[:-1]]
    return " ".join([*ended, *sentences[-1:]])


def changes(diff: Diff, currency: str, *elsewhere: str) -> str:
    """ "Due: 2 Mar 2026 → 9 Apr 2026; …", without the columns named in ``elsewhere``."""
    return "; ".join(
        f"{LABELS.get(name, name)}: {value_words(name, before, currency)} → "
        f"{value_words(name, after, currency)}"
        for name, (before, after) in diff.items()
        if name not in elsewhere
    )


def details(row: Part, diff: Diff, currency: str) -> Iterator[Detail]:
    """Every column that is set and says something to a person, and what it was before."""
    for name, value in row.columns():
        if name in LABELS and name not in _ROW_NUMBERS:
            kind = "ref" if name in ("reference", "number") else "text"
            yield LABELS[name], value_words(name, value, currency), kind
    for name, (before, after) in diff.items():
        words = f"{value_words(name, before, currency)} → {value_words(name, after, currency)}"
        yield f"{LABELS.get(name, name)} changed", words, "text"


def minus(amount: str, other: str) -> Decimal:
    """The difference of two stored amounts."""
    return Decimal(amount) - Decimal(other)


def policy_words(row: PolicyRow, currency: str) -> str:
    """ "3.5% + $0.30, at most $20.00, on credit and prepaid cards"; "none"."""
    cards = row.fundings
    if not cards or not (row.percent or row.fixed):
        return "none"
    percent = display_percent(row.percent) if row.percent else ""
    fixed = display(row.fixed, currency) if row.fixed else ""
    price = " + ".join(part for part in (percent, fixed) if part)
    cap = "" if row.cap is None else f", at most {display(row.cap, currency)}"
    named = " and ".join(x for x in (", ".join(cards[:-1]), cards[-1]) if x)
    return f"{price}{cap}, on {named} cards"

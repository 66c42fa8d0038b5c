"""How stored entries about invoices, credits, fees and items read. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from activity.describe import Headline, Sentence, headlines, sentence
from core.money import display
from invoicing.models import CreditKind, Fulfilment, InvoiceKind, InvoiceStatus
from invoicing.timeline.shapes import (
    CreditEntry,
    CreditRow,
    CreditThread,
    DecisionEntry,
    DocumentEntry,
    InvoiceThread,
    ItemsEntry,
    LedgerEntry,
    Line,
    LineRow,
    PolicyEntry,
    RevisedEntry,
    RowEntry,
    SettingsEntry,
)
from invoicing.timeline.words import (
    UNCOLLECTED_WORDS,
    Detail,
    changes,
    details,
    due_words,
    minus,
    moment,
    policy_words,
    prose,
    reason_words,
    value_words,
)

Document = DocumentEntry | InvoiceThread

# Invoices and credit notes -------------------------------------------------------------------

STATUS_WORDS = {
    InvoiceStatus.DRAFT.value: "draft",
    InvoiceStatus.ISSUED.value: "issued",
    InvoiceStatus.VOID.value: "void",
    "deleted": "deleted",
}


@headlines("invoice", shape=InvoiceThread)
def _invoice_headline(data: InvoiceThread, status: str) -> Headline | None:
    if data.total is None:
        return None  # a draft's lines say more than its provisional number
    is_void = status == InvoiceStatus.VOID
    subtitle = reason_words(data) if is_void or _is_note(data) else due_words(data)
    title = f"{_name(data)} · {_sum(data, data.total)}"
    return Headline(title, subtitle, STATUS_WORDS.get(status, ""))


def _is_note(data: Document) -> bool:
    """Only a credit note's draft has lines of its own; else the row or its thread says it."""
    if isinstance(data, InvoiceThread):
        return data.kind == InvoiceKind.CREDIT_NOTE
    return (data.row.kind or data.kind) == InvoiceKind.CREDIT_NOTE or bool(data.lines)


def _name(data: Document) -> str:
    """ "Invoice FHI624", "Credit note CM-000001"; from the row, else as its thread is headed."""
    number = data.number if isinstance(data, InvoiceThread) else data.row.number or data.number
    return f"{'Credit note' if _is_note(data) else 'Invoice'} {number}".strip()


def _sum(data: Document, amount: Decimal) -> str:
    """An amount of a document; what a credit note gives is shown without its minus."""
    return display(-amount if _is_note(data) else amount, data.currency)


def _tax(data: DocumentEntry) -> str:
    revision = data.revision
    if not revision or not revision.tax_total:
        return ""
    return f"Includes tax {_sum(data, revision.tax_total)}"


@sentence("invoice.issued", shape=DocumentEntry)
def _issued(data: DocumentEntry) -> Sentence:
    row, revision = data.row, data.revision
    total = f" · {_sum(data, revision.total)}" if revision else ""
    elsewhere = ("status", "number", "invoice_date", "due_on", "terms_days", "reason")
    second = reason_words(row) if _is_note(data) else due_words(row)
    if revision and revision.reason != row.reason:
        second = prose(second, reason_words(revision))
    rest = changes(data.diff, data.currency, *elsewhere)
    return _document(f"{_name(data)} issued{total}", data, second, _tax(data), rest)


@sentence("invoice.amended", shape=RevisedEntry)
def _amended(data: RevisedEntry) -> Sentence:
    revision = data.revision
    before, after = _sum(data, revision.total_before), _sum(data, revision.total)
    totals = f"{before} → {after}" if before != after else f"total stays {after}"
    headline = f"{_name(data)} amended (revision {revision.number}): {totals}"
    rest = changes(data.diff, data.currency)
    return _document(headline, data, reason_words(revision), _tax(data), rest)


@sentence("invoice.voided", shape=DocumentEntry)
def _voided(data: DocumentEntry) -> Sentence:
    rest = changes(data.diff, data.currency, "status", "reason")
    headline = f"{_name(data)} voided"
    credit = data.pool
    back = (
        f"{display(credit.row.returned, data.currency)} of client credit taken back"
        if credit and credit.row.returned
        else ""
    )
    return _document(headline, data, reason_words(data.row), back, rest)


@sentence("invoice.drafted", shape=DocumentEntry)
def _drafted(data: DocumentEntry) -> Sentence:
    row = data.row
    if not _is_note(data):
        status = InvoiceStatus(row.status)
        word = "draft made" if status == InvoiceStatus.DRAFT else f"added as {status.label.lower()}"
        return _document(f"{_name(data)} {word}", data, reason_words(row))
    # Its number is provisional: what it gives says more.
    lines = data.lines
    much = f" · {_sum(data, _lines_total(lines))} ({_count(lines)})" if lines else ""
    return _document(f"Credit note drafted{much}", data, reason_words(row), _lines(data))


@sentence("invoice.lines_changed", shape=DocumentEntry)
def _lines_changed(data: DocumentEntry) -> Sentence:
    lines, words = data.lines, _lines(data)
    if all(line.op == "I" for line in lines):
        headline = f"Credit note draft: {_count(lines)} added"
    elif all(line.op == "D" for line in lines):
        headline = f"Credit note draft: {_count(lines)} removed"
    else:
        delta = _lines_total(lines)
        by = display(abs(delta), data.currency)
        more = "more" if delta < 0 else "less"
        headline = f"Credit note draft changed{f' · gives {by} {more}' if delta else ''}"
    return _document(headline, data, words)


@sentence("invoice.changed", shape=DocumentEntry)
def _invoice_changed(data: DocumentEntry) -> Sentence:
    diff, row = data.diff, data.row
    note = reason_words(row) if {"reason", "due_on", "terms_days"} & set(diff) else ""
    if set(diff) <= {"due_on", "terms_days", "reason"} and "due_on" in diff:
        due = due_words(row) or "No due date"
        headline = f"{_name(data)}: {due[:1].lower()}{due[1:]} now"
    else:
        headline = f"{_name(data)} changed"
    return _document(headline, data, changes(diff, data.currency, "reason"), note)


@sentence("invoice.deleted", shape=DocumentEntry)
def _invoice_deleted(data: DocumentEntry) -> Sentence:
    noun = _name(data)
    is_draft = data.row.status == InvoiceStatus.DRAFT
    headline = f"Draft of {noun[:1].lower()}{noun[1:]} deleted" if is_draft else f"{noun} deleted"
    return _document(headline, data, reason_words(data.row))


@sentence("invoice.revision_changed", "invoice.revision_deleted", shape=RevisedEntry)
def _revision_rewritten(data: RevisedEntry) -> Sentence:
    """The database refuses this; where somebody lifted the guard, the feed still shows it."""
    word = "changed" if data.revision_diff else "deleted"
    number = data.revision.number
    return _document(f"{_name(data)}: revision {number} {word} in the database", data)


def _document(headline: str, data: DocumentEntry, *second: str) -> Sentence:
    currency = data.currency
    rows: list[Detail] = list(details(data.row, data.diff, currency))
    if data.revision:
        rows += details(data.revision, data.revision_diff, currency)
    if data.lines:
        rows += [("Lines", _lines(data), "text")]
    if data.pool:
        rows += details(data.pool.row, data.pool.diff, currency)
    status = data.row.status if "status" in data.diff else ""
    return Sentence(headline, prose(*second), "", STATUS_WORDS.get(status, ""), tuple(rows))


def _count(lines: Sequence[Line]) -> str:
    number = sum({"I": 1, "D": -1}.get(line.op, 0) for line in lines)
    return "1 line" if abs(number) == 1 else f"{abs(number)} lines"


def _lines_total(lines: Sequence[Line]) -> Decimal:
    """What the lines changed in the draft's total: below zero gives more back."""
    return sum((_worth(x.after) - _worth(x.before) for x in lines), Decimal(0))


def _worth(line: LineRow | None) -> Decimal:
    return line.amount + line.tax_amount if line else Decimal(0)


def _lines(data: DocumentEntry) -> str:
    return "; ".join(_one_line(line, data.currency) for line in data.lines)


def _one_line(line: Line, currency: str) -> str:
    before, after = line.before, line.after
    if before and after:
        moved = before.invoice_id != after.invoice_id
        where = f" (moved to document no. {after.invoice_id})" if moved else ""
        return f"{_line_words(before, currency)} is now {_line_words(after, currency)}{where}"
    there = after or before
    gone = " removed" if before else ""
    return f"{_line_words(there, currency)}{gone}" if there else ""


def _line_words(line: LineRow, currency: str) -> str:
    tax = f" + tax {display(line.tax_amount, currency)}" if line.tax_amount else ""
    return f"“{line.description}” {display(line.amount, currency)}{tax}"


# Credits on invoices -------------------------------------------------------------------------

LEDGER_WORDS = {
    "credit": "Credit {label}: {amount} applied{to}",
    "credit_reversal": "Credit {label}: {amount} taken off{of} again",
    "from_credit": "{amount} of client credit applied{to}",
    "to_credit": "{amount} of client credit taken off{of} again",
    "overpayment_moved": "{amount} overpaid moved to the client’s credit",
}


@sentence(*(f"ledger.{kind}" for kind in LEDGER_WORDS), shape=LedgerEntry)
def _ledger(data: LedgerEntry) -> Sentence:
    row = data.row
    kind = "overpayment_moved" if data.pool else row.kind
    number = data.number
    headline = LEDGER_WORDS[kind].format(
        label=row.label,
        amount=display(row.services_amount, data.currency),
        to=f" to invoice {number}" if number else "",
        of=f" invoice {number}" if number else "",
    )
    named = "" if row.label in headline else row.label
    return _entry(headline, data, named, reason_words(row))


@sentence(
    *("ledger.payment", "ledger.payment_reversal", "ledger.refund", "ledger.refund_reversal"),
    *("ledger.added", "ledger.changed", "ledger.deleted"),
    shape=LedgerEntry,
)
def _ledger_other(data: LedgerEntry) -> Sentence:
    """Not captured, or refused by the database; where it came anyway, the feed shows it."""
    row, diff = data.row, data.diff
    amount = display(row.services_amount, data.currency)
    what = f"{value_words('kind', row.kind, data.currency)} {row.label}"
    if diff:
        rest = changes(diff, data.currency)
        return _entry(f"Entry of the ledger changed · {what} · {amount}", data, rest)
    word = "deleted" if data.gone else "added"
    return _entry(f"Entry of the ledger {word} · {what} · {amount}", data, reason_words(row))


def _entry(headline: str, data: RowEntry[Any], *second: str) -> Sentence:
    rows = tuple(details(data.row, data.diff, data.currency))
    return Sentence(headline, prose(*second), details=rows)


# Client credit -------------------------------------------------------------------------------


@headlines("credit", shape=CreditThread)
def _credit_headline(data: CreditThread, status: str) -> Headline:
    amount = display(data.amount, data.currency)
    return Headline(f"Client credit · {_credit_name(data)} of {amount}", reason_words(data))


def _credit_name(row: CreditRow) -> str:
    return CreditKind(row.kind).label


@sentence("credit.added", shape=CreditEntry)
def _credit_added(data: CreditEntry) -> Sentence:
    row = data.row
    amount, label = display(row.amount, data.currency), row.label
    named = f" · {label}" if label else ""
    headline = {
        CreditKind.PREPAYMENT: f"Prepayment of {amount} received{named}",
        CreditKind.OVERPAYMENT: f"{amount} overpaid is the client’s credit now{named}",
        CreditKind.CREDIT_NOTE: f"Client credit of {amount}{named}",
    }[CreditKind(row.kind)]
    return _entry(headline, data, reason_words(row))


@sentence("credit.returned", shape=CreditEntry)
def _credit_returned(data: CreditEntry) -> Sentence:
    row, (before, after) = data.row, data.diff["returned"]
    delta = minus(after, before)
    amount = display(abs(delta), data.currency)
    if row.kind == CreditKind.CREDIT_NOTE:
        change = f"{amount} taken back" if delta > 0 else f"{amount} usable again"
    else:
        change = f"{amount} given back" if delta > 0 else f"{amount} not given back after all"
    label = f" · {row.label}" if row.label else ""
    rest = changes(data.diff, data.currency, "returned", "reason")
    return _entry(f"{_credit_name(row)}: {change}{label}", data, reason_words(row), rest)


@sentence("credit.changed", shape=CreditEntry)
def _credit_changed(data: CreditEntry) -> Sentence:
    rest = changes(data.diff, data.currency)
    return _entry(f"{_credit_name(data.row)} changed", data, rest)


@sentence("credit.deleted", shape=CreditEntry)
def _credit_deleted(data: CreditEntry) -> Sentence:
    amount = display(data.row.amount, data.currency)
    return _entry(f"{_credit_name(data.row)} of {amount} deleted from the database", data)


# The technology fee and terms ----------------------------------------------------------------


@sentence("fee_decision.added", "fee_decision.changed", "fee_decision.deleted", shape=DecisionEntry)
def _fee_decision(data: DecisionEntry) -> Sentence:
    row, diff = data.row, data.diff
    amount = display(row.amount, data.currency)
    done = "billed to the client" if row.bill else "waived"
    headline = f"Technology fee of {amount} {done} · {row.payment_label}"
    if data.gone:
        return _entry(f"Decision deleted from the database: {headline}", data)
    if diff:
        return _entry(f"Decision changed: {headline}", data, changes(diff, data.currency))
    return _entry(headline, data, reason_words(row))


@sentence("fee_policy.added", "fee_policy.changed", "fee_policy.deleted", shape=PolicyEntry)
def _fee_policy(data: PolicyEntry) -> Sentence:
    row, currency = data.row, data.currency
    since, words = moment(row.effective_from), policy_words(row, currency)
    if data.gone:
        return _entry(f"Technology fee from {since} removed", data, words)
    if data.diff:
        rest = changes(data.diff, currency)
        return _entry(f"Technology fee from {since} changed: {words}", data, rest)
    missing = UNCOLLECTED_WORDS[row.uncollected]
    return _entry(
        f"Technology fee from {since}: {words}", data, f"A fee that did not come is {missing}."
    )


@sentence(
    "billing_settings.added",
    "billing_settings.changed",
    "billing_settings.deleted",
    shape=SettingsEntry,
)
def _billing_settings(data: SettingsEntry) -> Sentence:
    word = "removed" if data.gone else "changed" if data.diff else "made"
    rest = changes(data.diff, data.currency)
    return _entry(f"Numbers and terms of invoices {word}", data, rest)


# Items ---------------------------------------------------------------------------------------

FULFILMENT_WORDS = {
    Fulfilment.CLIENT_PAID: ("is fully paid: ready to order", "are fully paid: ready to order"),
    Fulfilment.ORDERED: ("ordered", "ordered"),
    Fulfilment.DELIVERED: ("delivered", "delivered"),
}


@sentence("item.added", "item.changed", "item.deleted", shape=ItemsEntry)
def _items(data: ItemsEntry) -> Sentence:
    items, currency = data.items, data.currency
    row, diff = items[0].row, items[0].diff
    one, many = FULFILMENT_WORDS.get(Fulfilment(row.fulfilment), ("", ""))
    names = ", ".join(f"“{item.row.description}”" for item in items)
    was = Fulfilment(row.fulfilment).label.lower()
    if data.gone:
        return Sentence(f"{names} removed from the job’s items", f"It was: {was}")
    if not one and not diff:
        return Sentence(f"Item {names} added: {was}")
    if "description" in diff or not one:
        return Sentence(f"Item {names} changed", changes(diff, currency))
    moved = [changes(item.diff, currency) for item in items if item.diff]
    details_ = tuple(("Before", words, "text") for words in moved)
    if len(items) == 1:
        return Sentence(f"{names} {one}", details=details_)
    return Sentence(f"{len(items)} items {many}", names, details=details_)

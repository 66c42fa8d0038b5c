"""Phrases that the sentences about money share: means, parts, reasons, what changed. Pure."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from activity.shapes import Diff, Shape
from core.money import display
from payments.models import AttemptStatus, Method, Payment, PaymentAttempt, PaymentStatus, Provider
from payments.providers.base import Status
from payments.providers.registry import explain_decline, kind_of
from payments.timeline.shapes import EventRow, Means, MoneyEntry, Parts, Priced
from payments.timeline.words import COLUMN_LABELS, MONEY_COLUMNS, value_words

# The columns that a thread's headline needs.
FACTS = (
    "number",
    "method",
    "provider",
    "provider_status",
    "currency",
    "amount",
    "services_amount",
    "fee_amount",
    "card_brand",
    "last4",
    "reference",
    "destination",
    "payer_name",
    "reason",
    "failure_code",
    "failure_message",
    "failure_reason",
    "decline_code",
    "order_id",
    "work_order_number",
    "work_order_id",
    "follow_up_on",
)


def means_of(thing: Payment | PaymentAttempt) -> Means:
    """What the sentences read of how a payment or attempt was paid."""
    return Means(**{name: getattr(thing, name, "") for name in Means.model_fields})


def prose(*parts: str) -> str:
    """Sentences one after the other, empty ones left out.

    What staff or a bank wrote without a full stop gets one, except at the end.
    """
    texts = [part.strip() for part in parts if part and part.strip()]
    ended = [text if text[-1] in ".!?…:;”" else f"{text}." for text in texts[:-1]]
    return " ".join([*ended, *texts[-1:]])


def facts(row: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a row that its thread's headline needs."""
    return {name: row[name] for name in FACTS if name in row}


def event_state(row: EventRow) -> str:
    """The tone of a provider's step; attention for an unknown status."""
    if row.processing_error or not row.known:
        return "attention"
    status = status_of(row)
    return status.tone if status is not None else "neutral"


def status_of(row: EventRow) -> Status | None:
    """The status of a provider's step, with its tone and words; None for an unknown one."""
    is_card = row.method in (Method.CARD, Method.ACH)
    return kind_of(row.provider).statuses.find(row.status, is_card=is_card)


def means(row: Means) -> str:
    """What was paid with: "Visa •4242", "check 1234", "pay-at-close"."""
    last4 = f" •{row.last4}" if row.last4 else ""
    if row.method == Method.CARD:
        return f"{row.card_brand or 'card'}{last4}"
    if row.method == Method.ACH:
        return f"bank debit{last4}"
    words = {Method.PAC.value: "pay-at-close", Method.OTHER.value: "other means"}
    choices = {str(key): str(label) for key, label in Method.choices}
    name = words.get(row.method) or choices.get(row.method, row.method).lower()
    return f"{name} {row.reference}" if row.reference and row.method != Method.PAC else name


def amount(row: Priced, data: Shape) -> str:
    """A row's amount with its own currency; the brand's where it has none (a job's share)."""
    return display(row.amount, row.currency or data.currency)


def parts(row: Parts, data: Shape) -> str:
    """ "Services $329.00 + technology fee $11.52", where there is a fee."""
    if not row.fee_amount:
        return ""
    currency = row.currency or data.currency
    services = display(row.services_amount or Decimal(0), currency)
    return f"Services {services} + technology fee {display(row.fee_amount, currency)}."


def why(row: Means, status: str) -> str:
    """Why a payment or an attempt has this status, and what comes next; "" where that is clear."""
    if status == PaymentStatus.PENDING and row.method == Method.CHECK:
        return "Pending until the check clears."
    if status == PaymentStatus.PENDING and row.provider == Provider.MANUAL:
        return "Pending until somebody confirms it."
    if status == PaymentStatus.PROCESSING:
        return "Processing is not paid yet."
    if status == PaymentStatus.UNKNOWN:
        return "The provider did not answer. It may have been charged: do not take it again."
    if status in (PaymentStatus.FAILED, AttemptStatus.FAILED):
        return decline_words(row)
    if status == PaymentStatus.CHARGED_BACK:
        return "The bank took the money back; it is due again."
    if status == PaymentStatus.RETURNED:
        return "The bank returned it; it is due again."
    return ""


def decline_words(row: Means) -> str:
    """ "Bank said: insufficient funds. Client may retry or use another card." """
    code = row.decline_code or row.failure_code
    return explained(row.provider, code) if code else row.failure_message


def reason(row: Means) -> str:
    """The bank's reason in two or three words, empty where none is known."""
    code = row.decline_code or row.failure_code
    decline = explain_decline(row.provider, code)
    return decline.meaning if code and decline.known else ""


def explained(provider: str, code: str) -> str:
    """The bank's reason in plain words, and what to do next."""
    decline = explain_decline(provider, code)
    return f"Bank said: {decline.meaning}. {decline.next_step}".strip()


def attempt_label(data: MoneyEntry[Any]) -> str:
    """ "Attempt 2", where an attempt moved in the same step."""
    attempt = data.beside.attempt
    return f"Attempt {attempt.row.number}" if attempt else ""


# Columns that the headline, the pill or the second line of a changed status shows already.
SHOWN_BY_STATUS = (
    "status",
    "provider_status",
    "paid_at",
    "confirmed_at",
    "confirmed_by",
    "returned_on",
    "return_reason",
    "reason",
    "failure_code",
    "failure_message",
)


def changes(diff: Diff, data: MoneyEntry[Any], *skipped: str) -> str:
    """ "Amount: $300.00 → $310.00; Reference: 1234 → 1235", without the ``skipped`` columns."""
    if "amount" in diff and "fee_amount" not in diff:
        skipped = (*skipped, "services_amount")  # it changes along with the amount
    return "; ".join(
        f"{COLUMN_LABELS.get(name, name)}: {value_in_words(name, before, data)} → "
        f"{value_in_words(name, after, data)}"
        for name, (before, after) in diff.items()
        if name not in skipped
    )


def value_in_words(name: str, value: Any, data: MoneyEntry[Any]) -> str:
    """A column's value as a person reads it; amounts with their currency."""
    if name in MONEY_COLUMNS and value not in (None, ""):
        return display(value, getattr(data.row, "currency", "") or data.currency)
    return value_words(name, value)


def details(data: MoneyEntry[Any]) -> Iterator[tuple[str, str, str]]:
    """Label, value and kind of every detail: references, codes, times, nested fields, other rows.

    ``kind`` is "ref", "code" or "text".
    """
    columns = dict(data.row.columns())
    for name, value in columns.items():
        if name in COLUMN_LABELS and name not in HIDDEN and not _is_row_number(name, value):
            kind = DETAIL_KINDS.get(name, "text")
            for one in value if isinstance(value, list) else [value]:
                yield COLUMN_LABELS[name], value_in_words(name, one, data), kind
    for name, value in columns.get("data", {}).items():
        yield name.replace("_", " "), value_words(name, value), "text"
    for name, (before, after) in data.diff.items():
        label = COLUMN_LABELS.get(name, name)
        yield f"{label} before", value_in_words(name, before, data), "text"
        if name not in columns or name in HIDDEN:
            yield f"{label} now", value_in_words(name, after, data), "text"
    for entity, other in data.beside.columns():
        words = changes(other.diff, data) if other.diff else ""
        if words:
            yield entity.replace("_", " ").capitalize(), words, "text"


# Row numbers of our own mean nothing to a reader; nested fields are listed one by one.
HIDDEN = frozenset({"data", "work_order_id", "payment_id", "refund_id"})


def _is_row_number(name: str, value: Any) -> bool:
    return name == "event_id" and isinstance(value, int)


DETAIL_KINDS = {
    "reference": "ref",
    "references": "ref",
    "provider_order_id": "ref",
    "order_id": "ref",
    "event_id": "ref",
    "provider_refund_id": "ref",
    "provider_dispute_id": "ref",
    "failure_code": "code",
    "decline_code": "code",
}

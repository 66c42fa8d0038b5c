"""How stored entries about money read: code + data → words. Pure; nothing is looked up.

``data`` is ``{"row": the speaking row as it was, "diff": what changed in it, "beside": the
other rows of the same step, "currency": the brand's}``. Amounts are strings.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from activity.describe import Headline, Sentence, headlines, sentence
from core.money import display
from payments import declines
from payments.models import (
    AttemptStatus,
    DisputeStatus,
    ExceptionKind,
    Method,
    PaymentStatus,
    Provider,
    RefundStatus,
)
from payments.words import COLUMN_LABELS, EVENT_STATES, EVENT_WORDS, MONEY_COLUMNS, value_words

Data = Mapping[str, Any]
Row = Mapping[str, Any]

# What a thread's headline needs of its thing.
FACTS = (
    "number",
    "method",
    "provider",
    "provider_status",
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


def facts(row: Row) -> dict[str, Any]:
    """The part of a row that its thread's headline needs."""
    return {name: row[name] for name in FACTS if name in row}


def event_state(row: Row) -> str:
    """The tone of a provider's step; attention for a status nobody knows yet."""
    if row.get("processing_error"):
        return "attention"
    return EVENT_STATES.get(_event_key(row), "neutral") if row.get("known") else "attention"


def _event_key(row: Row) -> str:
    family = "card" if row.get("method") in (Method.CARD, Method.ACH) else "pac"
    return f"{family}.{row['status']}"


def means(row: Row) -> str:
    """What was paid with: "Visa •4242", "check 1234", "pay-at-close"."""
    last4 = f" •{row['last4']}" if row.get("last4") else ""
    method = row.get("method", "")
    if method == Method.CARD:
        return f"{row.get('card_brand') or 'card'}{last4}"
    if method == Method.ACH:
        return f"bank debit{last4}"
    words = {Method.PAC: "pay-at-close", Method.OTHER: "other means"}
    name = words.get(method) or str(dict(Method.choices).get(method, method)).lower()
    return f"{name} {row['reference']}" if row.get("reference") and method != Method.PAC else name


def amount(row: Row, data: Data, column: str = "amount") -> str:
    """A row's amount with its currency."""
    return display(row[column], data.get("currency") or row["currency"])


def parts(row: Row, data: Data) -> str:
    """ "Services $329.00 + technology fee $11.52", where there is a fee."""
    if not row.get("fee_amount") or float_free_zero(row["fee_amount"]):
        return ""
    services, fee = amount(row, data, "services_amount"), amount(row, data, "fee_amount")
    return f"Services {services} + technology fee {fee}."


def float_free_zero(text: str) -> bool:
    """Whether an amount in text is zero, without making a number of it."""
    return not text.strip("-0.")


# Payments ------------------------------------------------------------------------------------

PAYMENT_WORDS = {
    PaymentStatus.REQUIRES_ACTION: "waiting for the client",
    PaymentStatus.PENDING: "pending",
    PaymentStatus.PROCESSING: "processing",
    PaymentStatus.COMPLETED: "received",
    PaymentStatus.FAILED: "failed",
    PaymentStatus.VOIDED: "voided",
    PaymentStatus.DISPUTED: "disputed",
    PaymentStatus.CHARGED_BACK: "charged back",
    PaymentStatus.UNKNOWN: "outcome unknown",
}


@headlines("payment")
def _payment_headline(data: Data, status: str) -> Headline:
    if "number" not in data:
        share = display(data["share"], data["currency"])
        return Headline(f"{share} of {data['share_of']}", "", PAYMENT_WORDS[PaymentStatus(status)])
    title = f"Payment P-{data['number']} · {amount(data, data)} by {means(data)}"
    said = [parts(data, data)]
    if data.get("share") and data["share"] != data["amount"]:
        said.append(f"{display(data['share'], data['currency'])} of it is for this job.")
    said.append(why(data, status))
    subtitle = " ".join(s for s in said if s)
    return Headline(title, subtitle, PAYMENT_WORDS[PaymentStatus(status)])


def why(row: Row, status: str) -> str:
    """Why it did not work, and what comes next; empty where there is nothing to say."""
    if status == PaymentStatus.PENDING and row.get("method") == Method.CHECK:
        return "Pending until the check clears."
    if status == PaymentStatus.PENDING and row.get("provider") == Provider.MANUAL:
        return "Pending until somebody confirms it."
    if status == PaymentStatus.PROCESSING:
        return "Processing is not paid yet."
    if status == PaymentStatus.UNKNOWN:
        return "The provider did not answer. It may have been charged: do not take it again."
    if status in (PaymentStatus.FAILED, AttemptStatus.FAILED):
        return decline_words(row)
    if status == PaymentStatus.CHARGED_BACK:
        return "The bank took the money back; it is owed again."
    return ""


def decline_words(row: Row) -> str:
    """ "Bank said: insufficient funds. Client may retry or use another card." """
    code = str(row.get("decline_code") or row.get("failure_code") or "")
    if code:
        return _explained(code)
    return str(row.get("failure_message") or "")


def reason(row: Row) -> str:
    """The bank's reason in two or three words, empty where none is known."""
    code = str(row.get("decline_code") or row.get("failure_code") or "")
    known = declines.explain(code)
    return known.meaning if code and known.known else ""


def _explained(code: str) -> str:
    """What the bank said and what to do; "Bank said" only where its words are known."""
    known = declines.explain(code)
    return f"Bank said: {known.meaning}. {known.next_step}".strip()


@sentence("payment.added")
def _payment_added(data: Data) -> Sentence:
    row = data["row"]
    status = PaymentStatus(row["status"])
    sum_, how = amount(row, data), means(row)
    if row["provider"] == Provider.MANUAL:
        how = how[:1].upper() + how[1:]
        headline = f"{how} recorded · {sum_}"
    else:
        headline = {
            PaymentStatus.COMPLETED: f"{sum_} received by {how}",
            PaymentStatus.FAILED: f"{sum_} by {how} failed",
        }.get(status, f"{sum_} by {how} · {PAYMENT_WORDS[status]}")
    said = (parts(row, data), why(row, status), _note(row))
    return Sentence(
        headline,
        " ".join(s for s in said if s),
        label=_attempt_label(data),
        state_word=PAYMENT_WORDS[status],
        details=tuple(_details(data)),
    )


@sentence("payment.changed")
def _payment_changed(data: Data) -> Sentence:
    row, diff = data["row"], data["diff"]
    headline, said = _payment_change_words(row, diff, data)
    word = PAYMENT_WORDS[PaymentStatus(row["status"])] if "status" in diff else ""
    return Sentence(
        headline,
        " ".join(s for s in said if s),
        label=_attempt_label(data),
        state_word=word,
        details=tuple(_details(data)),
    )


def _payment_change_words(row: Row, diff: Data, data: Data) -> tuple[str, tuple[str, ...]]:
    sum_ = amount(row, data)
    if "status" in diff:
        return _status_words(row, diff, data)
    if "reconciled_at" in diff and row.get("reconciled_at"):
        return f"Reconciled · {sum_}", (row.get("reconciled_note", ""),)
    if "reconciled_at" in diff:
        return "No longer reconciled", ()
    if set(diff) <= {"note", "follow_up_on"}:
        return _note_words(row, diff)
    words = _changes(diff, data, "reason")
    reason = f"Reason: {row['reason']}" if row.get("reason") else ""
    return f"Payment corrected · {words}" if words else "Payment corrected", (reason,)


def _status_words(row: Row, diff: Data, data: Data) -> tuple[str, tuple[str, ...]]:
    sum_, status = amount(row, data), PaymentStatus(row["status"])
    reason = f"Reason: {row['reason']}" if row.get("reason") else ""
    rest = _changes(diff, data, *STATUS_SAYS)
    if status == PaymentStatus.VOIDED:
        return f"Voided · {sum_} by {means(row)}", (reason, rest)
    if status == PaymentStatus.COMPLETED and row.get("confirmed_by") and "confirmed_at" in diff:
        cleared = "cleared" if row["method"] == Method.CHECK else "confirmed"
        how = means(row)
        return f"{how[:1].upper()}{how[1:]} {cleared} · {sum_} received", (rest,)
    headline = {
        PaymentStatus.COMPLETED: f"{sum_} received by {means(row)}",
        PaymentStatus.FAILED: f"{sum_} by {means(row)} failed",
        PaymentStatus.DISPUTED: f"{sum_} disputed by the client’s bank",
        PaymentStatus.CHARGED_BACK: f"{sum_} taken back by the bank",
        PaymentStatus.UNKNOWN: f"Outcome of {sum_} unknown",
    }.get(status, f"{sum_} by {means(row)} · {PAYMENT_WORDS[status]}")
    return headline, (why(row, status), rest)


# Said by the headline, the pill or the second line of a changed status already.
STATUS_SAYS = (
    "status",
    "provider_status",
    "paid_at",
    "confirmed_at",
    "confirmed_by",
    "reason",
    "failure_code",
    "failure_message",
)


def _note_words(row: Row, diff: Data) -> tuple[str, tuple[str, ...]]:
    note = row.get("note", "") if "note" in diff else ""
    if "follow_up_on" not in diff:
        return ("Note on the payment" if note else "Note removed"), (note,)
    if not row.get("follow_up_on"):
        return "Follow-up done", (note,)
    return f"Follow up on {value_words('follow_up_on', row['follow_up_on'])}", (note,)


def _note(row: Row) -> str:
    follow = row.get("follow_up_on")
    due = f"Follow up on {value_words('follow_up_on', follow)}." if follow else ""
    return " ".join(s for s in (row.get("note", ""), due) if s)


@sentence("payment.deleted", "refund.deleted", "attempt.deleted", "dispute.deleted")
@sentence("allocation.deleted", "provider.deleted", "exception.deleted")
def _deleted(data: Data) -> Sentence:
    row = data["row"]
    sum_ = f" · {amount(row, data)}" if row.get("amount") else ""
    return Sentence(f"Row deleted from the database{sum_}", details=tuple(_details(data)))


@sentence("allocation.added", "allocation.changed")
def _allocation(data: Data) -> Sentence:
    row, diff = data["row"], data["diff"]
    status = PaymentStatus(row["status"])
    headline = f"{amount(row, data)} of {row['payment_label']}"
    rest = _changes(diff, data, "status", "payment_label")
    word = PAYMENT_WORDS[status] if "status" in diff or not diff else ""
    return Sentence(headline, rest, state_word=word, details=tuple(_details(data)))


# Attempts ------------------------------------------------------------------------------------

ATTEMPT_WORDS = {
    AttemptStatus.CREATED: "started",
    AttemptStatus.REQUIRES_ACTION: "waiting for the client",
    AttemptStatus.PROCESSING: "processing",
    AttemptStatus.SUCCEEDED: "succeeded",
    AttemptStatus.FAILED: "declined",
    AttemptStatus.ABANDONED: "abandoned",
    AttemptStatus.UNKNOWN: "outcome unknown",
}


@headlines("attempt")
def _attempt_headline(data: Data, status: str) -> Headline:
    title = f"Attempt {data['number']} · {amount(data, data)} by {means(data)}"
    word = ATTEMPT_WORDS[AttemptStatus(status)]
    return Headline(title, _attempt_why(data, status), word)


def _attempt_why(row: Row, status: str) -> str:
    if status == AttemptStatus.ABANDONED:
        return "The client left before finishing. Nothing was charged."
    return why(row, status)


@sentence("attempt.added", "attempt.changed")
def _attempt(data: Data) -> Sentence:
    row, diff = data["row"], data["diff"]
    status = AttemptStatus(row["status"])
    label = f"Attempt {row['number']}"
    if diff and "status" not in diff:
        return Sentence(
            _changes(diff, data, "payment_id") or "belongs to this payment",
            label=label,
            details=tuple(_details(data)),
        )
    second = _attempt_why(row, status)
    rest = _changes(diff, data, *STATUS_SAYS, "decline_code", "payment_id")
    return Sentence(
        f"{amount(row, data)} by {means(row)}",
        " ".join(s for s in (second, rest) if s),
        label=label,
        state_word=ATTEMPT_WORDS[status],
        details=tuple(_details(data)),
    )


def _attempt_label(data: Data) -> str:
    attempt = data.get("beside", {}).get("attempt")
    return f"Attempt {attempt['row']['number']}" if attempt else ""


# Refunds and disputes ------------------------------------------------------------------------

REFUND_WORDS = {
    RefundStatus.QUEUED: "queued",
    RefundStatus.PENDING: "pending",
    RefundStatus.COMPLETED: "refunded",
    RefundStatus.FAILED: "refund failed",
    RefundStatus.CANCELLED: "cancelled",
}


@headlines("refund")
def _refund_headline(data: Data, status: str) -> Headline:
    to = f" to {data['destination']}" if data.get("destination") else ""
    said = [parts(data, data), str(data.get("reason", ""))]
    if status == RefundStatus.FAILED:
        said = [_refund_failed(data)]
    subtitle = " ".join(s for s in said if s)
    return Headline(
        f"Refund R-{data['number']} · {amount(data, data)}{to}",
        subtitle,
        REFUND_WORDS[RefundStatus(status)],
    )


def _refund_failed(row: Row) -> str:
    why = f"Bank said: {row['failure_reason']}." if row.get("failure_reason") else ""
    return f"{why} The money is still here: return it another way.".strip()


@sentence("refund.added", "refund.changed")
def _refund(data: Data) -> Sentence:
    row, diff = data["row"], data["diff"]
    status = RefundStatus(row["status"])
    sum_ = amount(row, data)
    to = f" to {row['destination']}" if row.get("destination") else ""
    if diff and "status" not in diff:
        return Sentence(f"Refund changed · {_changes(diff, data)}", details=tuple(_details(data)))
    headline = {
        RefundStatus.QUEUED: f"Refund of {sum_}{to} requested",
        RefundStatus.PENDING: f"Refund of {sum_} accepted by the provider",
        RefundStatus.COMPLETED: f"{sum_} refunded{to}",
        RefundStatus.FAILED: f"Refund of {sum_} failed",
        RefundStatus.CANCELLED: f"Refund of {sum_} cancelled",
    }[status]
    said = {
        RefundStatus.QUEUED: row.get("reason", ""),
        RefundStatus.FAILED: _refund_failed(row),
    }.get(status, "")
    rest = _changes(diff, data, "status", "completed_at", "failure_reason", "provider_refund_id")
    return Sentence(
        headline,
        " ".join(s for s in (said, rest) if s),
        state_word=REFUND_WORDS[status],
        details=tuple(_details(data)),
    )


@sentence("dispute.added", "dispute.changed")
def _dispute(data: Data) -> Sentence:
    row, diff = data["row"], data["diff"]
    status, sum_ = DisputeStatus(row["status"]), amount(row, data)
    if diff and "status" not in diff:
        return Sentence(f"Dispute changed · {_changes(diff, data)}", details=tuple(_details(data)))
    headline = {
        DisputeStatus.OPEN: f"Client’s bank disputes {sum_}",
        DisputeStatus.WON: f"Dispute of {sum_} won",
        DisputeStatus.LOST: f"Dispute of {sum_} lost: the money was taken back",
    }[status]
    said = [str(row.get("reason", ""))]
    if status == DisputeStatus.OPEN and row.get("evidence_due_on"):
        said.append(f"Answer by {value_words('evidence_due_on', row['evidence_due_on'])}.")
    if status == DisputeStatus.LOST:
        said.append("It is owed again.")
    said.append(_changes(diff, data, "status", "closed_at", "reason"))
    word = DisputeStatus(status).label.lower()
    return Sentence(
        headline,
        " ".join(s for s in said if s),
        state_word=word,
        details=tuple(_details(data)),
    )


# Providers' steps ----------------------------------------------------------------------------


@headlines("order")
def _order_headline(data: Data, status: str) -> Headline:
    name = Provider(data["provider"]).label
    if data.get("work_order_id"):
        return Headline(f"{name} order {data['order_id']}")
    job = data.get("work_order_number")
    said = f"It names job “{job}”, which does not exist here." if job else "It names no job."
    title = f"{name} order {data['order_id']} belongs to no job yet"
    return Headline(title, f"{said} Attach it to the right one.", "unmatched")


@sentence("provider.added", "provider.changed")
def _provider_step(data: Data) -> Sentence:
    row = data["row"]
    name = Provider(row["provider"]).label
    if data["diff"]:
        words = _changes(data["diff"], data)
        return Sentence(f"{name} step corrected · {words}", details=tuple(_details(data)))
    sum_ = amount(row, data) if row.get("amount") else _beside_amount(data)
    word, text = EVENT_WORDS.get(_event_key(row), ("", ""))
    if not row.get("known") or not text:
        return Sentence(
            f"{name} reports “{row['status']}”",
            "A status that is not known here: recorded as it came, no money changed."
            + (f" {row['detail']}" if row.get("detail") else ""),
            state_word="unknown status",
            details=tuple(_details(data)),
        )
    said = [str(row.get("detail", "")), _event_why(data)]
    if row.get("processing_error"):
        said.append("It could not be processed yet; it will be tried again.")
    headline = text.format(amount=sum_ or "the amount", means=_beside_means(data))
    return Sentence(
        headline,
        " ".join(s for s in said if s),
        label=_attempt_label(data),
        state_word=word,
        details=tuple(_details(data)),
    )


def _event_why(data: Data) -> str:
    row = data["row"]
    if row["status"] != "failed":
        payment = data["beside"].get("payment")
        return parts(payment["row"], data) if payment and payment["op"] == "I" else ""
    for name in ("attempt", "payment"):
        beside = data["beside"].get(name)
        if beside and decline_words(beside["row"]):
            return decline_words(beside["row"])
    code = (row.get("data") or {}).get("decline_code") or (row.get("data") or {}).get(
        "failure_code"
    )
    if code:
        return _explained(str(code))
    return ""


def _beside_amount(data: Data) -> str:
    for name in ("refund", "payment", "attempt"):
        beside = data["beside"].get(name)
        if beside:
            return amount(beside["row"], data)
    return ""


def _beside_means(data: Data) -> str:
    for name in ("payment", "attempt"):
        beside = data["beside"].get(name)
        if beside:
            return means(beside["row"])
    return "card" if data["row"].get("method") == Method.CARD else "bank debit"


@sentence("provider.attached")
def _attached(data: Data) -> Sentence:
    row, count = data["row"], data.get("attached", 1)
    steps = "1 step" if count == 1 else f"{count} steps"
    name = Provider(row["provider"]).label
    return Sentence(
        f"{name} order {row['order_id']} attached to this job",
        f"{steps} that had arrived without a job.",
        details=tuple(_details(data)),
    )


@sentence("provider.linked")
def _linked(data: Data) -> Sentence:
    row = data["row"]
    name = Provider(row["provider"]).label
    headline = f"Step “{row['status']}” of {name} order {row['order_id']} sorted in"
    return Sentence(headline, _changes(data["diff"], data), details=tuple(_details(data)))


@sentence("exception.added", "exception.changed")
def _exception(data: Data) -> Sentence:
    row, diff = data["row"], data["diff"]
    kind = ExceptionKind(row["kind"]).label
    if row.get("resolved_at") and "resolved_at" in diff:
        return Sentence(
            f"Resolved: {kind[:1].lower()}{kind[1:]}",
            row.get("resolution", ""),
            state_word="resolved",
            details=tuple(_details(data)),
        )
    second = _changes(diff, data) if diff else row["summary"]
    return Sentence(kind, second, state_word="needs a decision", details=tuple(_details(data)))


@sentence("provider_account.changed")
def _account(data: Data) -> Sentence:
    name = Provider(data["provider"]).label
    said = {"I": "connected", "D": "removed"}.get(data["op"])
    if said is None:
        said = "switched on" if data["is_active"] else "switched off"
    return Sentence(f"{name} {said}")


# What changed, in words ----------------------------------------------------------------------


def _changes(diff: Data, data: Data, *said: str) -> str:
    """ "Amount: $300.00 → $310.00; Reference: 1234 → 1235", without what is said elsewhere."""
    return "; ".join(
        f"{COLUMN_LABELS.get(name, name)}: {_value(name, before, data)} → "
        f"{_value(name, after, data)}"
        for name, (before, after) in diff.items()
        if name not in said
    )


def _value(name: str, value: Any, data: Data) -> str:
    if name in MONEY_COLUMNS and value not in (None, ""):
        return display(value, data["currency"])
    return value_words(name, value)


def _details(data: Data) -> Iterator[tuple[str, str, str]]:
    """Everything a specialist asks for: references, codes, times, nested fields, other rows."""
    row = data["row"]
    for name, value in row.items():
        if name in COLUMN_LABELS and name not in ("data", "work_order_id"):
            kind = DETAIL_KINDS.get(name, "text")
            for one in value if isinstance(value, list) else [value]:
                yield COLUMN_LABELS[name], _value(name, one, data), kind
    for name, value in (row.get("data") or {}).items():
        yield name.replace("_", " "), value_words(name, value), "text"
    for name, (before, after) in data["diff"].items():
        label = COLUMN_LABELS.get(name, name)
        yield f"{label} before", _value(name, before, data), "text"
        if name not in row:
            yield f"{label} now", _value(name, after, data), "text"
    for entity, beside in data["beside"].items():
        said = _changes(beside["diff"], data) if beside["diff"] else ""
        if said:
            yield entity.replace("_", " ").capitalize(), said, "text"


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

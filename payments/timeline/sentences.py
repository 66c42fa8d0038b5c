"""How stored entries about payments, attempts, refunds and disputes read. Pure."""

from activity.describe import Headline, Sentence, headlines, sentence
from core.money import display
from payments.models import (
    AttemptStatus,
    DisputeStatus,
    Method,
    PaymentStatus,
    Provider,
    RefundStatus,
)
from payments.timeline.phrases import (
    SHOWN_BY_STATUS,
    Data,
    Row,
    amount,
    attempt_label,
    changes,
    details,
    means,
    parts,
    prose,
    why,
)
from payments.timeline.words import value_words

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
    second = [parts(data, data)]
    if data.get("share") and data["share"] != data["amount"]:
        second.append(f"{display(data['share'], data['currency'])} of it is for this job.")
    second.append(why(data, status))
    subtitle = prose(*second)
    return Headline(title, subtitle, PAYMENT_WORDS[PaymentStatus(status)])


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
    second = (parts(row, data), why(row, status), _note(row))
    return Sentence(
        headline,
        prose(*second),
        label=attempt_label(data),
        state_word=PAYMENT_WORDS[status],
        details=tuple(details(data)),
    )


@sentence("payment.changed")
def _payment_changed(data: Data) -> Sentence:
    row, diff = data["row"], data["diff"]
    headline, second = _payment_change_words(row, diff, data)
    word = PAYMENT_WORDS[PaymentStatus(row["status"])] if "status" in diff else ""
    return Sentence(
        headline,
        prose(*second),
        label=attempt_label(data),
        state_word=word,
        details=tuple(details(data)),
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
    words = changes(diff, data, "reason")
    if set(diff) <= {"fee_expected", "uncollected"}:
        return _fee_words(row, data), (words,)
    reason = f"Reason: {row['reason']}" if row.get("reason") else ""
    return f"Payment corrected · {words}" if words else "Payment corrected", (reason,)


def _fee_words(row: Row, data: Data) -> str:
    if row.get("fee_expected") is None:
        return "No technology fee is expected"
    return f"Technology fee expected: {amount(row, data, 'fee_expected')}"


def _status_words(row: Row, diff: Data, data: Data) -> tuple[str, tuple[str, ...]]:
    sum_, status = amount(row, data), PaymentStatus(row["status"])
    reason = f"Reason: {row['reason']}" if row.get("reason") else ""
    rest = changes(diff, data, *SHOWN_BY_STATUS)
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
    return prose(row.get("note", ""), due)


@sentence("payment.deleted", "refund.deleted", "attempt.deleted", "dispute.deleted")
@sentence("allocation.deleted", "provider.deleted", "exception.deleted")
def _deleted(data: Data) -> Sentence:
    row = data["row"]
    sum_ = f" · {amount(row, data)}" if row.get("amount") else ""
    return Sentence(f"Row deleted from the database{sum_}", details=tuple(details(data)))


@sentence("allocation.added", "allocation.changed")
def _allocation(data: Data) -> Sentence:
    row, diff = data["row"], data["diff"]
    status = PaymentStatus(row["status"])
    headline = f"{amount(row, data)} of {row['payment_label']}"
    rest = changes(diff, data, "status", "payment_label")
    word = PAYMENT_WORDS[status] if "status" in diff or not diff else ""
    return Sentence(headline, rest, state_word=word, details=tuple(details(data)))


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
            changes(diff, data, "payment_id") or "belongs to this payment",
            label=label,
            details=tuple(details(data)),
        )
    second = _attempt_why(row, status)
    rest = changes(diff, data, *SHOWN_BY_STATUS, "decline_code", "payment_id")
    return Sentence(
        f"{amount(row, data)} by {means(row)}",
        prose(second, rest),
        label=label,
        state_word=ATTEMPT_WORDS[status],
        details=tuple(details(data)),
    )


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
    second = [parts(data, data), str(data.get("reason", ""))]
    if status == RefundStatus.FAILED:
        second = [_refund_failed(data)]
    if status == RefundStatus.CANCELLED:
        second = [str(data.get("failure_reason", ""))]
    subtitle = prose(*second)
    return Headline(
        f"Refund R-{data['number']} · {amount(data, data)}{to}",
        subtitle,
        REFUND_WORDS[RefundStatus(status)],
    )


def _refund_failed(row: Row) -> str:
    why = f"Bank said: {row['failure_reason']}." if row.get("failure_reason") else ""
    return f"{why} The money was not returned: return it another way.".strip()


# How ``labels.means`` begins where staff, not a provider, return the money.
BY_HAND = ("Check", "Cash", "Wire", "Bank transfer", "Other")


def _refund_done(row: Row, diff: Data, data: Data) -> str:
    """The headline of a completed refund, with the reference that somebody wrote down for it."""
    sum_ = amount(row, data)
    if "provider_refund_id" not in diff or not row.get("provider_refund_id"):
        return f"{sum_} refunded" + (f" to {row['destination']}" if row.get("destination") else "")
    is_by_hand = str(row.get("destination", "")).startswith(BY_HAND)
    how = "returned" if is_by_hand else "done at the provider"
    return f"Refund R-{row['number']} of {sum_} {how} · reference {row['provider_refund_id']}"


@sentence("refund.added", "refund.changed")
def _refund(data: Data) -> Sentence:
    row, diff = data["row"], data["diff"]
    status = RefundStatus(row["status"])
    name = f"Refund R-{row['number']} of {amount(row, data)}"
    if diff and "status" not in diff:
        return Sentence(f"Refund changed · {changes(diff, data)}", details=tuple(details(data)))
    headline = {
        RefundStatus.QUEUED: f"{name} queued",
        RefundStatus.PENDING: f"{name} accepted by the provider",
        RefundStatus.COMPLETED: _refund_done(row, diff, data),
        RefundStatus.FAILED: f"{name} failed",
        RefundStatus.CANCELLED: f"{name} cancelled",
    }[status]
    second = {
        RefundStatus.QUEUED: [parts(row, data), _because(row.get("reason"))],
        RefundStatus.FAILED: [_refund_failed(row)],
        RefundStatus.CANCELLED: [_because(row.get("failure_reason"))],
    }.get(status, [])
    rest = changes(diff, data, "status", "completed_at", "failure_reason", "provider_refund_id")
    return Sentence(
        headline,
        prose(*second, rest),
        state_word=REFUND_WORDS[status],
        details=tuple(details(data)),
    )


def _because(reason: str | None) -> str:
    return f"Reason: {reason}" if reason else ""


@sentence("dispute.added", "dispute.changed")
def _dispute(data: Data) -> Sentence:
    row, diff = data["row"], data["diff"]
    status, sum_ = DisputeStatus(row["status"]), amount(row, data)
    if diff and "status" not in diff:
        return Sentence(f"Dispute changed · {changes(diff, data)}", details=tuple(details(data)))
    headline = {
        DisputeStatus.OPEN: f"Client’s bank disputes {sum_}",
        DisputeStatus.WON: f"Dispute of {sum_} won",
        DisputeStatus.LOST: f"Dispute of {sum_} lost: the money was taken back",
        DisputeStatus.WITHDRAWN: f"Dispute of {sum_} withdrawn: it counts for nothing",
    }[status]
    second = [str(row.get("reason", ""))]
    if status == DisputeStatus.OPEN and row.get("evidence_due_on"):
        second.append(f"Answer by {value_words('evidence_due_on', row['evidence_due_on'])}.")
    if status == DisputeStatus.LOST:
        second.append("It is owed again.")
    second.append(changes(diff, data, "status", "closed_at", "reason"))
    word = DisputeStatus(status).label.lower()
    return Sentence(
        headline,
        prose(*second),
        state_word=word,
        details=tuple(details(data)),
    )

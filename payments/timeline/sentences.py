"""How stored entries about payments, attempts and deleted rows read. Pure."""

from typing import Any

from activity.describe import Headline, Sentence, headlines, sentence
from activity.shapes import Diff
from core.money import display
from payments.models import (
    AttemptStatus,
    Method,
    PaymentStatus,
    Provider,
)
from payments.timeline.phrases import (
    SHOWN_BY_STATUS,
    amount,
    attempt_label,
    changes,
    details,
    means,
    parts,
    prose,
    value_in_words,
    why,
)
from payments.timeline.shapes import (
    AllocationEntry,
    AttemptEntry,
    AttemptThread,
    DisputeEntry,
    EventEntry,
    ExceptionEntry,
    Means,
    MoneyEntry,
    PaymentEntry,
    PaymentRow,
    PaymentThread,
    RefundEntry,
    ShareBackEntry,
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
    PaymentStatus.RETURNED: "returned by the bank",
    PaymentStatus.UNKNOWN: "outcome unknown",
}


@headlines("payment", shape=PaymentThread)
def _payment_headline(data: PaymentThread, status: str) -> Headline | None:
    if data.number is None or data.amount is None:
        return _share_headline(data, status)
    sum_ = display(data.amount, data.currency)
    second = [parts(data, data)]
    if data.share and data.share != data.amount:
        second.append(f"{display(data.share, data.currency)} of it is for this job.")
    second.append(why(data, status))
    return Headline(
        f"Payment P-{data.number} · {sum_} by {means(data)}",
        prose(*second),
        PAYMENT_WORDS[PaymentStatus(status)],
    )


def _share_headline(data: PaymentThread, status: str) -> Headline | None:
    """The payment belongs to another job, which names it; without a share its rows say all."""
    if data.share is None:
        return None
    title = f"{display(data.share, data.currency)} of {data.share_of}"
    return Headline(title, "", PAYMENT_WORDS[PaymentStatus(status)])


@sentence("payment.added", shape=PaymentEntry)
def _payment_added(data: PaymentEntry) -> Sentence:
    row = data.row
    status = PaymentStatus(row.status)
    sum_, how = amount(row, data), means(row)
    if row.provider == Provider.MANUAL:
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


@sentence("payment.changed", shape=PaymentEntry)
def _payment_changed(data: PaymentEntry) -> Sentence:
    row, diff = data.row, data.diff
    headline, second = _payment_change_words(row, diff, data)
    word = PAYMENT_WORDS[PaymentStatus(row.status)] if "status" in diff else ""
    return Sentence(
        headline,
        prose(*second),
        label=attempt_label(data),
        state_word=word,
        details=tuple(details(data)),
    )


def _payment_change_words(
    row: PaymentRow, diff: Diff, data: PaymentEntry
) -> tuple[str, tuple[str, ...]]:
    sum_ = amount(row, data)
    if "status" in diff:
        return _status_words(row, diff, data)
    if "reconciled_at" in diff and row.reconciled_at:
        return f"Reconciled · {sum_}", (row.reconciled_note,)
    if "reconciled_at" in diff:
        return "No longer reconciled", ()
    if set(diff) <= {"note", "follow_up_on"}:
        return _note_words(row, diff)
    words = changes(diff, data, "reason")
    if set(diff) <= {"fee_expected", "uncollected"}:
        return _fee_words(row, data), (words,)
    if set(diff) <= {"services_amount", "fee_amount", "fee_expected", "uncollected"}:
        # Its parts follow from what else was paid (docs/decisions/015).
        return f"Parts of {sum_} worked out again", (parts(row, data), words)
    reason = f"Reason: {row.reason}" if row.reason else ""
    return f"Payment corrected · {words}" if words else "Payment corrected", (reason,)


def _fee_words(row: PaymentRow, data: PaymentEntry) -> str:
    if row.fee_expected is None:
        return "No technology fee is expected"
    return f"Technology fee expected: {value_in_words('fee_expected', row.fee_expected, data)}"


def _status_words(row: PaymentRow, diff: Diff, data: PaymentEntry) -> tuple[str, tuple[str, ...]]:
    sum_, status = amount(row, data), PaymentStatus(row.status)
    reason = f"Reason: {row.reason}" if row.reason else ""
    rest = changes(diff, data, *SHOWN_BY_STATUS)
    if status == PaymentStatus.VOIDED:
        return f"Voided · {sum_} by {means(row)}", (reason, rest)
    if status == PaymentStatus.COMPLETED and row.confirmed_by and "confirmed_at" in diff:
        cleared = "cleared" if row.method == Method.CHECK else "confirmed"
        how = means(row)
        return f"{how[:1].upper()}{how[1:]} {cleared} · {sum_} received", (rest,)
    if status == PaymentStatus.RETURNED:
        return _returned_words(row, sum_), (*_why_returned(row), rest)
    if "returned_on" in diff and not row.returned_on:
        return f"Not returned by the bank after all · {sum_} by {means(row)}", (reason, rest)
    headline = {
        PaymentStatus.COMPLETED: f"{sum_} received by {means(row)}",
        PaymentStatus.FAILED: f"{sum_} by {means(row)} failed",
        PaymentStatus.DISPUTED: f"{sum_} disputed by the client’s bank",
        PaymentStatus.CHARGED_BACK: f"{sum_} taken back by the bank",
        PaymentStatus.UNKNOWN: f"Outcome of {sum_} unknown",
    }.get(status, f"{sum_} by {means(row)} · {PAYMENT_WORDS[status]}")
    return headline, (why(row, status), rest)


def _returned_words(row: PaymentRow, sum_: str) -> str:
    how = means(row)
    return f"{how[:1].upper()}{how[1:]} returned by the bank · {sum_}"


def _why_returned(row: PaymentRow) -> tuple[str, ...]:
    """On which day, why, and what somebody said of it."""
    why_ = value_words("return_reason", row.return_reason) if row.return_reason else ""
    day = f"Returned on {value_words('returned_on', row.returned_on)}" if row.returned_on else ""
    return tuple(f"{part.rstrip('.')}." for part in (day, why_, row.reason) if part)


def _note_words(row: PaymentRow, diff: Diff) -> tuple[str, tuple[str, ...]]:
    note = row.note if "note" in diff else ""
    if "follow_up_on" not in diff:
        return ("Note on the payment" if note else "Note removed"), (note,)
    if not row.follow_up_on:
        return "Follow-up done", (note,)
    return f"Follow up on {value_words('follow_up_on', row.follow_up_on)}", (note,)


def _note(row: PaymentRow) -> str:
    follow = row.follow_up_on
    due = f"Follow up on {value_words('follow_up_on', follow)}." if follow else ""
    return prose(row.note, due)


def _deleted(data: MoneyEntry[Any]) -> Sentence:
    headline = f"Row deleted from the database · {amount(data.row, data)}"
    return Sentence(headline, details=tuple(details(data)))


sentence("payment.deleted", shape=PaymentEntry)(_deleted)
sentence("allocation.deleted", shape=AllocationEntry)(_deleted)
sentence("share_back.deleted", shape=ShareBackEntry)(_deleted)
sentence("attempt.deleted", shape=AttemptEntry)(_deleted)
sentence("refund.deleted", shape=RefundEntry)(_deleted)
sentence("dispute.deleted", shape=DisputeEntry)(_deleted)


@sentence("provider.deleted", shape=EventEntry)
def _step_deleted(data: EventEntry) -> Sentence:
    gone = data.row.amount
    sum_ = "" if gone is None else f" · {value_in_words('amount', gone, data)}"
    return Sentence(f"Row deleted from the database{sum_}", details=tuple(details(data)))


@sentence("exception.deleted", shape=ExceptionEntry)
def _exception_deleted(data: ExceptionEntry) -> Sentence:
    return Sentence("Row deleted from the database", details=tuple(details(data)))


@sentence("allocation.added", "allocation.changed", shape=AllocationEntry)
def _allocation(data: AllocationEntry) -> Sentence:
    row, diff = data.row, data.diff
    status = PaymentStatus(row.status)
    headline = f"{amount(row, data)} of {row.payment_label}"
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


@headlines("attempt", shape=AttemptThread)
def _attempt_headline(data: AttemptThread, status: str) -> Headline:
    title = f"Attempt {data.number} · {amount(data, data)} by {means(data)}"
    word = ATTEMPT_WORDS[AttemptStatus(status)]
    return Headline(title, _attempt_why(data, status), word)


def _attempt_why(row: Means, status: str) -> str:
    if status == AttemptStatus.ABANDONED:
        return "The client left before finishing. Nothing was charged."
    return why(row, status)


@sentence("attempt.added", "attempt.changed", shape=AttemptEntry)
def _attempt(data: AttemptEntry) -> Sentence:
    row, diff = data.row, data.diff
    status = AttemptStatus(row.status)
    label = f"Attempt {row.number}"
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

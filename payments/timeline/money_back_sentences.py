"""How stored entries about refunds, disputes and the parts of them that jobs have read. Pure."""

from collections.abc import Mapping

from activity.describe import Headline, Sentence, headlines, sentence
from activity.shapes import Diff
from payments.models import DisputeStatus, RefundStatus
from payments.timeline.phrases import amount, changes, details, parts, prose
from payments.timeline.shapes import (
    DisputeEntry,
    RefundEntry,
    RefundRow,
    RefundThread,
    ShareBackEntry,
)
from payments.timeline.words import value_words

REFUND_WORDS = {
    RefundStatus.QUEUED: "queued",
    RefundStatus.PENDING: "pending",
    RefundStatus.COMPLETED: "refunded",
    RefundStatus.FAILED: "refund failed",
    RefundStatus.CANCELLED: "cancelled",
}


@headlines("refund", shape=RefundThread)
def _refund_headline(data: RefundThread, status: str) -> Headline:
    to = f" to {data.destination}" if data.destination else ""
    second = [parts(data, data), data.reason]
    if status == RefundStatus.FAILED:
        second = [_refund_failed(data)]
    if status == RefundStatus.CANCELLED:
        second = [data.failure_reason]
    subtitle = prose(*second)
    return Headline(
        f"Refund R-{data.number} · {amount(data, data)}{to}",
        subtitle,
        REFUND_WORDS[RefundStatus(status)],
    )


def _refund_failed(row: RefundRow | RefundThread) -> str:
    why = f"Bank said: {row.failure_reason}." if row.failure_reason else ""
    return f"{why} The money was not returned: return it another way.".strip()


# How ``labels.means`` begins where staff, not a provider, return the money.
BY_HAND = ("Check", "Cash", "Wire", "Bank transfer", "Other")


def _refund_done(row: RefundRow, diff: Diff, data: RefundEntry) -> str:
    """The headline of a completed refund, with the reference that somebody wrote down for it."""
    sum_ = amount(row, data)
    if "provider_refund_id" not in diff or not row.provider_refund_id:
        return f"{sum_} refunded" + (f" to {row.destination}" if row.destination else "")
    is_by_hand = row.destination.startswith(BY_HAND)
    how = "returned" if is_by_hand else "done at the provider"
    return f"Refund R-{row.number} of {sum_} {how} · reference {row.provider_refund_id}"


@sentence("refund.added", "refund.changed", shape=RefundEntry)
def _refund(data: RefundEntry) -> Sentence:
    row, diff = data.row, data.diff
    status = RefundStatus(row.status)
    name = f"Refund R-{row.number} of {amount(row, data)}"
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
        RefundStatus.QUEUED: [parts(row, data), _because(row.reason)],
        RefundStatus.FAILED: [_refund_failed(row)],
        RefundStatus.CANCELLED: [_because(row.failure_reason)],
    }.get(status, [])
    if (here := data.beside.share_back) is not None:
        second = [*second, f"{amount(here.row, data)} of it leaves this job’s share."]
    rest = changes(diff, data, "status", "completed_at", "failure_reason", "provider_refund_id")
    return Sentence(
        headline,
        prose(*second, rest),
        state_word=REFUND_WORDS[status],
        details=tuple(details(data)),
    )


SHARE_BACK_WORDS: Mapping[str, str] = {
    RefundStatus.QUEUED: "Refund of {} queued",
    RefundStatus.PENDING: "Refund of {} accepted by the provider",
    RefundStatus.COMPLETED: "{} refunded",
    RefundStatus.FAILED: "Refund of {} failed",
    RefundStatus.CANCELLED: "Refund of {} cancelled",
    DisputeStatus.OPEN: "Client’s bank disputes {}",
    DisputeStatus.WON: "Dispute of {} won",
    DisputeStatus.LOST: "{} taken back by the client’s bank",
    DisputeStatus.WITHDRAWN: "Dispute of {} withdrawn",
}


@sentence("share_back.added", "share_back.changed", shape=ShareBackEntry)
def _share_back(data: ShareBackEntry) -> Sentence:
    row, diff = data.row, data.diff
    whole = f"This job’s part of {row.label}."
    if diff and "status" not in diff:
        words = changes(diff, data, "services_amount", "fee_amount")
        headline = f"Part of {row.label} changed · {words}"
        return Sentence(headline, details=tuple(details(data)))
    return Sentence(
        SHARE_BACK_WORDS[row.status].format(amount(row, data)),
        prose(parts(row, data), whole, changes(diff, data, "status")),
        state_word=_share_back_word(row.status),
        details=tuple(details(data)),
    )


def _share_back_word(status: str) -> str:
    if status in DisputeStatus.values and status not in RefundStatus.values:
        return DisputeStatus(status).label.lower()
    return REFUND_WORDS[RefundStatus(status)]


def _because(reason: str) -> str:
    return f"Reason: {reason}" if reason else ""


@sentence("dispute.added", "dispute.changed", shape=DisputeEntry)
def _dispute(data: DisputeEntry) -> Sentence:
    row, diff = data.row, data.diff
    status, sum_ = DisputeStatus(row.status), amount(row, data)
    if diff and "status" not in diff:
        return Sentence(f"Dispute changed · {changes(diff, data)}", details=tuple(details(data)))
    headline = {
        DisputeStatus.OPEN: f"Client’s bank disputes {sum_}",
        DisputeStatus.WON: f"Dispute of {sum_} won",
        DisputeStatus.LOST: f"Dispute of {sum_} lost: the money was taken back",
        DisputeStatus.WITHDRAWN: f"Dispute of {sum_} withdrawn: it counts for nothing",
    }[status]
    second = [row.reason]
    if status == DisputeStatus.OPEN and row.evidence_due_on:
        second.append(f"Answer by {value_words('evidence_due_on', row.evidence_due_on)}.")
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

"""Changes of payments' tables → lines of a feed; the sentences are in ``sentences``.

Everything that one step did to one payment is one line: a webhook that stores its event, moves
the attempt, completes the payment and copies the status to its allocation reads as
"Captured $340.52". The line is about the main change (an event before a dispute, refund, payment,
attempt, allocation); the other changes are in its details.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from activity.describe import (
    ChangeRow,
    Line,
    ThreadKey,
    ThreadUpdate,
    describes,
    plain,
    plain_diff,
)
from payments.models import AttemptStatus, DisputeStatus, PaymentStatus, RefundStatus
from payments.timeline import (
    money_back_sentences,  # noqa: F401  registers on import
    phrases,
    provider_sentences,  # noqa: F401  registers on import
    sentences,  # noqa: F401  registers on import
)
from payments.timeline.shapes import EventRow

PAYMENT, ALLOCATION = "payments.payment", "payments.allocation"
SHARE_BACK = "payments.share_back"
ATTEMPT, REFUND, DISPUTE = "payments.attempt", "payments.refund", "payments.dispute"
EVENT, EXCEPTION = "payments.provider_event", "payments.exception"
# Which change is the main one of a line: the first of these.
PRECEDENCE = (EVENT, EXCEPTION, DISPUTE, REFUND, PAYMENT, ATTEMPT, SHARE_BACK, ALLOCATION)

PAYMENT_STATES = {
    PaymentStatus.REQUIRES_ACTION: "pending",
    PaymentStatus.PENDING: "pending",
    PaymentStatus.PROCESSING: "pending",
    PaymentStatus.COMPLETED: "succeeded",
    PaymentStatus.FAILED: "failed",
    PaymentStatus.VOIDED: "voided",
    PaymentStatus.DISPUTED: "failed",
    PaymentStatus.CHARGED_BACK: "failed",
    PaymentStatus.RETURNED: "failed",
    PaymentStatus.UNKNOWN: "attention",
}
ATTEMPT_STATES = {
    AttemptStatus.CREATED: "pending",
    AttemptStatus.REQUIRES_ACTION: "pending",
    AttemptStatus.PROCESSING: "pending",
    AttemptStatus.SUCCEEDED: "succeeded",
    AttemptStatus.FAILED: "failed",
    AttemptStatus.ABANDONED: "voided",
    AttemptStatus.UNKNOWN: "attention",
}
REFUND_STATES = {
    RefundStatus.QUEUED: "pending",
    RefundStatus.PENDING: "pending",
    RefundStatus.COMPLETED: "refunded",
    RefundStatus.FAILED: "failed",
    RefundStatus.CANCELLED: "voided",
}
DISPUTE_STATES = {
    DisputeStatus.OPEN: "failed",
    DisputeStatus.WON: "succeeded",
    DisputeStatus.LOST: "failed",
    DisputeStatus.WITHDRAWN: "voided",
}


STATES: Mapping[str, Mapping[str, str]] = {
    DISPUTE: {k.value: v for k, v in DISPUTE_STATES.items()},
    REFUND: {k.value: v for k, v in REFUND_STATES.items()},
    PAYMENT: {k.value: v for k, v in PAYMENT_STATES.items()},
    ATTEMPT: {k.value: v for k, v in ATTEMPT_STATES.items()},
    ALLOCATION: {k.value: v for k, v in PAYMENT_STATES.items()},
    SHARE_BACK: {k.value: v for k, v in (REFUND_STATES | DISPUTE_STATES).items()},
}
MOVED_PAYMENT = frozenset(
    {PaymentStatus.COMPLETED, PaymentStatus.CHARGED_BACK, PaymentStatus.RETURNED}
)
# Statuses with which money came, went back or was taken back.
MOVED: Mapping[str, frozenset[str]] = {
    PAYMENT: MOVED_PAYMENT,
    ALLOCATION: MOVED_PAYMENT,
    REFUND: frozenset({RefundStatus.COMPLETED}),
    DISPUTE: frozenset({DisputeStatus.LOST}),
    SHARE_BACK: frozenset({RefundStatus.COMPLETED, DisputeStatus.LOST}),
}


@dataclass
class Bucket:
    """The changes that one line will show: one per entity, except for attached events."""

    thread: ThreadKey
    changes: list[ChangeRow] = field(default_factory=list)

    def takes(self, change: ChangeRow) -> bool:
        """Whether ``change`` can join without hiding another of its kind."""
        if _is_link(change):
            return True
        if _is_fee_quote(change):
            return not any(_is_fee_quote(c) for c in self.changes)
        mine = (c for c in self.changes if not _is_link(c) and not _is_fee_quote(c))
        return change.entity not in {c.entity for c in mine}

    @property
    def main(self) -> ChangeRow:
        """The change that the line is about."""
        return min(self.changes, key=_precedence)


@describes(PAYMENT, ALLOCATION, ATTEMPT, REFUND, SHARE_BACK, DISPUTE, EVENT, EXCEPTION)
def describe_money(changes: Sequence[ChangeRow]) -> Iterator[Line]:
    """One line per payment and step, several where the step did one thing twice."""
    for bucket in _buckets(changes):
        yield _line(bucket)


def _buckets(changes: Sequence[ChangeRow]) -> list[Bucket]:
    buckets: list[Bucket] = []
    events = {c.object_id: c for c in changes if c.entity == EVENT}
    unpaid = [c for c in changes if c.entity == ATTEMPT and not c.now.get("payment_id")]
    for change in changes:
        thread = _thread_of(change, events)
        if thread.kind == "order" and len(unpaid) == 1:
            # A declined order: its event and its attempt are one fact.
            thread = ThreadKey("attempt", unpaid[0].object_id)
        fitting = (b for b in buckets if b.thread == thread and b.takes(change))
        bucket = next(fitting, None)
        if bucket is None:
            bucket = Bucket(thread)
            buckets.append(bucket)
        bucket.changes.append(change)
    return buckets


LINKS = frozenset({"work_order_id", "payment_id", "refund_id", "processing_error", "known"})


def _is_link(change: ChangeRow) -> bool:
    """Whether a stored event only got to know what it belongs to: it joins what linked it."""
    return change.entity == EVENT and change.op == "U" and set(change.diff) <= LINKS


QUOTE = frozenset({"fee_expected", "uncollected"})


def _is_fee_quote(change: ChangeRow) -> bool:
    """Whether a payment only got its fee quoted: that belongs to what brought the money."""
    return change.entity == PAYMENT and change.op == "U" and set(change.diff) <= QUOTE


def _precedence(change: ChangeRow) -> tuple[bool, bool, int, int]:
    """The main change of a line has the smallest."""
    return _is_link(change), _is_fee_quote(change), PRECEDENCE.index(change.entity), change.id


def _is_attached(change: ChangeRow) -> bool:
    """Whether an event just got its job: a person matched it, or the job was booked meanwhile."""
    return _is_link(change) and "work_order_id" in change.diff


def _thread_of(change: ChangeRow, events: Mapping[int, ChangeRow]) -> ThreadKey:
    row = change.now
    if change.entity == PAYMENT:
        return ThreadKey("payment", change.object_id)
    if row.get("payment_id"):
        return ThreadKey("payment", int(row["payment_id"]))
    if change.entity == ATTEMPT:
        return ThreadKey("attempt", change.object_id)
    if change.entity == EVENT:
        return order_thread(row)
    if row.get("event_id") in events:
        return _thread_of(events[row["event_id"]], events)
    return ThreadKey("exception", change.object_id)


def order_thread(event: Mapping[str, Any]) -> ThreadKey:
    """The thread of a provider's order that belongs to no payment (yet)."""
    name = f"{event['provider']}:{event['order_id']}"
    digest = hashlib.sha256(name.encode()).digest()
    return ThreadKey("order", int.from_bytes(digest[:7], "big"))


def _line(bucket: Bucket) -> Line:
    main = bucket.main
    thread, parent = bucket.thread, None
    if main.entity == EVENT and main.now.get("refund_id") and thread.kind == "payment":
        thread, parent = ThreadKey("refund", int(main.now["refund_id"])), thread
    elif main.entity == REFUND:
        thread, parent = ThreadKey("refund", main.object_id), thread
    updates = _thread_updates(bucket)
    state = _state(main)
    code = _code(main)
    return Line(
        code=code,
        kind=KINDS[main.entity],
        thread=thread,
        parent=parent,
        shows=(main.id, *(c.id for c in bucket.changes if c is not main)),
        data=_data(bucket, main),
        state=state,
        threads=updates,
        moves=tuple(_moves(bucket)),
        references=tuple(r for c in bucket.changes for r in _references(c)),
        payment_view=True,
        money_moved=_money_moved(bucket),
        problem=state in ("failed", "attention"),
    )


KINDS = {
    EVENT: "provider",
    EXCEPTION: "exception",
    DISPUTE: "dispute",
    REFUND: "refund",
    PAYMENT: "payment",
    ATTEMPT: "attempt",
    ALLOCATION: "payment",
    SHARE_BACK: "refund",
}


def _code(main: ChangeRow) -> str:
    name = main.entity.split(".")[1]
    if main.entity == EVENT:
        if _is_link(main):
            return "provider.attached" if _is_attached(main) else "provider.linked"
        return f"provider.{_op(main)}"
    return f"{name}.{_op(main)}"


def _op(change: ChangeRow) -> str:
    return {"I": "added", "U": "changed", "D": "deleted"}[change.op]


def _data(bucket: Bucket, main: ChangeRow) -> dict[str, Any]:
    """The row of the main change as it was, what changed in it, and the other changes."""
    attached = sum(_is_attached(c) for c in bucket.changes)
    others = {
        _other_name(c): {"op": c.op, "row": _slim(c), "diff": _diff(c)}
        for c in bucket.changes
        if c is not main and not _is_link(c)
    }
    return {"row": _slim(main), "diff": _diff(main), "beside": others} | (
        {"attached": attached} if attached else {}
    )


def _other_name(change: ChangeRow) -> str:
    return "fee_quote" if _is_fee_quote(change) else change.entity.split(".")[1]


def _slim(change: ChangeRow) -> dict[str, Any]:
    """Only what is set: empty columns need no storing."""
    return {k: v for k, v in plain(change.now).items() if v not in (None, "", [], {})}


def _diff(change: ChangeRow) -> dict[str, Any]:
    return plain_diff(change) if change.op == "U" else {}


def _state(main: ChangeRow) -> str:
    row = main.now
    if main.op == "D":
        return "voided"
    if main.entity == EVENT:
        return (
            "neutral"
            if _is_link(main)
            else phrases.event_state(EventRow.model_validate(plain(row)))
        )
    if main.entity == EXCEPTION:
        return "succeeded" if row.get("resolved_at") else "attention"
    # A note or a reconciliation on a failed payment is no new failure.
    return STATES[main.entity][row["status"]] if main.changed("status") else "neutral"


def _thread_updates(bucket: Bucket) -> dict[ThreadKey, ThreadUpdate]:
    updates: dict[ThreadKey, ThreadUpdate] = {}
    for change in sorted(bucket.changes, key=lambda c: -PRECEDENCE.index(c.entity)):
        for key, new in _updates(change, bucket.thread):
            old = updates.get(key, new)
            updates[key] = replace(new, data={**old.data, **new.data})
    return updates


def _updates(change: ChangeRow, home: ThreadKey) -> Iterator[tuple[ThreadKey, ThreadUpdate]]:
    """What a change sets in the headlines of its threads."""
    row = plain(change.now)
    status = row.get("status", "")
    if change.entity == ALLOCATION:
        share = {"share": row["amount"], "share_of": row["payment_label"]}
        yield home, ThreadUpdate(PAYMENT_STATES[status], status, share)
    elif change.entity == PAYMENT:
        yield home, ThreadUpdate(PAYMENT_STATES[status], status, phrases.facts(row))
    elif change.entity == REFUND:
        key = ThreadKey("refund", change.object_id)
        yield key, ThreadUpdate(REFUND_STATES[status], status, phrases.facts(row))
    elif change.entity == ATTEMPT and home.kind == "attempt":
        yield home, ThreadUpdate(ATTEMPT_STATES[status], status, phrases.facts(row))
    elif change.entity == EXCEPTION and home.kind in ("exception", "order"):
        closed = bool(row.get("resolved_at"))
        yield (
            home,
            ThreadUpdate("succeeded" if closed else "attention", "resolved" if closed else "open"),
        )
    elif change.entity == EVENT and home.kind == "order":
        yield home, ThreadUpdate("attention", "unmatched", phrases.facts(row))


def _moves(bucket: Bucket) -> Iterator[ThreadKey]:
    """The threads that are part of this one from now on."""
    for change in bucket.changes:
        got_payment = "payment_id" in change.diff and change.now.get("payment_id")
        if change.op != "U" or not got_payment:
            continue
        if change.entity == ATTEMPT:
            yield ThreadKey("attempt", change.object_id)
        if change.entity == EVENT:
            yield order_thread(change.before)
        if change.entity == EXCEPTION:
            yield ThreadKey("exception", change.object_id)


REFERENCE_COLUMNS = (
    "reference",
    "provider_order_id",
    "provider_refund_id",
    "provider_dispute_id",
    "order_id",
    "last4",
)


def _references(change: ChangeRow) -> Iterator[str]:
    row = change.now
    yield from (str(row[c]) for c in REFERENCE_COLUMNS if row.get(c))
    yield from (str(r) for r in row.get("references") or ())
    if change.entity == EVENT:
        yield str(row["event_id"])


def _money_moved(bucket: Bucket) -> bool:
    """Whether money came, went back or was taken back with this line."""
    return any(
        change.op != "D"
        and change.changed("status")
        and change.now["status"] in MOVED.get(change.entity, ())
        for change in bucket.changes
        if change.entity in MOVED
    )


@describes("payments.provider_account")
def describe_account(changes: Sequence[ChangeRow]) -> Iterator[Line]:
    """A provider switched on or off for a brand."""
    for change in changes:
        yield Line(
            code="provider_account.changed",
            kind="catalogue",
            thread=ThreadKey("provider_account", change.object_id),
            shows=(change.id,),
            data={"op": change.op, **plain(change.now), "diff": plain_diff(change)},
        )

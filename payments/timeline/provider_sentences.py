"""How providers' steps, exceptions and accounts read: code + data → words. Pure."""

from collections.abc import Mapping
from typing import Any

from activity.describe import Headline, Sentence, headlines, sentence
from payments.models import DisputeStatus, ExceptionKind, Method
from payments.providers.registry import label_of
from payments.timeline.phrases import (
    amount,
    attempt_label,
    changes,
    decline_words,
    details,
    explained,
    means,
    parts,
    prose,
    status_of,
    value_in_words,
)
from payments.timeline.shapes import (
    AccountEntry,
    EventEntry,
    ExceptionEntry,
    ExceptionThread,
    OrderThread,
)
from payments.timeline.words import value_words


@headlines("order", shape=OrderThread)
def _order_headline(data: OrderThread, status: str) -> Headline:
    name = label_of(data.provider)
    if data.work_order_id:
        return Headline(f"{name} order {data.order_id}")
    job = data.work_order_number
    why = f"It names job “{job}”, which does not exist here." if job else "It names no job."
    title = f"{name} order {data.order_id} belongs to no job yet"
    return Headline(title, f"{why} Attach it to the right one.", "unmatched")


@sentence("provider.added", "provider.changed", shape=EventEntry)
def _provider_step(data: EventEntry) -> Sentence:
    row = data.row
    name = label_of(row.provider)
    if data.diff:
        words = changes(data.diff, data)
        return Sentence(f"{name} step corrected · {words}", details=tuple(details(data)))
    has_amount = row.amount is not None
    sum_ = value_in_words("amount", row.amount, data) if has_amount else _amount_of_step(data)
    status = status_of(row)
    if not row.known or status is None:
        return Sentence(
            f"{name} reports “{row.status}”",
            "Unknown status: recorded as received, no money changed."
            + (f" {row.detail}" if row.detail else ""),
            state_word="unknown status",
            details=tuple(details(data)),
        )
    second = [row.detail, _event_why(data), _lost(data), nested_words(data)]
    second = list(dict.fromkeys(second))  # a failure's own words may be the step's detail, too
    if row.processing_error:
        second.append("It could not be processed yet; it will be tried again.")
    headline = status.headline.format(amount=sum_ or "the amount", means=_means_of_step(data))
    return Sentence(
        headline,
        prose(*second),
        label=attempt_label(data),
        state_word=status.word,
        details=tuple(details(data)),
    )


def nested_words(data: EventEntry) -> str:
    """The nested fields of a step; only what changed, where the step before it is known."""
    new = flatten(data.row.data)
    if data.previous is None:
        words = [f"{name}: {value_words('', value)}" for name, value in new.items()]
        return "; ".join(words[:NESTED_SHOWN])
    old = flatten(data.previous)
    words = [
        f"{name}: {value_words('', old[name])} → {value_words('', value)}"
        if name in old
        else f"{name}: {value_words('', value)}"
        for name, value in new.items()
        if old.get(name) != value
    ]
    return "; ".join(words[:NESTED_SHOWN])


NESTED_SHOWN = 4
# Fields that the payment's own headline or the reason of a failure shows.
SHOWN_ELSEWHERE = frozenset(
    {
        "payer_name",
        "card_brand",
        "last4",
        "funding",
        "fee",
        "decline_code",
        "failure_code",
        "failure_message",
        "refund_id",
        "order_amount",
    }
)


def flatten(nested: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Nested fields by their path in words: ``documents settlement``."""
    flat: dict[str, Any] = {}
    for name, value in nested.items():
        if not above and name in SHOWN_ELSEWHERE:
            continue
        path = f"{above} {name}".strip().replace("_", " ")
        if isinstance(value, Mapping):
            flat |= flatten(value, path)
        else:
            flat[path] = value
    return flat


def _event_why(data: EventEntry) -> str:
    row = data.row
    if row.status != "failed":
        payment = data.beside.payment
        return parts(payment.row, data) if payment and payment.op == "I" else ""
    for other in (data.beside.attempt, data.beside.payment):
        if other and decline_words(other.row):
            return decline_words(other.row)
    code = row.data.get("decline_code") or row.data.get("failure_code")
    return explained(row.provider, str(code)) if code else ""


def _lost(data: EventEntry) -> str:
    """What a lost dispute took, which may be less than the payment."""
    dispute = data.beside.dispute
    if not dispute or dispute.row.status != DisputeStatus.LOST:
        return ""
    return f"Dispute lost: {amount(dispute.row, data)} is owed again."


def _amount_of_step(data: EventEntry) -> str:
    """The amount of what the step changed, for a step that names none itself."""
    for other in (data.beside.refund, data.beside.payment, data.beside.attempt):
        if other:
            return amount(other.row, data)
    return ""


def _means_of_step(data: EventEntry) -> str:
    for other in (data.beside.payment, data.beside.attempt):
        if other:
            return means(other.row)
    return "card" if data.row.method == Method.CARD else "bank debit"


@sentence("provider.attached", shape=EventEntry)
def _attached(data: EventEntry) -> Sentence:
    row, count = data.row, data.attached or 1
    steps = "1 step" if count == 1 else f"{count} steps"
    name = label_of(row.provider)
    return Sentence(
        f"{name} order {row.order_id} attached to this job",
        f"{steps} that had arrived without a job.",
        details=tuple(details(data)),
    )


@sentence("provider.linked", shape=EventEntry)
def _linked(data: EventEntry) -> Sentence:
    row = data.row
    name = label_of(row.provider)
    headline = f"Step “{row.status}” of {name} order {row.order_id} sorted in"
    return Sentence(headline, changes(data.diff, data), details=tuple(details(data)))


@sentence("exception.added", "exception.changed", shape=ExceptionEntry)
def _exception(data: ExceptionEntry) -> Sentence:
    row, diff = data.row, data.diff
    kind = ExceptionKind(row.kind).label
    if row.resolved_at and "resolved_at" in diff:
        return Sentence(
            f"Resolved: {kind[:1].lower()}{kind[1:]}",
            row.resolution,
            state_word="resolved",
            details=tuple(details(data)),
        )
    if "resolved_at" in diff:
        again = prose("It does not match after all.", row.summary)
        return Sentence(kind, again, state_word="needs a decision", details=tuple(details(data)))
    second = changes(diff, data) if diff else row.summary
    return Sentence(kind, second, state_word="needs a decision", details=tuple(details(data)))


@sentence("provider_account.changed", shape=AccountEntry)
def _account(data: AccountEntry) -> Sentence:
    name = label_of(data.provider)
    events = {"I": ["connected"], "D": ["removed"]}.get(data.op, [])
    if not events and "secret_set_at" in data.diff:
        events = ["has a new webhook secret"]
    if data.op == "U" and ("is_active" in data.diff or not events):
        events.append("switched on" if data.is_active else "switched off")
    at = data.secret_set_at
    details = (("Secret set", value_words("secret_set_at", at), "text"),) if at else ()
    return Sentence(f"{name} {' · '.join(events)}", details=details)


@headlines("exception", shape=ExceptionThread)
def _exception_headline(data: ExceptionThread, status: str) -> None:
    """Its newest row speaks for it."""

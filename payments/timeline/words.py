"""Words for payments' columns, values and providers' statuses: data, no logic beyond look-up."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from payments.models import (
    AttemptStatus,
    DisputeStatus,
    ExceptionKind,
    Funding,
    Method,
    MissingFee,
    PaymentStatus,
    Provider,
    RefundStatus,
)

MONEY_COLUMNS = frozenset({"amount", "services_amount", "fee_amount", "fee_expected"})

COLUMN_LABELS = {
    "number": "Number",
    "payment_id": "Payment",
    "refund_id": "Refund",
    "work_order_id": "Job",
    "event_id": "Event",
    "order_id": "Order",
    "method": "Method",
    "provider": "Provider",
    "status": "Status",
    "provider_status": "Provider’s status",
    "currency": "Currency",
    "amount": "Amount",
    "services_amount": "Services",
    "fee_amount": "Technology fee",
    "fee_expected": "Technology fee expected",
    "uncollected": "A missing fee is",
    "payer_name": "Payer",
    "card_brand": "Card",
    "last4": "Last four",
    "funding": "Funding",
    "reference": "Reference",
    "references": "Reference",
    "provider_order_id": "Order",
    "failure_code": "Failure code",
    "decline_code": "Decline code",
    "failure_message": "Provider’s words",
    "failure_reason": "Why it did not go through",
    "paid_at": "Paid",
    "confirmed_at": "Confirmed",
    "confirmed_by": "Confirmed by",
    "reconciled_at": "Reconciled",
    "reconciled_by": "Reconciled by",
    "reconciled_note": "Reconciliation note",
    "note": "Note",
    "follow_up_on": "Follow up on",
    "reason": "Reason",
    "reason_code": "Reason code",
    "destination": "Goes to",
    "provider_refund_id": "Refund reference",
    "provider_dispute_id": "Provider’s dispute",
    "evidence_due_on": "Answer due",
    "completed_at": "Completed",
    "closed_at": "Closed",
    "payment_label": "Payment",
    "work_order_number": "Job as named by the provider",
    "known": "Status known",
    "detail": "Detail",
    "data": "Nested fields",
    "received_at": "Received",
    "processing_error": "Processing error",
    "kind": "Kind",
    "summary": "Summary",
    "resolved_at": "Resolved",
    "resolved_by": "Resolved by",
    "resolution": "Resolution",
}

_CHOICES: Mapping[str, Mapping[str, str]] = {
    "status": {
        **dict(DisputeStatus.choices),
        **dict(RefundStatus.choices),
        **dict(AttemptStatus.choices),
        **dict(PaymentStatus.choices),
    },
    "method": dict(Method.choices),
    "provider": dict(Provider.choices),
    "funding": dict(Funding.choices),
    "uncollected": dict(MissingFee.choices),
    "kind": dict(ExceptionKind.choices),
}


def value_words(name: str, value: Any) -> str:
    """A stored value as a person reads it."""
    if value in (None, "", [], {}):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value_words(name, one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {value_words(k, v)}" for k, v in value.items())
    if name.endswith("_on"):
        return f"{date.fromisoformat(str(value)):%-d %b %Y}"
    if name.endswith("_at"):
        return _moment(str(value))
    return str(_CHOICES.get(name, {}).get(str(value), value))


def _moment(value: str) -> str:
    try:
        # A psql session captures its own time zone's offset: the instant counts.
        return f"{datetime.fromisoformat(value).astimezone(UTC):%-d %b %Y %H:%M:%S} UTC"
    except ValueError:
        return value


# The tone of each known step. Pay-at-close (pac.*) and card or bank (card.*).
EVENT_STATES = {
    "pac.offered": "neutral",
    "pac.selected": "pending",
    "pac.agreement_signed": "pending",
    "pac.info_needed": "attention",
    "pac.submitted": "pending",
    "pac.approved": "pending",
    "pac.funded": "succeeded",
    "pac.collected_at_closing": "neutral",
    "pac.backup_charged": "succeeded",
    "pac.failed": "failed",
    "pac.charged_back": "failed",
    "pac.cancelled": "voided",
    "pac.refund_queued": "pending",
    "pac.refunded": "refunded",
    "pac.voided": "voided",
    "card.authorised": "pending",
    "card.captured": "succeeded",
    "card.settled": "neutral",
    "card.voided": "voided",
    "card.refund_queued": "pending",
    "card.refunded": "refunded",
    "card.refund_failed": "failed",
    "card.failed": "failed",
    "card.chargeback": "failed",
}

# Status → (word for the pill, headline). {amount} and {means} are filled in.
EVENT_WORDS = {
    "pac.offered": ("", "Pay-at-close offered to the client"),
    "pac.selected": ("pending", "Client chose pay-at-close · {amount}"),
    "pac.agreement_signed": ("pending", "Pay-at-close agreement signed"),
    "pac.info_needed": ("info needed", "Provider needs information"),
    "pac.submitted": ("pending", "Submitted for approval"),
    "pac.approved": ("pending", "Approved, waiting for funding"),
    "pac.funded": ("received", "Funded · {amount} received"),
    "pac.collected_at_closing": ("", "Title company paid the provider at closing"),
    "pac.backup_charged": ("received", "Sale fell through: backup card charged · {amount}"),
    "pac.failed": ("failed", "Pay-at-close failed"),
    "pac.charged_back": ("charged back", "{amount} charged back"),
    "pac.cancelled": ("cancelled", "Pay-at-close cancelled"),
    "pac.refund_queued": ("queued", "Refund of {amount} queued"),
    "pac.refunded": ("refunded", "{amount} refunded"),
    "pac.voided": ("voided", "Pay-at-close voided"),
    "card.authorised": ("authorised", "{amount} authorised on {means}"),
    "card.captured": ("received", "Captured · {amount} received by {means}"),
    "card.settled": ("", "Settled by the provider"),
    "card.voided": ("voided", "Voided before settlement"),
    "card.refund_queued": ("queued", "Refund of {amount} accepted, waiting for settlement"),
    "card.refunded": ("refunded", "{amount} refunded"),
    "card.refund_failed": ("refund failed", "Refund of {amount} failed"),
    "card.failed": ("declined", "{amount} by {means}"),
    "card.chargeback": ("charged back", "{amount} charged back by the client’s bank"),
}


def _lend(table: dict[str, Any]) -> None:
    """A step that one family has reads the same in an order of the other: it counts there too."""
    for key in list(table):
        family, _, status = key.partition(".")
        table.setdefault(f"{'pac' if family == 'card' else 'card'}.{status}", table[key])


_lend(EVENT_STATES)
_lend(EVENT_WORDS)

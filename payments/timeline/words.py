"""Words for the columns and values of payments: data, no logic beyond look-up."""

from collections.abc import Mapping
from typing import Any

from core import moments
from invoicing.settlement.types import Uncollected
from payments.models import (
    AttemptStatus,
    DisputeStatus,
    ExceptionKind,
    Funding,
    Method,
    PaymentStatus,
    RefundStatus,
    ReturnReason,
)
from payments.providers.registry import label_of

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
    "returned_on": "Returned",
    "return_reason": "Why the bank returned it",
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
    "funding": dict(Funding.choices),
    "return_reason": dict(ReturnReason.choices),
    "uncollected": dict(Uncollected.choices),
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
        return moments.stored_day_text(value)
    if name.endswith("_at"):
        return moments.stored_moment_text(value)
    if name == "provider":
        return label_of(str(value))
    return str(_CHOICES.get(name, {}).get(str(value), moments.in_words(value)))

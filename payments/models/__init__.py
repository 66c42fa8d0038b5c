"""Money that clients sent or promised, every try at it, and every fact a provider reported.

Amounts are in the currency of the row's brand. ``amount`` is gross: it includes
``fee_amount``, the technology fee, which is a leg of its own beside services.
Tables only; verbs are in ``payments.domain``, the fold of provider facts is in
``payments.facts.fold``.
"""

from payments.models.attempt import PaymentAttempt
from payments.models.enums import (
    MANUAL_METHODS,
    PENDING_STATUSES,
    RECEIVED_STATUSES,
    REFUND_COUNTS,
    AttemptStatus,
    DisputeStatus,
    ExceptionKind,
    Funding,
    Method,
    PaymentStatus,
    Provider,
    ProviderMatch,
    RefundOrigin,
    RefundStatus,
    ReturnReason,
)
from payments.models.exception import PaymentException
from payments.models.money_back import Dispute, MoneyBackShare, Refund, RefundCredit
from payments.models.payment import Payment, PaymentAllocation
from payments.models.provider import ProviderAccount, ProviderEvent

__all__ = [
    "MANUAL_METHODS",
    "PENDING_STATUSES",
    "RECEIVED_STATUSES",
    "REFUND_COUNTS",
    "AttemptStatus",
    "Dispute",
    "DisputeStatus",
    "ExceptionKind",
    "Funding",
    "Method",
    "MoneyBackShare",
    "Payment",
    "PaymentAllocation",
    "PaymentAttempt",
    "PaymentException",
    "PaymentStatus",
    "Provider",
    "ProviderAccount",
    "ProviderEvent",
    "ProviderMatch",
    "Refund",
    "RefundCredit",
    "RefundOrigin",
    "RefundStatus",
    "ReturnReason",
]

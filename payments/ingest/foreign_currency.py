"""Money that came in another currency than the brand's: stored and shown, counted nowhere."""

from core.money import ZERO, display
from payments.facts.fold import Problem
from payments.models import (
    PENDING_STATUSES,
    RECEIVED_STATUSES,
    Payment,
    PaymentStatus,
    ProviderEvent,
    RefundStatus,
)

_COMING = (PaymentStatus.REQUIRES_ACTION, PaymentStatus.UNKNOWN, *PENDING_STATUSES)


def is_foreign(payment: Payment) -> bool:
    """Whether its money is in another currency than its brand's."""
    return payment.currency != payment.brand.currency


def uncounted(payment: Payment | None, event: ProviderEvent) -> list[Problem]:
    """What a person must decide of a payment in another currency; ``event`` is its last one.

    Nothing once it failed, was voided, taken back, or went back as a whole.
    """
    if payment is None or not is_foreign(payment):
        return []
    home, currency = payment.brand.currency, payment.currency
    if payment.status in RECEIVED_STATUSES:
        verb, to_record = "came", f"Record by hand what it came to in {home}"
    elif payment.status in _COMING:
        verb, to_record = "is to come", f"Once it came, record by hand what it came to in {home}"
    else:
        return []
    back = payment.refunds.filter(status=RefundStatus.COMPLETED).values_list("amount", flat=True)
    if sum(back, ZERO) >= payment.amount:
        return []
    text = (
        f"{display(payment.amount, currency)} {verb}, but this brand’s money is in {home}: it is "
        f"not counted in any balance. {to_record}, or refund it at the provider."
    )
    amount = f"{payment.amount.normalize():f}"
    return [Problem(f"{verb}:{currency}:{amount}", event.event_id, text)]

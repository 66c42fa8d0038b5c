"""What lost disputes took of a payment: computed here alone, for the ledger and for refunds."""

from collections.abc import Iterable
from decimal import Decimal

from core.money import ZERO
from core.split import split_refund
from payments.models import Dispute, DisputeStatus, Payment


def lost_disputes(payment: Payment) -> list[Dispute]:
    """The disputes of ``payment`` that were lost, as they came; prefetched ones are not read."""
    rows = [row for row in payment.disputes.all() if row.status == DisputeStatus.LOST]
    return sorted(rows, key=lambda row: row.pk)


def taken_by_disputes(
    disputes: Iterable[Dispute], services: Decimal, fee: Decimal, currency: str
) -> tuple[Decimal, Decimal]:
    """What ``disputes`` took of money with these parts: of its services, and of its fee.

    A dispute's gross amount is shared like a refund's, one after the other (docs/decisions/005).
    """
    taken_services = taken_fee = ZERO
    for dispute in disputes:
        gone = split_refund(
            dispute.amount,
            base=services,
            fee=fee,
            refunded_services=taken_services,
            refunded_fee=taken_fee,
            currency=currency,
        )
        taken_services, taken_fee = taken_services + gone[0], taken_fee + gone[1]
    return taken_services, taken_fee

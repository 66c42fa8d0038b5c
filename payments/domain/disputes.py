"""What lost disputes took of a payment: computed here alone, for the ledger and for refunds."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from core.money import ZERO
from core.split import split_refund
from invoicing.domain.allocate import Legs
from payments.models import Dispute, DisputeStatus, Payment


def lost_disputes(disputes: Iterable[Dispute]) -> list[Dispute]:
    """Those of ``disputes`` that were lost, as they came."""
    rows = [row for row in disputes if row.status == DisputeStatus.LOST]
    return sorted(rows, key=lambda row: (row.happened_at, row.provider_key, row.pk))


def lost_at(dispute: Dispute) -> datetime:
    """When the bank took the money of a lost dispute."""
    return dispute.closed_at or dispute.happened_at


def legs_of_disputes(payment: Payment, disputes: Iterable[Dispute]) -> list[tuple[Dispute, Legs]]:
    """Each lost one of the ``disputes`` of ``payment`` with what it took of services and fee."""
    lost = lost_disputes(disputes)
    result, before = [], Legs()
    for n, dispute in enumerate(lost, start=1):
        # A row that was not read again holds its defaults as they were given.
        services, fee = Decimal(payment.services_amount), Decimal(payment.fee_amount)
        taken = taken_by_disputes(lost[:n], services, fee, payment.currency, payment.surplus)
        after = Legs(*taken)
        result.append((dispute, after - before))
        before = after
    return result


def taken_by_disputes(
    disputes: Iterable[Dispute],
    services: Decimal,
    fee: Decimal,
    currency: str,
    surplus: Decimal = ZERO,
) -> tuple[Decimal, Decimal]:
    """What ``disputes`` took of money with these parts: of its services, and of its fee.

    A dispute's gross amount is shared like a refund's, one after the other (docs/decisions/005);
    a ``surplus`` of services, which carried no fee, is lost first.
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
            surplus=surplus,
        )
        taken_services, taken_fee = taken_services + gone[0], taken_fee + gone[1]
    return taken_services, taken_fee

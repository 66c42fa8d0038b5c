"""The one writer of a payment's shares: how much of it pays which job (law 14).

People's verbs, the fold of provider facts and the import all come here, so that every share
carries its payment's status, label and date.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.money import ZERO
from core.split import split
from payments.domain.status import save_changes
from payments.models import Payment, PaymentAllocation
from payments.timeline.labels import payment_label


@dataclass(frozen=True)
class Share:
    """How much of a payment pays one job, in the payment's currency."""

    services: Decimal
    fee: Decimal = ZERO


def allocate(payment: Payment, shares: Mapping[int, Share]) -> None:
    """Write the share of each job (by work order id), and only what differs.

    ``shares`` are all jobs that ``payment`` pays. The caller holds their locks, and posts.
    """
    rows = {row.work_order_id: row for row in payment.allocations.order_by("work_order_id")}
    common: dict[str, Any] = {
        "status": payment.status,
        "payment_label": payment_label(payment, payment.work_order.number, len(shares)),
        "happened_at": payment.happened_at,
    }
    new = []
    for work_order_id, share in shares.items():
        values = {
            "amount": share.services + share.fee,
            "services_amount": share.services,
            "fee_amount": share.fee,
            **common,
        }
        if work_order_id in rows:
            save_changes(rows[work_order_id], values)
            continue
        new.append(
            PaymentAllocation(
                brand_id=payment.brand_id, payment=payment, work_order_id=work_order_id, **values
            )
        )
    PaymentAllocation.objects.bulk_create(new)


def in_proportion(payment: Payment, before: Mapping[int, Share]) -> dict[int, Share]:
    """The parts of ``payment`` over several jobs in proportion to ``before``, exactly.

    Services go by services, the fee by fees; a fee that none had before goes along with services.
    """
    currency = payment.currency
    by_services = [share.services for share in before.values()]
    by_fee = [share.fee for share in before.values()]
    services = split(payment.services_amount, by_services, currency)
    fees = split(payment.fee_amount, by_fee if any(by_fee) else by_services, currency)
    return dict(zip(before, map(Share, services, fees), strict=True))


def shares_of(payment: Payment) -> dict[int, Share]:
    """What of ``payment`` pays each job now, by work order id."""
    rows = payment.allocations.order_by("work_order_id")
    columns = rows.values_list("work_order_id", "services_amount", "fee_amount")
    return {job: Share(services, fee) for job, services, fee in columns}

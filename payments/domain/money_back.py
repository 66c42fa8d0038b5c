"""What of a payment went back or was taken, by the job whose share it left.

The one place that answers it, for the ledger, for what can still be refunded, for corrections and
for the feeds of the jobs; ``payments.domain.back_shares`` has the rule.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from invoicing.domain.allocate import Legs
from payments.domain.back_shares import Back, share_back
from payments.domain.disputes import legs_of_disputes
from payments.domain.status import save_changes
from payments.models import (
    RECEIVED_STATUSES,
    REFUND_COUNTS,
    Dispute,
    MoneyBackShare,
    Payment,
    PaymentAllocation,
    Refund,
)


@dataclass(frozen=True)
class MoneyBack:
    """All refunds and disputes of a payment, and what of those that count leaves each job.

    ``parts`` are by "refund:7" or "dispute:3", then by work order id; in the payment's currency.
    """

    refunds: Sequence[Refund] = ()
    disputes: Sequence[Dispute] = ()
    parts: Mapping[str, Mapping[int, Legs]] = field(default_factory=dict)

    def of(self, key: str, job: int) -> Legs:
        """What one refund or dispute takes of the share of ``job``."""
        return self.parts.get(key, {}).get(job, Legs())

    def gone(self, job: int, prefix: str = "") -> Legs:
        """What left the share of ``job`` in all; only refunds, say, with the prefix "refund:"."""
        keys = (key for key in self.parts if key.startswith(prefix))
        return sum((self.of(key, job) for key in keys), Legs())


def money_back(payment: Payment, shares: Sequence[PaymentAllocation] | None = None) -> MoneyBack:
    """What of ``payment`` went back, by job.

    ``shares`` are all its allocations, where the caller knows them; nothing is asked of the
    database where these, its refunds and its disputes are prefetched.
    """
    rows = payment.allocations.all() if shares is None else shares
    own = payment.work_order_id
    ordered = sorted(rows, key=lambda row: (row.work_order_id != own, row.work_order_id))
    by_job = {row.work_order_id: Legs(row.services_amount, row.fee_amount) for row in ordered}
    refunds = sorted(payment.refunds.all(), key=lambda row: row.pk)
    disputes = list(payment.disputes.all())
    back = [*_refunds(refunds), *_disputes(payment, disputes)]
    parts = share_back(by_job, back, payment.currency) if by_job else {}
    return MoneyBack(refunds, disputes, parts)


def _refunds(refunds: Iterable[Refund]) -> Iterator[Back]:
    for refund in refunds:
        if refund.status in REFUND_COUNTS:
            legs = Legs(refund.services_amount, refund.fee_amount)
            name = f"{refund.amount}:{refund.provider_key}:{refund.external_id}"
            key = f"refund:{refund.pk}"
            yield Back(key, legs, refund.share_of_id, (refund.happened_at, name))


def _disputes(payment: Payment, disputes: Iterable[Dispute]) -> Iterator[Back]:
    """Of a payment that counts for nothing already nothing is taken again."""
    if payment.status not in RECEIVED_STATUSES:
        return
    for dispute, legs in legs_of_disputes(payment, disputes):
        order = (dispute.happened_at, f"{dispute.amount}:{dispute.provider_key}")
        yield Back(f"dispute:{dispute.pk}", legs, dispute.share_of_id, order)


def write_shares_back(
    payment: Payment, shares: Sequence[PaymentAllocation], back: MoneyBack
) -> None:
    """Bring the rows that show each job its part to ``back``; only what differs is written.

    A payment of one job has none: its refunds and disputes are the job's own. The caller holds
    the locks of every job that ``payment`` pays.
    """
    if len(shares) < 2:
        return
    known = MoneyBackShare.objects.filter(brand=payment.brand_id, payment=payment)
    rows = {(row.key, row.work_order_id): row for row in known}
    everything: list[Refund | Dispute] = [*back.refunds, *back.disputes]
    for one in everything:
        key = f"{'refund' if isinstance(one, Refund) else 'dispute'}:{one.pk}"
        if one.share_of_id == one.work_order_id:
            continue  # it shows on the one job whose share it takes
        _write(payment, one, key, back.parts.get(key, {}), rows)


def _write(
    payment: Payment,
    one: Refund | Dispute,
    key: str,
    parts: Mapping[int, Legs],
    rows: Mapping[tuple[str, int], MoneyBackShare],
) -> None:
    """The rows of one refund or dispute. One that counts no more keeps its parts, and says so."""
    label = label_of(one, payment)
    common = {"status": one.status, "happened_at": one.happened_at, "label": label}
    mine = {job: row for (name, job), row in rows.items() if name == key}
    for job in sorted({*parts, *mine}):
        legs = parts.get(job, Legs())
        values: dict[str, Any] = dict(common)
        if parts:
            values |= {
                "amount": legs.services + legs.fee,
                "services_amount": legs.services,
                "fee_amount": legs.fee,
            }
        if job in mine:
            save_changes(mine[job], values)
            continue
        MoneyBackShare.objects.create(
            brand_id=payment.brand_id,
            payment=payment,
            work_order_id=job,
            **{"refund" if isinstance(one, Refund) else "dispute": one},
            **values,
        )


def label_of(one: Refund | Dispute, payment: Payment) -> str:
    """The whole refund or dispute, as the feeds of the jobs name it: number and payment."""
    of = f"{payment.work_order.number}-{payment.short_number}"
    return f"R-{one.number} of {of}" if isinstance(one, Refund) else f"Dispute of {of}"

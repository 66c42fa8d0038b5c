"""What lines say of their payments, compared with what the ledger holds of them.

Reads the ledger, never the payments' own amounts: a payment that was not posted is a difference.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q

from accounts.models import Brand
from activity.models import Change
from core.money import ZERO, display
from importing.format.job import Job
from importing.proof.line import OrderKey, Reported, Stored, dispute_id_of, orders_of, reported
from importing.proof.sums import Fact, Sums
from invoicing.models import LedgerEntry, MoneyInFlight
from invoicing.settlement.types import EntryKind, LedgerFigure
from payments.models import Dispute, Payment, PaymentAllocation, ProviderEvent, Refund, RefundOrigin

MONEY_COLUMNS = ("status", "amount", "fee_amount", "currency", "payment_id")


@dataclass(frozen=True)
class Difference:
    """One payment of a line of which the ledger holds another sum; ``held`` None: no payment."""

    job: int
    reported: Reported
    held: Sums | None

    def reason(self, currency: str) -> str:
        """Both figures in words."""
        ours = self.held or Sums()
        lacks = ": there is no payment" if self.held is None else ""
        theirs = _words(self.reported.sums, currency, with_fee=self.has_other_fee)
        text = f"the file says {theirs}; the ledger would hold "
        return f"{text}{_words(ours, currency, with_fee=self.has_other_fee)}{lacks}"

    @property
    def has_other_fee(self) -> bool:
        """Whether the fee is all that differs."""
        ours, theirs = self.held or Sums(), self.reported.sums
        return (ours.received, ours.refunded) == (theirs.received, theirs.refunded)


def _words(sums: Sums, currency: str, *, with_fee: bool) -> str:
    fee = f" (fee {display(sums.fee or ZERO, currency)})" if with_fee else ""
    received, refunded = display(sums.received, currency), display(sums.refunded, currency)
    return f"{received} received{fee}, {refunded} refunded"


def differences(
    brand: Brand, lines: Mapping[int, Job], *, is_new: bool = False
) -> Iterator[Difference]:
    """Each payment of these lines, by job id, of which the ledger holds something else.

    Left out: money in another currency, and what somebody or a provider changed here since.
    ``is_new``: the jobs were written just now, by nobody else. Queries do not grow with the jobs.
    """
    lines = {pk: job for pk, job in lines.items() if job.payments or orders_of(job)}
    if not lines:
        return
    held = Held(brand, list(lines), is_new=is_new)
    stored = _stored(brand, lines.values())
    for pk, job in lines.items():
        for one in reported(job, stored):
            payment = held.payment_of(pk, one)
            if payment is None:
                if one.sums.differs_from(Sums()):
                    yield Difference(pk, one, None)
            elif not held.is_apart(payment) and one.sums.differs_from(held.sums[payment.pk]):
                yield Difference(pk, one, held.sums[payment.pk])


def _stored(brand: Brand, lines: Any) -> Stored:
    """The steps that are here of the orders that these lines name."""
    orders = {order for job in lines for order in orders_of(job)}
    if not orders:
        return {}
    rows = ProviderEvent.objects.filter(brand=brand, order_id__in={o for _, o in orders})
    found: defaultdict[OrderKey, dict[str, Fact]] = defaultdict(dict)
    for row in rows:
        if row.currency in ("", brand.currency):
            named = row.data.get("refund_id")
            refund_id = str(named).strip() if isinstance(named, str | int) else ""
            dispute = dispute_id_of(row.data)
            fact = Fact(row.status, row.happened_at, row.amount, row.fee_amount, refund_id, dispute)
            found[row.provider, row.order_id][row.event_id] = fact
    return found


class Held:
    """What the ledger holds of the payments of some jobs, whatever jobs they pay."""

    def __init__(self, brand: Brand, jobs: list[int], *, is_new: bool) -> None:
        self.brand = brand
        self._is_new = is_new
        self._payments = list(Payment.objects.filter(brand=brand, work_order__in=jobs))
        ids = [payment.pk for payment in self._payments]
        self.sums = _sums(brand, ids) if ids else {}
        self._changed = set() if is_new or not ids else _changed_here(ids)
        self._by_key = {(p.work_order_id, p.external_id): p for p in self._payments}
        self._by_order = {
            (p.work_order_id, p.provider, p.provider_order_id): p for p in self._payments
        }

    def payment_of(self, job: int, one: Reported) -> Payment | None:
        """The payment that a line tells of."""
        if one.order is None:
            return self._by_key.get((job, one.key))
        return self._by_order.get((job, *one.order))

    def is_apart(self, payment: Payment) -> bool:
        """Whether the file alone does not say what the ledger should hold of it."""
        return payment.currency != self.brand.currency or payment.pk in self._changed


def _sums(brand: Brand, payments: list[int]) -> dict[int, Sums]:
    """What came and what was refunded, of each payment; refunds count once they are queued."""
    totals: dict[int, dict[LedgerFigure, Decimal]] = {
        pk: {LedgerFigure.RECEIVED: ZERO, LedgerFigure.REFUNDED: ZERO} for pk in payments
    }
    fees = dict.fromkeys(payments, ZERO)
    names = {f"payment:{pk}": pk for pk in payments}
    columns = ("payment", "services_amount", "fee_amount")
    entries = LedgerEntry.objects.filter(brand=brand, payment__in=names)
    for kind, name, services, fee in entries.values_list("kind", *columns):
        one = EntryKind(kind)
        if one.figure in totals[names[name]]:
            totals[names[name]][one.figure] += one.sign * (services + fee)
            fees[names[name]] += one.sign * fee if one.figure == LedgerFigure.RECEIVED else ZERO
    jobs = PaymentAllocation.objects.filter(payment__in=payments).values("work_order")
    leaving = MoneyInFlight.objects.filter(
        brand=brand, work_order__in=jobs, payment__in=names, is_refund=True
    )
    for name, services, fee in leaving.values_list(*columns):
        totals[names[name]][LedgerFigure.REFUNDED] += services + fee
    return {
        pk: Sums(figures[LedgerFigure.RECEIVED], figures[LedgerFigure.REFUNDED], fees[pk])
        for pk, figures in totals.items()
    }


def _changed_here(payments: list[int]) -> set[int]:
    """The payments whose money somebody or a provider moved here since they were imported."""
    rows: dict[str, dict[int, int]] = {"payments.payment": {pk: pk for pk in payments}}
    apart: set[int] = set()
    for entity, model in (("payments.refund", Refund), ("payments.dispute", Dispute)):
        mine = model._default_manager.filter(payment__in=payments)
        rows[entity] = dict(mine.values_list("pk", "payment_id"))
    asked = Refund.objects.filter(payment__in=payments, origin=RefundOrigin.PERSON)
    apart |= set(asked.values_list("payment_id", flat=True))
    wanted = Q()
    for entity, ids in rows.items():
        wanted |= Q(entity=entity, object_id__in=ids)
    for change in Change.objects.filter(wanted, imported=False):
        if _moves_money(change):
            apart.add(rows[change.entity][change.object_id])
    return apart


def _moves_money(change: Change) -> bool:
    before, after = change.before or {}, change.after or {}
    if not before:  # a payment that events made is known by these
        return change.entity != "payments.payment"
    return any(before.get(name) != after.get(name) for name in MONEY_COLUMNS)

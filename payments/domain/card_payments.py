"""The card payments of a job: their parts and their quotes, brought to what the facts say.

``payments.domain.card_split`` works it out; here is what it needs of the rows, and what is written
where it differs. Money that is reported late, and dated before other money, moves what came after
it: whoever changes money of a job brings all its card payments along, under the job's lock.

A payment over several jobs keeps the parts that its shares name, and is quoted for all of its
services: what is open on one job would else decide what another one owes.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from activity import actors
from core import clock
from core.money import ZERO
from invoicing.domain import follow_charges, revisions
from invoicing.domain.allocate import Legs, quote_shares
from invoicing.models import FeeDecision, FeePolicy, InvoiceKind, InvoiceRevision, LedgerEntry
from invoicing.settlement.types import EntryKind, LedgerFigure, Ruling, Uncollected, kinds_of
from payments.domain.allocations import Share, allocate
from payments.domain.card_split import Back, Bills, Came, Issued, Split, parts_of, splits
from payments.domain.disputes import lost_at, lost_disputes
from payments.domain.fee_quote import CAME, Quoter, may_owe
from payments.domain.money_back import money_back
from payments.domain.status import save_changes
from payments.models import (
    REFUND_COUNTS,
    Method,
    Payment,
    PaymentAllocation,
    PaymentStatus,
    Refund,
    RefundOrigin,
)
from workorders.models import WorkOrder

CREDITS = kinds_of(LedgerFigure.CREDITS)


def follow(job: WorkOrder, *mine: Payment) -> list[Payment]:
    """Write parts and quotes of the card payments of ``job`` where they differ; answers those.

    ``mine`` are payments that the caller holds: these objects are kept up to date. They are not
    among the answers. The caller holds the job's lock, and posts.
    """
    table = _Table(job, mine)
    measured = table.measured()
    changed = []
    for payment in table.payments.values():
        if payment.pk in table.shared:
            continue
        if _write(table, payment, measured.get(payment.pk)) and payment not in mine:
            changed.append(payment)
    return changed


def quote_shared(payment: Payment) -> None:
    """Write the quote of a payment over several jobs, if it differs."""
    quoter = Quoter(payment, list(FeePolicy.objects.filter(brand=payment.brand_id)))
    fee = quoter(payment.services_amount) if may_owe(payment) else None
    save_changes(payment, {**_quote_values(fee, quoter), "fee_base": None})


def parts_of_new(job: WorkOrder, payment: Payment) -> tuple[Decimal, Decimal]:
    """Services and fee of a payment of ``job`` as it is about to be written, saved or not."""
    table = _Table(job, [payment])
    split = table.measured().get(payment.pk)
    return (split.services, split.fee) if split else (payment.services_amount, payment.fee_amount)


def waits_for_bill(job: WorkOrder) -> bool:
    """Whether card money came for ``job`` before anything was billed, and is not measured yet."""
    rows = Payment.objects.filter(work_order=job, method=Method.CARD, status__in=CAME)
    follows = Q(is_fee_reported=False) | Q(fee_amount=0)
    return rows.filter(follows, fee_base=None).exists()


# What is written -----------------------------------------------------------------------------


def _write(table: "_Table", payment: Payment, split: Split | None) -> bool:
    if split is None:
        quote: dict[str, Any] = {"fee_expected": None, "uncollected": "", "fee_base": None}
        return bool(save_changes(payment, quote))
    values = {
        "services_amount": split.services,
        "fee_amount": split.fee,
        "fee_base": split.base,
        "bill_as_of": table.fallback.get(payment.pk, payment.bill_as_of),
        **_quote_values(split.quote, table.quoters[payment.pk]),
    }
    changed = save_changes(payment, values)
    is_moved = bool({"services_amount", "fee_amount", "fee_base"} & set(changed))
    if is_moved:
        allocate(payment, {table.job.pk: Share(split.services, split.fee)})
    # Of an import without events nobody else splits what went back.
    if not payment.is_fee_reported and (is_moved or not payment.provider_events.exists()):
        _share_refunds(payment)
    return bool(changed)


def _quote_values(fee: Decimal | None, quoter: Quoter) -> dict[str, Any]:
    return {
        "fee_expected": fee,
        "uncollected": "" if fee is None else quoter.uncollected.value,
    }


def _share_refunds(payment: Payment) -> None:
    """Split what went back anew: what a refund returns follows from the parts of its payment."""
    counted = [r for r in _refunds_in_order(payment.refunds.all()) if r.status in REFUND_COUNTS]
    backs = [Back(refund.happened_at, refund.amount) for refund in counted]
    money = payment.services_amount, payment.fee_amount, payment.currency, payment.surplus
    parts = parts_of(backs, *money)
    for refund, (services, fee) in zip(counted, parts, strict=True):
        save_changes(refund, {"services_amount": services, "fee_amount": fee})


def _refunds_in_order(refunds: Iterable[Refund]) -> list[Refund]:
    """As the fold splits them: those that somebody here asked for before the provider's own."""
    return sorted(
        refunds,
        key=lambda r: (r.origin == RefundOrigin.PROVIDER, r.happened_at, r.provider_key, r.pk),
    )


# What is read --------------------------------------------------------------------------------


@dataclass
class _Table:
    """The money of one job, as the rows have it; ``mine`` instead of their rows."""

    job: WorkOrder
    mine: Sequence[Payment]
    payments: dict[int | None, Payment] = field(default_factory=dict)
    # What of a payment over several jobs pays this one.
    shared: dict[int | None, PaymentAllocation] = field(default_factory=dict)
    quoters: dict[int | None, Quoter] = field(default_factory=dict)
    # The moment whose bill counts, of those paid before anything was billed.
    fallback: dict[int | None, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        held = {payment.pk: payment for payment in self.mine}
        rows = PaymentAllocation.objects.filter(brand=self.job.brand_id, work_order=self.job)
        for row in rows.select_related("payment").order_by("payment_id"):
            payment = held.get(row.payment_id, row.payment)
            payment.brand = self.job.brand
            self.payments[payment.pk] = payment
            self.shared[payment.pk] = row
        everywhere = PaymentAllocation.objects.filter(payment__in=list(self.shared))
        elsewhere = everywhere.exclude(work_order=self.job).values_list("payment_id", flat=True)
        for pk in self.shared.keys() - set(elsewhere):
            del self.shared[pk]
            self.payments[pk].work_order = self.job
        for payment in self.mine:
            self.payments.setdefault(payment.pk, payment)

    def measured(self) -> dict[int | None, Split]:
        """The split of each card payment that pays this job alone, by id."""
        came = [p for p in self.payments.values() if self._counts(p)]
        cards = [p for p in came if may_owe(p) and p.pk not in self.shared]
        if not cards:
            return {}
        policies = list(FeePolicy.objects.filter(brand=self.job.brand_id))
        self.quoters = {p.pk: Quoter(p, policies) for p in cards}
        bills = self._bills()
        backs = _Backs.of(self.job, came, self.shared) if len(came) > 1 else _Backs()
        rows = [self._came(payment, bills, backs) for payment in came]
        answers = splits(rows, bills, self.job.brand.currency)
        return {p.pk: answers[_key(p)] for p in cards}

    def _counts(self, payment: Payment) -> bool:
        return payment.status in CAME and payment.currency == self.job.brand.currency

    def _came(self, payment: Payment, bills: Bills, backs: "_Backs") -> Came:
        at = payment.paid_at or payment.happened_at
        lost = backs.lost.get(payment.pk, ())
        common: dict[str, Any] = {
            "key": _key(payment),
            "at": at,
            "rank": _rank(payment),
            "refunds": backs.refunds.get(payment.pk, ()),
            "lost": lost,
            # Taken back, but nobody knows when: as if it never came.
            "is_gone": payment.status == PaymentStatus.CHARGED_BACK and not lost,
            "rulings": backs.rulings.get(_key(payment), ()),
        }
        if (share := self.shared.get(payment.pk)) is not None:
            return Came(**common, **_of_share(payment, share))
        if (quoter := self.quoters.get(payment.pk)) is None:
            return Came(services=payment.services_amount, fee=payment.fee_amount, **common)
        is_reported = payment.is_fee_reported
        return Came(
            **common,
            services=payment.services_amount if is_reported else payment.amount,
            fee=payment.fee_amount if is_reported else None,
            quote=quoter,
            as_of=self._as_of(payment, at, bills),
            is_quoted=quoter.before is not None,
            uncollected=quoter.uncollected,
        )

    def _as_of(self, payment: Payment, at: datetime, bills: Bills) -> datetime | None:
        """The moment whose bill counts: when it was paid.

        Where nothing was billed by then, it is when the payment first met a bill, and stays so.
        """
        since = bills.since()
        if payment.bill_as_of is not None or since is None:
            return payment.bill_as_of
        if since <= at:
            return at
        moment = self.fallback[payment.pk] = max(since, _now())
        return moment

    def _bills(self) -> Bills:
        mine = {"brand": self.job.brand_id, "work_order": self.job}
        rows = InvoiceRevision.objects.filter(**mine, invoice__kind=InvoiceKind.STANDARD)
        columns = "happened_at", "invoice_id", "number", "services_total", "tax_total"
        issued = [
            Issued(at, bill, number, services + tax, voided_at)
            for at, bill, number, services, tax, voided_at in rows.values_list(
                *columns, "invoice__voided_at"
            )
        ]
        used = LedgerEntry.objects.filter(**mine, kind__in=CREDITS)
        entries = used.values_list("happened_at", "kind", "services_amount")
        credits = [(at, EntryKind(kind).sign * amount) for at, kind, amount in entries]
        return Bills(issued, credits, lambda: _draft_of(self.job))


def _key(payment: Payment) -> str:
    return f"payment:{payment.pk}"


def _rank(payment: Payment) -> tuple[str, ...]:
    """Who was first of two that came at one moment: nothing that depends on which arrived first."""
    name = payment.provider_order_id or payment.external_id
    return payment.provider, name, f"{payment.number:09d}"


def _now() -> datetime:
    """Now, or when an import says that it happened."""
    acting = actors.current()
    return acting.at if acting and acting.imported and acting.at else clock.now()


def _draft_of(job: WorkOrder) -> Decimal:
    """What the draft of ``job`` would ask for; zero without one."""
    documents = follow_charges.read(job)
    if documents.draft is None and documents.invoices:
        return ZERO
    return max(ZERO, revisions.sum_of(documents.unbilled(), job.brand.currency))


def _of_share(payment: Payment, share: PaymentAllocation) -> dict[str, Any]:
    """What of a payment over several jobs is on this one, with its part of the quote."""
    values = {"services": share.services_amount, "fee": share.fee_amount}
    if payment.fee_expected is None:
        return values
    rows = sorted(payment.allocations.all(), key=lambda row: row.work_order_id)
    held = {row.pk: Legs(row.services_amount, row.fee_amount) for row in rows}
    part = quote_shares(payment.fee_expected, held, payment.currency)[share.pk]
    uncollected = Uncollected(payment.uncollected or Uncollected.ABSORB)
    return {**values, "quote": lambda _: part, "is_quoted": True, "uncollected": uncollected}


@dataclass
class _Backs:
    """What went back of payments, by their ids, and what was decided of their fees, by key."""

    refunds: dict[int | None, list[Back]] = field(default_factory=dict)
    lost: dict[int | None, list[Back]] = field(default_factory=dict)
    rulings: dict[str, list[tuple[datetime, Ruling]]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, job: WorkOrder, payments: Sequence[Payment], shared: Container[int | None]
    ) -> "_Backs":
        """Of all of these, what left their shares of ``job``; ``shared`` pay other jobs, too."""
        answer = cls()
        for payment in payments:
            if payment.pk in shared:
                answer._add_shares(job, payment)
            elif payment.pk:
                answer._add(payment)
        decided = FeeDecision.objects.filter(brand=job.brand_id, work_order=job).order_by("pk")
        for row in decided:
            ruling = Ruling(row.payment, row.bill, row.amount)
            answer.rulings.setdefault(row.payment, []).append((row.happened_at, ruling))
        return answer

    def _add(self, payment: Payment) -> None:
        """Refunds of a payment whose fee nobody reported follow from its parts, as disputes do."""
        for refund in _refunds_in_order(payment.refunds.filter(status__in=REFUND_COUNTS)):
            is_known = payment.is_fee_reported
            parts = (refund.services_amount, refund.fee_amount) if is_known else None
            row = Back(refund.happened_at, refund.amount, parts)
            self.refunds.setdefault(payment.pk, []).append(row)
        for dispute in lost_disputes(payment.disputes.all()):
            row = Back(lost_at(dispute), dispute.amount)
            self.lost.setdefault(payment.pk, []).append(row)

    def _add_shares(self, job: WorkOrder, payment: Payment) -> None:
        back = money_back(payment)
        rows: list[tuple[datetime, str, dict[int | None, list[Back]]]] = [
            *((r.happened_at, f"refund:{r.pk}", self.refunds) for r in back.refunds),
            *((lost_at(d), f"dispute:{d.pk}", self.lost) for d in back.disputes),
        ]
        for at, key, where in rows:
            if legs := back.of(key, job.pk):
                row = Back(at, legs.services + legs.fee, (legs.services, legs.fee))
                where.setdefault(payment.pk, []).append(row)

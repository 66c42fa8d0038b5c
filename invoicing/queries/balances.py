"""What lists read of balances: the rollup that ``invoicing.domain.rollup`` keeps beside each job.

Nothing is summed here but whole columns of it: a list's figure is the sum of the rows under it.
Amounts are in the brand's currency.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum, Value

from accounts.models import Brand
from core.money import ZERO, quantize
from invoicing.models import (
    ClientCredit,
    InvoiceBalance,
    InvoiceKind,
    InvoiceStatus,
    JobBalance,
)
from invoicing.queries import to_bill
from invoicing.settlement.types import Word

OUTSTANDING, OVERPAID, UNCOLLECTED = "outstanding", "overpaid", "fee_uncollected"
# key → (label, condition on JobBalance). Each is a partial index of its table.
FILTERS: dict[str, tuple[str, Q]] = {
    OUTSTANDING: ("Outstanding", Q(status=InvoiceStatus.ISSUED, amount_due__gt=0)),
    OVERPAID: ("Overpaid", Q(balance__lt=0)),
    UNCOLLECTED: ("Fee not collected", Q(fee_uncollected__gt=0)),
}
_FIGURES = (
    *("services", "fee_kept", "fee_due", "fee_expected", "fee_uncollected", "billed", "credits"),
    *("received", "refunded", "pending", "balance", "amount_due"),
)


def such_jobs(brand: Brand, key: str) -> Q:
    """A filter on WorkOrder: those whose balance is as ``key`` says. KeyError."""
    return Q(pk__in=_such(brand, key).values("work_order_id"))


def counts(brand: Brand) -> dict[str, int]:
    """How many jobs each filter finds; one query, each part from its partial index."""
    parts = [
        _such(brand, key)
        .order_by()
        .values("brand")
        .annotate(key=Value(key), jobs=Count("pk"))
        .values_list("key", "jobs")
        for key in FILTERS
    ]
    by_key = dict(parts[0].union(*parts[1:], all=True))
    return {key: by_key.get(key, 0) for key in FILTERS}


def _such(brand: Brand, key: str) -> QuerySet[JobBalance]:
    return JobBalance.objects.filter(FILTERS[key][1], brand=brand)


def of_jobs(brand: Brand, work_order_ids: Collection[int]) -> dict[int, JobBalance]:
    """Each job's figures; zeros and *Nothing due* where nothing was ever billed. One query."""
    rows = JobBalance.objects.filter(brand=brand, work_order__in=set(work_order_ids))
    by_job = {row.work_order_id: row for row in rows}
    return {pk: by_job.get(pk) or _nothing(brand, pk) for pk in work_order_ids}


def _nothing(brand: Brand, work_order_id: int) -> JobBalance:
    zeros = {name: quantize(ZERO, brand.currency) for name in _FIGURES}
    return JobBalance(
        brand=brand,
        work_order_id=work_order_id,
        status=InvoiceStatus.DRAFT,
        word=Word.NOTHING_DUE.value,
        **zeros,
    )


@dataclass(frozen=True)
class ClientMoney:
    """What all jobs of one client come to, and what credit they have with the brand.

    ``owed`` is due on issued invoices. ``unissued`` is on no issued invoice: on drafts, or of void
    bills. ``beside`` is the part of it on drafts next to an issued invoice, ``void`` that of void
    bills: no job's balance counts those (docs/decisions/004). ``overpaid`` is what invoices hold
    too much, ``credit`` what is left of the client's credit.
    """

    owed: Decimal
    unissued: Decimal
    beside: Decimal
    void: Decimal
    overpaid: Decimal
    credit: Decimal


def of_clients(brand: Brand, client_ids: Collection[int]) -> dict[int, ClientMoney]:
    """The sums of each client, zeros for those without jobs. Four queries, whatever the number."""
    ids = set(client_ids)
    jobs = {
        client: sums
        for client, *sums in JobBalance.objects.filter(brand=brand, work_order__client__in=ids)
        .order_by()
        .values_list("work_order__client")
        .annotate(
            owed=Sum("amount_due", filter=Q(status=InvoiceStatus.ISSUED), default=ZERO),
            unissued=Sum("amount_due", filter=Q(status=InvoiceStatus.DRAFT), default=ZERO),
            over=Sum(F("amount_due") - F("balance"), default=ZERO),
        )
    }
    left = dict(
        ClientCredit.objects.filter(brand=brand, client__in=ids)
        .order_by()
        .values_list("client_id")
        .annotate(left=Sum("amount") - Sum("used") - Sum("returned"))
    )

    drafts, void = _drafts_beside(brand, ids), to_bill.of_clients(brand, ids)

    def money(pk: int) -> ClientMoney:
        owed, unissued, over = jobs.get(pk, (ZERO, ZERO, ZERO))
        beside, gone = drafts.get(pk, ZERO), void.get(pk, ZERO)
        sums = (owed, unissued + beside + gone, beside, gone, over, left.get(pk, ZERO))
        return ClientMoney(*(quantize(amount, brand.currency) for amount in sums))

    return {pk: money(pk) for pk in ids}


def _drafts_beside(brand: Brand, client_ids: Collection[int]) -> dict[int, Decimal]:
    """What each client's drafts next to an issued invoice ask for: ``JobBalance`` leaves it out."""
    rows = InvoiceBalance.objects.filter(
        brand=brand,
        invoice__brand=brand,
        invoice__kind=InvoiceKind.STANDARD,
        invoice__status=InvoiceStatus.DRAFT,
        invoice__work_order__client__in=client_ids,
        invoice__work_order__figures__status=InvoiceStatus.ISSUED,
    )
    by_client = rows.order_by().values_list("invoice__work_order__client")
    return dict(by_client.annotate(asked=Sum("amount_due")))

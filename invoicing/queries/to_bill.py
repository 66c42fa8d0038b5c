"""Charges that are on no issued invoice: on a draft, or of a void bill. From the rollup of items.

A job that was cancelled before anybody confirmed it has some, too: it owes nothing by them.
Amounts are in the brand's currency, tax included.
"""

from collections.abc import Collection
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from accounts.models import Brand
from core.money import ZERO, quantize
from invoicing.models import Item, ItemStatus

TO_BILL = "to_bill"
LABEL = "To bill"


def waiting(brand: Brand) -> QuerySet[Item]:
    """The items of the brand's charges that no issued invoice bills; what costs nothing aside."""
    return Item.objects.filter(brand=brand, status=ItemStatus.NOT_INVOICED).exclude(total=0)


def such_jobs(brand: Brand) -> Q:
    """A filter on WorkOrder: those that have something to bill."""
    return Q(pk__in=waiting(brand).values("work_order_id"))


def count(brand: Brand) -> int:
    """How many jobs have something to bill."""
    return waiting(brand).order_by().values("work_order_id").distinct().count()


def of_jobs(brand: Brand, work_order_ids: Collection[int]) -> dict[int, Decimal]:
    """What each job has to bill; jobs that have nothing are left out. One query."""
    rows = waiting(brand).filter(work_order__in=set(work_order_ids))
    return _sums(brand, rows, "work_order_id")


def of_void_bills(brand: Brand, work_order_id: int) -> Decimal:
    """What of a job void bills asked for and no document bills now, no draft either."""
    rows = waiting(brand).filter(work_order=work_order_id, invoice=None)
    whole = rows.aggregate(sum=Sum("total"))["sum"]
    return quantize(whole or ZERO, brand.currency)


def of_clients(brand: Brand, client_ids: Collection[int]) -> dict[int, Decimal]:
    """What of each client's jobs is on no document: what void bills asked for. One query."""
    rows = waiting(brand).filter(work_order__client__in=set(client_ids), invoice=None)
    return _sums(brand, rows, "work_order__client")


def _sums(brand: Brand, rows: QuerySet[Item], by: str) -> dict[int, Decimal]:
    sums = rows.order_by().values_list(by).annotate(Sum("total"))
    return {pk: quantize(amount, brand.currency) for pk, amount in sums}

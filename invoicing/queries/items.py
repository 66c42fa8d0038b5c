"""What everybody reads of items: the brand's lists, and sums by status. From the rollup alone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet, Sum

from accounts.models import Brand
from core.money import quantize, total
from invoicing.models import Fulfilment, Item, ItemStatus
from workorders.models import WorkOrder


@dataclass(frozen=True)
class StatusSum:
    """The items of one status: how many, what they ask for and what of it is covered."""

    status: ItemStatus
    count: int
    total: Decimal
    covered: Decimal

    @property
    def open(self) -> Decimal:
        """What is not covered. Below zero for discounts whose bill is not paid."""
        return self.total - self.covered


@dataclass(frozen=True)
class Summary:
    """Items by status, in the brand's currency; statuses without any are left out.

    Its sums are those of the settlements: what a void bill asked for is in none of them.
    """

    rows: list[StatusSum]
    count: int
    total: Decimal
    covered: Decimal


def summary(
    brand: Brand, *, work_order_ids: Collection[int] | None = None, client_id: int | None = None
) -> Summary:
    """Items by status of some jobs, of a client, or of the whole brand. One query."""
    rows = Item.objects.filter(brand=brand)
    if work_order_ids is not None:
        rows = rows.filter(work_order__in=work_order_ids)
    if client_id is not None:
        rows = rows.filter(work_order__in=_jobs_of(brand, client_id))
    return _summary(brand, _cells(rows))


def summarise(brand: Brand, items: Iterable[Item]) -> Summary:
    """``summary`` of items that are read already: those of one job on its page. No query."""
    return _summary(brand, [_cell_of(item) for item in items])


def _cell_of(item: Item) -> "Cell":
    alike = (ItemStatus(item.status), Fulfilment(item.fulfilment), item.total > 0)
    return Cell(*alike, item.invoice_id is not None, 1, item.total, item.covered)


def _jobs_of(brand: Brand, client_id: int) -> QuerySet[WorkOrder, int]:
    jobs = WorkOrder.objects.filter(brand=brand, client=client_id)
    return jobs.values_list("pk", flat=True)


# Lists -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ItemList:
    """One list of a brand's items. ``asks``: only lines that ask for money.

    ``oldest_first`` is for those that somebody works through.
    """

    label: str
    statuses: frozenset[ItemStatus]
    fulfilment: Fulfilment | None = None
    asks: bool = False
    oldest_first: bool = False

    @property
    def order(self) -> list[str]:
        """What the list is paged by."""
        return ["id"] if self.oldest_first else ["-id"]

    def has(self, cell: "Cell") -> bool:
        """Whether the items of ``cell`` are on this list; the same as ``wanted``."""
        fits = self.fulfilment in (None, cell.fulfilment) and cell.status in self.statuses
        return fits and (cell.asks or not self.asks)

    @property
    def wanted(self) -> Q:
        """Which items are on this list."""
        condition = Q(asks=True) if self.asks else Q()
        if self.fulfilment is not None:
            condition &= Q(fulfilment=self.fulfilment)
        if self.statuses != ANY:
            condition &= Q(status__in=sorted(self.statuses))
        return condition


ANY = frozenset(ItemStatus)
PAID = frozenset({ItemStatus.FULLY_PAID})
LISTS: dict[str, ItemList] = {
    # What was paid and went back is due again.
    "unpaid": ItemList("Unpaid", frozenset({ItemStatus.INVOICED, ItemStatus.REFUNDED}), asks=True),
    "deposits": ItemList("Deposits", frozenset({ItemStatus.DEPOSIT_PAID}), asks=True),
    "ready": ItemList("Ready to order", PAID, Fulfilment.CLIENT_PAID, oldest_first=True),
    # Nobody should order what is not paid any more, and nobody should forget it.
    "hold": ItemList("On hold", ANY - PAID, Fulfilment.CLIENT_PAID, oldest_first=True),
    "ordered": ItemList("Ordered", ANY, Fulfilment.ORDERED, oldest_first=True),
    "delivered": ItemList("Delivered", ANY, Fulfilment.DELIVERED),
    # On a draft, or of a void bill.
    "not_issued": ItemList("Not issued", frozenset({ItemStatus.NOT_INVOICED})),
}


# What a row of a list shows; jobs and invoices have many more columns.
SHOWN = (
    *("brand_id", "description", "total", "covered", "status", "fulfilment"),
    *("work_order__number", "work_order__client__name", "invoice__issued_at"),
)


def listed(brand: Brand, name: str) -> QuerySet[Item]:
    """The items of one of LISTS with what its page shows of them, in no order."""
    rows = _asking(Item.objects.filter(brand=brand)).filter(LISTS[name].wanted)
    return rows.select_related("work_order__client", "invoice").only(*SHOWN)


def chosen(brand: Brand, ids: Collection[int]) -> list[Item]:
    """Those of ``ids`` that are items of the brand, with what a page shows of them."""
    rows = Item.objects.filter(brand=brand, pk__in=ids)
    return list(rows.select_related("work_order__client").order_by("id"))


@dataclass(frozen=True)
class ListSum:
    """How many items are on a list, what they ask for and what of it is covered."""

    count: int
    total: Decimal
    covered: Decimal

    @property
    def open(self) -> Decimal:
        """What is not covered."""
        return self.total - self.covered


@dataclass(frozen=True)
class Overview:
    """A brand's items by list and by status."""

    lists: dict[str, ListSum]
    summary: Summary


def overview(brand: Brand) -> Overview:
    """Counts and sums of each of LISTS, and of each status. One query."""
    cells = _cells(Item.objects.filter(brand=brand))
    sums = {
        name: _list_sum(brand, [cell for cell in cells if wanted.has(cell)])
        for name, wanted in LISTS.items()
    }
    return Overview(sums, _summary(brand, cells))


@dataclass(frozen=True)
class Cell:
    """Items that are alike in all that lists and summaries distinguish."""

    status: ItemStatus
    fulfilment: Fulfilment
    asks: bool
    on_a_bill: bool
    count: int
    total: Decimal
    covered: Decimal


def _asking(rows: QuerySet[Item]) -> QuerySet[Item]:
    return rows.annotate(asks=ExpressionWrapper(Q(total__gt=0), BooleanField()))


def _cells(rows: QuerySet[Item]) -> list[Cell]:
    billed = ExpressionWrapper(Q(invoice__isnull=False), BooleanField())
    alike = _asking(rows).annotate(on_a_bill=billed).order_by()
    sums = alike.values_list("status", "fulfilment", "asks", "on_a_bill").annotate(
        Count("pk"), Sum("total"), Sum("covered")
    )
    return [Cell(ItemStatus(cell[0]), Fulfilment(cell[1]), *cell[2:]) for cell in sums]


def _list_sum(brand: Brand, cells: Collection[Cell]) -> ListSum:
    whole, covered = _sums(brand, cells)
    return ListSum(sum(cell.count for cell in cells), whole, covered)


def _summary(brand: Brand, cells: Iterable[Cell]) -> Summary:
    billed = [cell for cell in cells if cell.on_a_bill]
    rows = []
    for status in ItemStatus:
        mine = [cell for cell in billed if cell.status == status]
        if mine:
            rows.append(StatusSum(status, sum(c.count for c in mine), *_sums(brand, mine)))
    return Summary(rows, sum(row.count for row in rows), *_sums(brand, billed))


def _sums(brand: Brand, cells: Collection[Cell]) -> tuple[Decimal, Decimal]:
    whole = total((cell.total for cell in cells), brand.currency)
    return whole, quantize(sum((cell.covered for cell in cells), Decimal(0)), brand.currency)

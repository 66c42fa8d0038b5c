"""The list of jobs: what its URL asks for, and its rows in a constant number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Max, Q, QuerySet
from django.http import QueryDict

from accounts.models import Brand
from activity.models import Thread
from console.lists.search import matching_jobs
from core import clock
from core.money import ZERO
from invoicing.models import JobBalance
from invoicing.queries import balances, to_bill
from payments.queries import REASONS, Attention, attention, attention_of
from ui.lists import Params, between
from workorders.models import Origin, WorkOrder, WorkOrderStatus
from workorders.queries import work_orders

ATTENTION, ALL, UPCOMING = "attention", "all", "upcoming"
VIEWS = {
    ATTENTION: "Needs attention",
    **{key: label for key, (label, _) in balances.FILTERS.items()},
    to_bill.TO_BILL: to_bill.LABEL,
    UPCOMING: "Upcoming",
    ALL: "All",
}
PUBLISHED = {"yes": "Published", "no": "Not published"}

# When the job was booked never is NULL and never changes, so a page's edge stays where it was;
# scheduled_for is empty for many jobs and moves. Upcoming jobs have one by definition.
NEWEST_FIRST = ["-happened_at", "-id"]
SOONEST_FIRST = ["scheduled_for", "id"]


@dataclass(frozen=True)
class JobFilters:
    """The list as its URL states it. ``since`` and ``until`` are days of ``scheduled_for``."""

    view: str = ATTENTION
    reason: str = ""
    status: str = ""
    origin: str = ""
    published: str = ""
    inspector: str = ""
    since: date | None = None
    until: date | None = None
    text: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def narrows(self) -> bool:
        """Whether something besides the view is set."""
        return bool(self.refined or self.text or self.reason)

    @property
    def refined(self) -> bool:
        """Whether a field of the filter form is set: the form is open then."""
        named = (self.status, self.origin, self.published, self.inspector, self.since, self.until)
        return any(named)

    @property
    def order(self) -> list[str]:
        """Columns that the list is paged by."""
        return SOONEST_FIRST if self.view == UPCOMING else NEWEST_FIRST


def parse(query: QueryDict) -> JobFilters:
    """Read a URL. A search without a view searches all jobs, not only those with trouble."""
    params = Params(query)
    text = params.text("q")
    reason = params.choice("reason", REASONS)
    default = ALL if text and not reason else ATTENTION
    return JobFilters(
        view=params.choice("view", VIEWS, default),
        reason=reason,
        status=params.choice("status", dict(WorkOrderStatus.choices)),
        origin=params.choice("origin", dict(Origin.choices)),
        published=params.choice("published", PUBLISHED),
        inspector=params.text("inspector"),
        since=params.day("since"),
        until=params.day("until"),
        text=text,
        errors=params.errors,
    )


def jobs(brand: Brand, filters: JobFilters) -> QuerySet[WorkOrder]:
    """The jobs that ``filters`` ask for, in no order."""
    return work_orders(brand).filter(_view(brand, filters), _fields(brand, filters))


def _view(brand: Brand, filters: JobFilters) -> Q:
    if filters.view == ATTENTION:
        return attention(brand, filters.reason)
    if filters.view in balances.FILTERS:
        return balances.such_jobs(brand, filters.view)
    if filters.view == to_bill.TO_BILL:
        return to_bill.such_jobs(brand)
    if filters.view == UPCOMING:
        return Q(scheduled_for__gte=clock.now()) & ~Q(status=WorkOrderStatus.CANCELLED)
    return Q()


def _fields(brand: Brand, filters: JobFilters) -> Q:
    wanted = between("scheduled_for", filters.since, filters.until, brand.time_zone)
    if filters.status:
        wanted &= Q(status=filters.status)
    if filters.origin:
        wanted &= Q(origin=filters.origin)
    if filters.published:
        wanted &= Q(published_at__isnull=filters.published == "no")
    if filters.inspector:
        wanted &= Q(inspector=filters.inspector)
    if filters.text:
        wanted &= matching_jobs(brand, filters.text)
    return wanted


def inspectors(brand: Brand) -> list[str]:
    """Everybody who inspects for the brand, by name."""
    rows = WorkOrder.objects.filter(brand=brand).exclude(inspector="")
    return list(rows.order_by("inspector").values_list("inspector", flat=True).distinct()[:500])


@dataclass(frozen=True)
class JobRow:
    """One job of a list, with its figures as they were last settled.

    ``to_bill`` is what its charges come to that are on no issued invoice.
    """

    job: WorkOrder
    money: JobBalance
    to_bill: Decimal
    reasons: Sequence[Attention]
    last_payment_at: datetime | None


def rows(brand: Brand, jobs: Sequence[WorkOrder], *, reasons: bool = True) -> list[JobRow]:
    """``jobs`` with their figures. The number of queries does not depend on how many there are."""
    ids = [job.pk for job in jobs]
    if not ids:
        return []
    money, waits = balances.of_jobs(brand, ids), to_bill.of_jobs(brand, ids)
    active = last_payment_activity(brand, ids)
    why = attention_of(brand, ids) if reasons else {}
    return [
        JobRow(
            job,
            money[job.pk],
            waits.get(job.pk, ZERO),
            why.get(job.pk, ()),
            active.get(job.pk),
        )
        for job in jobs
    ]


def last_payment_activity(brand: Brand, ids: Sequence[int]) -> dict[int, datetime]:
    """When something last happened to the money of each job; missing where nothing did."""
    threads = Thread.objects.filter(
        brand_id=brand.pk, work_order_id__in=ids, payment_view=True
    ).values_list("work_order_id")
    return {pk: at for pk, at in threads.annotate(Max("last_at")) if pk is not None}

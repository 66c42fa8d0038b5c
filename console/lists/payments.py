"""The brand's list of payments: what its URL asks for, its sums, and its rows for a spreadsheet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum
from django.http import QueryDict

from accounts.models import Brand
from console.lists.search import matching_payments
from core import moments
from core.money import quantize
from payments.models import (
    PENDING_STATUSES,
    RECEIVED_STATUSES,
    REFUND_COUNTS,
    Method,
    Payment,
    PaymentStatus,
    Refund,
)
from payments.providers import registry
from payments.queries import taken_by_lost_disputes
from ui.lists import Params, between

NEWEST_FIRST = ["-happened_at", "-id"]
RECONCILED = {"no": "Not reconciled", "yes": "Reconciled"}
FOLLOW_UP = {"due": "Follow-up due", "any": "With a follow-up date"}
CSV_HEADER = (
    "Payment", "Work order", "Client", "Payer", "Date", "Method", "Provider", "Status", "Currency",
    "Amount", "Services", "Technology fee", "Card", "Last four", "Reference", "Paid at",
    "Reconciled at", "Reconciled by", "Follow up on", "Note",
)  # fmt: skip


@dataclass(frozen=True)
class PaymentFilters:
    """The list as its URL states it. Days are the brand's, of when the payment happened."""

    status: str = ""
    method: str = ""
    provider: str = ""
    reconciled: str = ""
    follow_up: str = ""
    since: date | None = None
    until: date | None = None
    text: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def narrows(self) -> bool:
        """Whether anything may be hidden."""
        return bool(self.refined or self.text or self.status)

    @property
    def refined(self) -> bool:
        """Whether a field of the filter form is set: the form is open then."""
        named = (self.method, self.provider, self.reconciled, self.follow_up)
        return any((*named, self.since, self.until))


def parse(query: QueryDict) -> PaymentFilters:
    """Read a URL; what cannot be read is left out and named in ``errors``."""
    params = Params(query)
    return PaymentFilters(
        status=params.choice("status", dict(PaymentStatus.choices)),
        method=params.choice("method", dict(Method.choices)),
        provider=params.choice("provider", dict(registry.choices())),
        reconciled=params.choice("reconciled", RECONCILED),
        follow_up=params.choice("follow_up", FOLLOW_UP),
        since=params.day("since"),
        until=params.day("until"),
        text=params.text("q"),
        errors=params.errors,
    )


def payments(
    brand: Brand, filters: PaymentFilters, *, any_status: bool = False
) -> QuerySet[Payment]:
    """The payments that ``filters`` ask for, in no order; ``any_status`` is for counting chips."""
    wanted = between("happened_at", filters.since, filters.until, brand.time_zone)
    for name in ("method", "provider") if any_status else ("status", "method", "provider"):
        if value := getattr(filters, name):
            wanted &= Q(**{name: value})
    if filters.reconciled:
        wanted &= Q(reconciled_at__isnull=filters.reconciled == "no")
    if filters.follow_up:
        wanted &= Q(follow_up_on__isnull=False)
    if filters.follow_up == "due":
        wanted &= Q(follow_up_on__lte=moments.today(brand.time_zone))
    if filters.text:
        wanted &= matching_payments(brand, filters.text)
    return Payment.objects.filter(wanted, brand=brand)


@dataclass(frozen=True)
class Sums:
    """What the filtered payments add up to, in the brand's currency, fees included.

    ``foreign`` counts those in another currency, which no sum holds.
    """

    count: int
    foreign: int
    received: Decimal
    pending: Decimal
    other: Decimal
    refunded: Decimal


def sums(brand: Brand, payments: QuerySet[Payment]) -> Sums:
    """Three queries. *Other* brought no money: failed, voided, unknown, charged back."""
    zero = Decimal(0)
    ours = Q(currency=brand.currency)
    counted = Q(status__in=[*RECEIVED_STATUSES, *PENDING_STATUSES])
    row = payments.order_by().aggregate(
        count=Count("pk"),
        foreign=Count("pk", filter=~ours),
        received=Sum("amount", filter=ours & Q(status__in=RECEIVED_STATUSES), default=zero),
        pending=Sum("amount", filter=ours & Q(status__in=PENDING_STATUSES), default=zero),
        other=Sum("amount", filter=ours & ~counted, default=zero),
    )
    refunds = Refund.objects.filter(
        brand=brand,
        payment__in=payments.filter(ours).order_by().values("pk"),
        status__in=REFUND_COUNTS,
    )
    taken = taken_by_lost_disputes(brand, payment__in=payments.order_by().values("pk"))
    refunded = refunds.aggregate(total=Sum("amount", default=zero))["total"]

    def exact(amount: Decimal) -> Decimal:
        return quantize(amount, brand.currency)

    return Sums(
        count=row["count"],
        foreign=row["foreign"],
        received=exact(row["received"] - taken),
        pending=exact(row["pending"]),
        other=exact(row["other"]),
        refunded=exact(refunded),
    )


def status_counts(payments: QuerySet[Payment]) -> dict[str, int]:
    """How many payments have each status; one query."""
    return dict(payments.order_by().values_list("status").annotate(Count("pk")))


def csv_rows(brand: Brand, payments: QuerySet[Payment]) -> Iterator[tuple[object, ...]]:
    """Rows under ``CSV_HEADER``, read in chunks, times in the brand's zone."""
    zone = ZoneInfo(brand.time_zone)
    rows = payments.select_related("work_order__client").order_by(*NEWEST_FIRST)
    for p in rows.iterator(chunk_size=1000):
        yield (
            f"{p.work_order.number}-P-{p.number}",
            p.work_order.number,
            p.work_order.client.name,
            p.payer_name,
            _stamp(p.happened_at, zone),
            p.get_method_display(),
            p.get_provider_display(),
            p.get_status_display(),
            p.currency,
            quantize(p.amount, p.currency),
            quantize(p.services_amount, p.currency),
            quantize(p.fee_amount, p.currency),
            p.card_brand,
            p.last4,
            p.reference,
            _stamp(p.paid_at, zone),
            _stamp(p.reconciled_at, zone),
            p.reconciled_by,
            p.follow_up_on or "",
            p.note,
        )


def _stamp(at: datetime | None, zone: ZoneInfo) -> str:
    return moments.local(at, zone).isoformat(timespec="seconds") if at else ""

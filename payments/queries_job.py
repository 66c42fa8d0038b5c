"""What one job's page asks about money that went back of payments, also of several jobs."""

from decimal import Decimal

from django.db.models import Case, Exists, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from core.fields import MoneyField
from core.money import ZERO
from payments.models import MoneyBackShare, Refund
from payments.queries import lost_disputes
from workorders.models import WorkOrder


def refunds_on(job: WorkOrder) -> list[Refund]:
    """The refunds that concern a job, newest first; ``here`` is what of each left its share.

    Gross, in the refund's currency. Of a payment over several jobs it may be less than its amount.
    """
    parts = MoneyBackShare.objects.filter(refund=OuterRef("pk"))
    mine = parts.filter(work_order=job)
    whole = Case(When(Exists(parts), then=Value(ZERO)), default="amount", output_field=MoneyField())
    rows = Refund.objects.filter(Q(work_order=job) | Exists(mine), brand=job.brand_id)
    rows = rows.annotate(here=Coalesce(Subquery(mine.values("amount")), whole))
    return list(rows.select_related("payment__work_order", "work_order").order_by("-id"))


def taken_from(job: WorkOrder) -> Decimal:
    """What lost disputes took of a job's share of money that still counts as received.

    Gross, in the brand's currency.
    """
    lost = lost_disputes(job.brand)
    parts = MoneyBackShare.objects.filter(work_order=job, dispute__in=lost)
    whole = lost.filter(work_order=job, shares=None)
    sums = (rows.aggregate(total=Sum("amount", default=ZERO))["total"] for rows in (parts, whole))
    return sum(sums, ZERO)

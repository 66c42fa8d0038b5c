"""What pages ask about payments: what is left to pay, what needs attention, search.

Everything is scoped by brand and takes a constant number of queries, however many rows.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum, Value

from accounts.models import Brand
from core import moments
from core.money import ZERO, quantize
from invoicing.queries.settlements import job_settlement
from payments.models import (
    PENDING_STATUSES,
    RECEIVED_STATUSES,
    REFUND_COUNTS,
    AttemptStatus,
    Dispute,
    DisputeStatus,
    Payment,
    PaymentAllocation,
    PaymentAttempt,
    PaymentStatus,
    ProviderEvent,
    Refund,
    RefundStatus,
)
from payments.providers import registry
from workorders.models import WorkOrder, WorkOrderStatus
from workorders.queries import is_numbered

# The number of a job and of one of its payments, in any case: FHI624-P-2.
_FULL_NUMBER = re.compile(r"([^\x00]+)-p-([0-9]{1,8})", re.IGNORECASE)

# --- money ------------------------------------------------------------------------------------


def still_to_pay(job: WorkOrder) -> Decimal | None:
    """What a form suggests: asked for and not on its way yet, drafts included; None if nothing."""
    whole = job_settlement(job).whole
    left = whole.amount_due + whole.unbilled - whole.pending
    return left if left > 0 else None


def lost_disputes(brand: Brand) -> QuerySet[Dispute]:
    """Lost disputes that took part of a payment which still counts as received.

    Each lowers what was received by its own amount. One over the whole amount makes its payment
    *charged back*: that payment counts for nothing, and its dispute is not taken off again.
    Money in another currency than the brand's was never counted.
    """
    return Dispute.objects.filter(
        brand=brand,
        status=DisputeStatus.LOST,
        payment__status__in=RECEIVED_STATUSES,
        payment__currency=brand.currency,
    )


def taken_by_lost_disputes(brand: Brand, **of: Any) -> Decimal:
    """What lost disputes took of money that still counts as received; ``of`` says which disputes.

    Gross, in the brand's currency.
    """
    rows = lost_disputes(brand).filter(**of)
    total: Decimal = rows.aggregate(total=Sum("amount", default=ZERO))["total"]
    return total


# --- attention --------------------------------------------------------------------------------

# Reason → how a filter names it.
REASONS = {
    "failed": "Failed",
    "unknown": "Outcome unknown",
    "disputed": "Disputed",
    "refund_failed": "Refund failed",
    "follow_up_due": "Follow-up due",
}


def attention_rows(brand: Brand) -> dict[str, list[QuerySet[Any]]]:
    """Per reason, the rows that need somebody; each reads a partial index.

    *failed*: no payment that came in or is on its way followed the failure; *refund failed*:
    no other refund of that payment did. A job that was cancelled with nothing received needs
    nobody to take its money: its failures do not count, whatever else is open on it does.
    """
    payments = Payment.objects.filter(brand=brand)
    attempts = PaymentAttempt.objects.filter(brand=brand)
    failed = payments.filter(~_followed(), ~_called_off(), status=PaymentStatus.FAILED)
    declined = attempts.filter(~_followed(), ~_called_off(), status=AttemptStatus.FAILED)
    unknown = payments.filter(status=PaymentStatus.UNKNOWN)
    unsure = attempts.filter(status=AttemptStatus.UNKNOWN)
    disputed = payments.filter(status=PaymentStatus.DISPUTED)
    disputes = Dispute.objects.filter(brand=brand, status=DisputeStatus.OPEN)
    again = Refund.objects.filter(
        payment=OuterRef("payment"),
        status__in=REFUND_COUNTS,
        happened_at__gt=OuterRef("happened_at"),
    )
    refunds = Refund.objects.filter(~Exists(again), brand=brand, status=RefundStatus.FAILED)
    due = payments.filter(
        follow_up_on__isnull=False, follow_up_on__lte=moments.today(brand.time_zone)
    )
    return {
        "failed": [failed, declined],
        "unknown": [unknown, unsure],
        "disputed": [disputed, disputes],
        "refund_failed": [refunds],
        "follow_up_due": [due],
    }


def attention_jobs(brand: Brand) -> dict[str, QuerySet[Any, Any]]:
    """Per reason, the ids of the jobs that need somebody."""
    return {reason: _jobs(*rows) for reason, rows in attention_rows(brand).items()}


@dataclass(frozen=True)
class Attention:
    """One reason why a job needs somebody, with the newest amount that it is about."""

    reason: str
    amount: Decimal
    currency: str

    @property
    def label(self) -> str:
        """The reason in words."""
        return REASONS[self.reason]


def attention_of(brand: Brand, work_order_ids: Collection[int]) -> dict[int, list[Attention]]:
    """Why each of these jobs needs somebody; one query, jobs without a reason are missing."""
    parts = [
        rows.filter(work_order__in=set(work_order_ids))
        .order_by()
        .annotate(why=Value(reason), moment=F("happened_at"))
        .values_list("work_order_id", "why", "amount", "moment", "currency")
        for reason, group in attention_rows(brand).items()
        for rows in group
    ]
    newest: dict[tuple[int, str], Attention] = {}
    for job, reason, amount, _, currency in sorted(
        parts[0].union(*parts[1:], all=True), key=_moment
    ):
        newest[job, reason] = Attention(reason, quantize(amount, currency), currency)
    by_job: dict[int, list[Attention]] = {}
    for (job, _), one in newest.items():
        by_job.setdefault(job, []).append(one)
    order = list(REASONS)
    for reasons in by_job.values():
        reasons.sort(key=lambda r: order.index(r.reason))
    return by_job


def _moment(row: tuple[int, str, Decimal, datetime, str]) -> datetime:
    return row[3]


def _followed() -> Exists:
    """Whether money came, or is on its way, for the same job after a failure."""
    return Exists(
        PaymentAllocation.objects.filter(
            brand=OuterRef("brand"),
            work_order=OuterRef("work_order"),
            status__in=[*RECEIVED_STATUSES, *PENDING_STATUSES],
            happened_at__gt=OuterRef("happened_at"),
        )
    )


def _called_off() -> Q:
    """Whether the job was cancelled and no money of it is here."""
    received = PaymentAllocation.objects.filter(
        brand=OuterRef("brand"), work_order=OuterRef("work_order"), status__in=RECEIVED_STATUSES
    )
    return Q(~Exists(received), work_order__status=WorkOrderStatus.CANCELLED)


def _jobs(*rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    first, *others = [r.order_by().values_list("work_order_id", flat=True) for r in rows]
    return first.union(*others) if others else first.distinct()


def attention(brand: Brand, reason: str = "") -> Q:
    """A filter on WorkOrder: jobs that need somebody for ``reason``, or for any. KeyError."""
    jobs = attention_jobs(brand)
    chosen = [jobs[reason]] if reason else list(jobs.values())
    condition = Q()
    for ids in chosen:
        condition |= Q(pk__in=ids)
    return condition


def attention_counts(brand: Brand) -> dict[str, int]:
    """How many jobs need somebody, per reason and (``""``) for any, in one query."""
    parts: list[str] = []
    params: list[Any] = []
    for reason, ids in attention_jobs(brand).items():
        sql, values = ids.query.sql_with_params()
        parts.append(f"SELECT %s AS reason, job FROM ({sql}) AS counts(job)")  # noqa: S608  # our own SQL
        params += [reason, *values]
    reasons = " UNION ".join(parts)
    with connection.cursor() as cursor:
        cursor.execute(
            # Starts with SELECT: a statement that starts with WITH may write, and is then
            # announced to the change capture.
            f"SELECT * FROM (WITH reasons AS ({reasons}) "  # noqa: S608  # our own SQL
            "SELECT reason, count(*) FROM reasons GROUP BY reason "
            "UNION ALL SELECT '', count(DISTINCT job) FROM reasons) AS counted",
            params,
        )
        counts = dict(cursor.fetchall())
    return {reason: counts.get(reason, 0) for reason in ("", *REASONS)}


# --- search -----------------------------------------------------------------------------------


def search_payments(brand: Brand, text: str) -> set[int]:
    """Ids of the jobs with a payment, attempt, refund or event known by ``text``.

    Searches check numbers, references, a provider's ids, the last four digits, and our own
    short numbers (``FHI624-P-2``).
    """
    word = text.strip()
    if not word or len(word) > 120:
        return set()
    allocated = PaymentAllocation.objects.filter(brand=brand, payment__in=_payments(brand, word))
    attempts = PaymentAttempt.objects.filter(brand=brand).filter(
        Q(references__contains=[word]) | Q(last4=word)
    )
    refunds = Refund.objects.filter(brand=brand, provider_refund_id=word)
    events = ProviderEvent.objects.filter(brand=brand, work_order__isnull=False).filter(
        Q(order_id=word) | Q(event_id=word), provider__in=registry.slugs()
    )
    rows = [r.order_by().values_list("work_order_id") for r in (attempts, refunds, events)]
    job_ids = allocated.order_by().values_list("work_order_id").union(*rows)
    return {pk for (pk,) in job_ids}


def _payments(brand: Brand, word: str) -> QuerySet[Payment]:
    condition = (
        Q(reference__iexact=word)
        | Q(references__contains=[word])
        | Q(last4=word)
        | Q(provider_order_id=word)
    )
    if parts := _FULL_NUMBER.fullmatch(word):
        condition |= is_numbered(parts[1], field="work_order__number") & Q(number=int(parts[2]))
    return Payment.objects.filter(condition, brand=brand)


def find_payment(brand: Brand, full_number: str) -> Payment | None:
    """``FHI624-P-2``, in any case, as a payment of this brand, with its job; None for others."""
    parts = _FULL_NUMBER.fullmatch(full_number.strip())
    if not parts:
        return None
    wanted = is_numbered(parts[1], field="work_order__number") & Q(number=int(parts[2]))
    rows = Payment.objects.select_related("work_order__client", "brand")
    return rows.filter(wanted, brand=brand).first()

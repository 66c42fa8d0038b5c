"""Jobs that were here before there were invoices: their documents and ledger, made once.

And payments whose ledger an older release left behind what they say: they are posted again.

Not a data migration: it goes through the same functions as every verb, and those read today's
tables, which a migration of the past must not. So it runs after ``migrate`` (and by
``manage.py backfill_jobs``), and asks the state: a job with charges or money that was never settled
is one to settle. When all are, that is one query. See docs/decisions/011.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat

from accounts.models import Brand
from activity.actors import acting_as, system
from core.refusal import message_of
from invoicing.domain import follow_charges, rollup
from invoicing.models import JobBalance, LedgerEntry
from payments.domain.locks import lock_payment
from payments.domain.post import post, post_job
from payments.models import (
    RECEIVED_STATUSES,
    Dispute,
    MoneyBackShare,
    Payment,
    PaymentAllocation,
    Refund,
)
from workorders.domain.locks import lock_work_orders
from workorders.models import Charge, WorkOrder

BATCH = 500
Progress = Callable[[str], None]


@dataclass
class Backfilled:
    """How many jobs got their documents, and the numbers of those that could not, with why."""

    jobs: int = 0
    refused: list[str] = field(default_factory=list)


def waiting() -> QuerySet[WorkOrder]:
    """Jobs with charges or money that were never settled."""
    mine = {"work_order": OuterRef("pk")}
    rows = WorkOrder.objects.filter(~Exists(JobBalance.objects.filter(**mine)))
    charged = Exists(Charge.objects.filter(**mine))
    return rows.filter(charged | Exists(PaymentAllocation.objects.filter(**mine)))


def backfill_jobs(progress: Progress | None = None) -> Backfilled:
    """Give every job that waits its invoice, revision and ledger, as of its own dates.

    Each in a transaction of its own, so that an interrupted run goes on where it stopped. One
    that cannot be billed as it is (a bill below zero) is left, and named each time.
    """
    done = Backfilled()
    tell = progress or (lambda text: None)
    brands = {brand.pk: brand for brand in Brand.objects.all()}
    for pk, brand_id, number, at in _keyset():
        try:
            done.jobs += _settle(brands[brand_id], pk, at)
        except ValidationError as error:
            done.refused.append(f"{number}: {message_of(error)}")
            tell(f"  not settled: {done.refused[-1]}")
        if done.jobs and done.jobs % BATCH == 0:
            tell(f"  {done.jobs:,} jobs settled")
    return done


def _keyset() -> Iterator[tuple[int, int, str, datetime]]:
    last = 0
    while True:
        rows = waiting().filter(pk__gt=last).order_by("pk")
        batch = list(rows.values_list("pk", "brand_id", "number", "happened_at")[:BATCH])
        if not batch:
            return
        yield from batch
        last = batch[-1][0]


def _settle(brand: Brand, pk: int, at: datetime) -> bool:
    """Settle one job; False where somebody was faster."""
    with transaction.atomic(), acting_as(system("Upgrade"), at=at, imported=True):
        # A payment that pays several jobs may have its fee quoted here: all of them first.
        shared = PaymentAllocation.objects.filter(payment__allocations__work_order=pk)
        jobs = lock_work_orders(brand, {pk, *shared.values_list("work_order_id", flat=True)})
        if JobBalance.objects.filter(brand=brand, work_order=pk).exists():
            return False
        with rollup.deferred():
            # As they read then: nobody knows whether a cancelled one was confirmed before.
            follow_charges.follow(jobs[pk], at=at, issues=True)
            post_job(jobs[pk], imported=True)
            rollup.recompute(jobs[pk])
    return True


def left_behind() -> QuerySet[Payment]:
    """Payments whose ledger does not print, or does not share, what they say.

    An older release did not follow a corrected date or reference, and left money back of several
    jobs to one of them.
    """
    source = Concat(Value("payment:"), Cast(OuterRef("pk"), CharField()))
    lines = LedgerEntry.objects.filter(brand=OuterRef("brand"), source=source, kind="payment")
    newest = lines.order_by("-pk")
    names = ("method", "provider", "last4", "reference", "funding")
    differs = Q(at__isnull=False) & ~Q(at=Coalesce("paid_at", "happened_at"))
    values = {"at": newest.values("happened_at")[:1]}
    for name in names:
        values[f"printed_{name}"] = newest.values(name)[:1]
        differs |= Q(**{f"printed_{name}__isnull": False}) & ~Q(**{f"printed_{name}": F(name)})
    rows = Payment.objects.annotate(**{name: Subquery(value) for name, value in values.items()})
    shares = PaymentAllocation.objects.filter(payment=OuterRef("pk")).order_by()
    several = Exists(shares.filter(~Q(work_order=OuterRef("work_order"))))
    unnamed = Exists(Refund.objects.filter(payment=OuterRef("pk"), share_of=None))
    lost = Exists(Dispute.objects.filter(payment=OuterRef("pk"), status="lost", share_of=None))
    posted = Exists(MoneyBackShare.objects.filter(payment=OuterRef("pk")))
    counts = Q(status__in=RECEIVED_STATUSES)
    return rows.filter(counts & (differs | (several & (unnamed | lost) & ~posted)))


def post_left_behind(progress: Progress | None = None) -> int:
    """Post every payment that is left behind; answers how many. Safe to run again."""
    tell = progress or (lambda text: None)
    brands = {brand.pk: brand for brand in Brand.objects.all()}
    done = 0
    for pk, brand_id in list(left_behind().order_by("pk").values_list("pk", "brand_id")):
        with transaction.atomic(), acting_as(system("Upgrade"), imported=True):
            payment = lock_payment(Payment.objects.get(pk=pk, brand=brands[brand_id]))
            post(payment, imported=True)
        done += 1
        if done % BATCH == 0:
            tell(f"  {done:,} payments posted again")
    return done


def after_migrate(**kwargs: Any) -> None:
    """Settle what is waiting once ``migrate`` brought the whole schema up to date.

    Emptying a database (``flush``) sends the same signal, without a plan: nothing to do then.
    """
    if "plan" not in kwargs or not _is_up_to_date():
        return
    is_heard = kwargs.get("verbosity", 1) > 0
    tell: Progress = print if is_heard else (lambda text: None)
    if again := post_left_behind(tell):
        tell(f"  {again:,} payments posted again: their ledger did not say what they say")
    if not waiting().exists():
        return
    tell("Settling jobs from before there were invoices:")
    done = backfill_jobs(tell)
    tell(f"  {done.jobs:,} jobs settled, {len(done.refused)} left")


def _is_up_to_date() -> bool:
    """Whether no migration is left to do: a partial ``migrate`` leaves tables as they were."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())

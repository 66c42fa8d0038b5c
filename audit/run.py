"""Every job compared with what follows from its rows, the newest first, a batch at a time.

A batch is one snapshot of the database, read in a constant number of queries; nothing is locked
and nothing is written. What a verb commits meanwhile is seen whole or not at all.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.models import Brand
from audit import imports, legacy, payments
from audit.batch import Batch, grants
from audit.checks import Checks
from audit.findings import Finding
from core.money import ZERO, quantize
from invoicing.models import ClientCredit, CreditKind
from workorders.models import WorkOrder

BATCH = 200


@dataclass
class Count:
    """How much was read, and how many findings: ours are faults, an older system's are not."""

    jobs: int = 0
    invoices: int = 0
    ours: int = 0
    legacy: int = 0


def audit(
    brands: Sequence[Brand],
    count: Count,
    *,
    newest: int | None = None,
    progress: Callable[[Count], None] | None = None,
) -> Iterator[Finding]:
    """Yield what does not agree, one by one; ``count`` goes with it.

    ``newest`` limits each brand to that many of its newest jobs (and their credits).
    """
    for brand in brands:
        for batch in _batches(brand, newest):
            for finding in _batch(batch, count):
                yield _counted(finding, count)
            if progress is not None:
                progress(count)
        if newest is None:
            for rows in _credits_without_job(brand):
                for finding in _credits(brand, rows):
                    yield _counted(finding, count)


def _counted(finding: Finding, count: Count) -> Finding:
    if finding.is_ours:
        count.ours += 1
    else:
        count.legacy += 1
    return finding


def _batches(brand: Brand, newest: int | None) -> Iterator[Batch]:
    """Batches by key, the newest job first; each is yielded inside its snapshot."""
    before, left = None, newest
    while left is None or left > 0:
        with _snapshot():
            rows = WorkOrder.objects.filter(brand=brand).order_by("-pk")
            rows = rows if before is None else rows.filter(pk__lt=before)
            jobs = list(rows[: BATCH if left is None else min(left, BATCH)])
            if not jobs:
                return
            yield Batch(brand, jobs)
        before = jobs[-1].pk
        left = None if left is None else left - len(jobs)


@contextmanager
def _snapshot() -> Iterator[None]:
    """One consistent, read-only view; inside a transaction the caller's own is used."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _batch(batch: Batch, count: Count) -> Iterator[Finding]:
    for job in batch.jobs:
        yield from Checks(batch, job).all()
        count.jobs += 1
        count.invoices += len(batch.answers[job.pk].documents)
    yield from payments.findings(batch)
    yield from _credits(batch.brand, batch.credits)
    yield from imports.findings(batch.brand, batch.jobs)
    yield from _legacy(batch)


def _legacy(batch: Batch) -> Iterator[Finding]:
    numbers = {job.pk: job.number for job in batch.jobs}
    for job_id, figures in legacy.figures(batch.brand, batch.answers).items():
        for figure in figures:
            if figure.differs:
                yield Finding(
                    "legacy",
                    batch.brand.slug,
                    numbers[job_id],
                    f"imported {figure.name}",
                    _why(figure),
                    figure.reported,
                    figure.ours,
                    is_ours=False,
                    currency=batch.brand.currency,
                )


def _why(figure: legacy.LegacyFigure) -> str:
    why = f" ({figure.cause})" if figure.cause else ""
    return f"The older system reported otherwise{why}; it counts for nothing here."


# Credits -----------------------------------------------------------------------------------------


def _credits_without_job(brand: Brand) -> Iterator[list[ClientCredit]]:
    """Prepayments that came for no job, by key."""
    last = 0
    rows: QuerySet[ClientCredit] = ClientCredit.objects.filter(brand=brand, work_order=None)
    while True:
        with _snapshot():
            batch = list(rows.filter(pk__gt=last).order_by("pk")[:BATCH])
            if not batch:
                return
            yield batch
        last = batch[-1].pk


def _credits(brand: Brand, rows: Sequence[ClientCredit]) -> Iterator[Finding]:
    sums = grants(rows)
    for credit in rows:
        used = sums.used.get(credit.pk, ZERO)
        yield from _differs(brand, credit, "used", used, "the invoices have another sum of it")
        granted = sums.granted.get(credit.pk, credit.amount)
        yield from _differs(brand, credit, "amount", granted, "what granted it comes to another")
        if credit.kind == CreditKind.OVERPAYMENT:
            yield from _differs(brand, credit, "returned", ZERO, "only its invoice gives it back")


def _differs(
    brand: Brand, credit: ClientCredit, name: str, derived: Decimal, why: str
) -> Iterator[Finding]:
    actual, should = getattr(credit, name), quantize(derived, brand.currency)
    if actual != should:
        yield Finding(
            "credit",
            brand.slug,
            "",
            f"{name} of the client’s credit {credit.pk} “{credit.label}”",
            f"It was written to, or the ledger was: {why}.",
            actual,
            should,
            currency=brand.currency,
        )

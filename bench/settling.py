"""What one balance costs: to compute, to read with its rows, to save, to prove."""

import time
from collections.abc import Iterator
from decimal import Decimal

from django.db import transaction

from accounts.models import Brand
from activity.actors import acting_as
from audit.run import Count, audit
from bench.data import STAFF
from bench.measure import Figure, Times, once, queries, times
from invoicing.domain import rollup
from invoicing.queries.settlements import job_settlement
from invoicing.settlement.settle import settle
from invoicing.settlement.types import Bill, Entry, EntryKind, InvoiceStatus, Line
from payments.domain.backfill import backfill_jobs
from workorders.models import WorkOrder

GROUP = "Balances"
# 8 lines and 6 entries in plain Python, without a fee and without saying why, when it was tried.
PLAIN = "11,800/s without fee and explanation"
SETTLED_AT_ONCE = 500


def a_bill() -> Bill:
    """8 lines, two of them taxed and one a discount; 6 entries, with fee, refund and credit."""
    amounts = ("329", "100", "75.50", "60", "45", "33.33", "20", "-50")
    lines = [
        Line(n, f"Service {n}", Decimal(amount), Decimal("4.13") if n < 2 else Decimal(0))
        for n, amount in enumerate(amounts)
    ]
    kinds = (
        *(("payment", "400", "14"), ("payment", "100", "0"), ("refund", "50", "1.75")),
        *(("refund_reversal", "50", "1.75"), ("credit", "70", "0"), ("payment", "30", "1.05")),
    )
    entries = [
        Entry(
            key=n,
            kind=EntryKind(kind),
            services=Decimal(services),
            fee=Decimal(fee),
            label=f"P-{n} · Visa •4242",
            payment="payment:0" if "refund" in kind else f"payment:{n}",
            fee_expected=Decimal(14) if kind == "payment" and Decimal(fee) else None,
        )
        for n, (kind, services, fee) in enumerate(kinds)
    ]
    return Bill(InvoiceStatus.ISSUED, "USD", lines, entries)


def backfill_speed() -> Figure:
    """Jobs per second of the backfill that ``migrate`` runs for jobs from before invoices."""
    start = time.perf_counter()
    jobs = backfill_jobs().jobs
    per_second = jobs / (time.perf_counter() - start)
    name = f"Adopting jobs without invoices ({jobs:,} jobs)"
    return Figure(GROUP, name, per_second, "jobs/s", limit=1, at_least=True)


def figures(brand: Brand, fhi624: WorkOrder, rounds: int) -> Iterator[Figure]:
    """One bill, one job, all jobs."""
    bill = a_bill()
    took = times(lambda: [settle(bill) for _ in range(SETTLED_AT_ONCE)], rounds).median
    rate = SETTLED_AT_ONCE / took * 1000
    name = "settle: 8 lines, 6 entries, with fee and explanation"
    yield Figure(GROUP, name, rate, "bills/s", PLAIN, limit=300, at_least=True)

    def read() -> None:
        job_settlement(fhi624)

    name = "FHI624: settled from its rows"
    yield _timed(name, times(read, rounds * 2), queries(read), limit=60)

    def recompute() -> None:
        with acting_as(STAFF), transaction.atomic():
            rollup.recompute(fhi624)

    name = "FHI624: recomputed and compared with what is saved"
    yield _timed(name, times(recompute, rounds * 2), queries(recompute), limit=100)
    yield _audited(brand)


def _timed(name: str, took: Times, count: int, limit: float) -> Figure:
    return Figure(GROUP, name, took.median, "ms", queries=count, spread=took.spread, limit=limit)


def _audited(brand: Brand) -> Figure:
    """``audit_balances --jobs 1000``, and what it would take for exactly a thousand."""
    count = Count()
    took = once(lambda: list(audit([brand], count, newest=1000)))
    if count.ours:
        raise RuntimeError(f"{count.ours} balances are wrong: see manage.py audit_balances")
    sent = queries(lambda: list(audit([brand], Count(), newest=1000)))
    name = "audit_balances, per 1,000 jobs"
    return Figure(GROUP, name, took / count.jobs, "s", queries=sent, limit=60)

"""What an audit compares, read for some hundred jobs at once in a constant number of queries."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

from django.db.models import Q, QuerySet, Sum

from accounts.models import Brand
from core.money import ZERO
from invoicing.models import (
    ClientCredit,
    CreditKind,
    InvoiceBalance,
    InvoiceRevision,
    Item,
    JobBalance,
    LedgerEntry,
    MoneyInFlight,
)
from invoicing.queries.credits import is_grant, use_of
from invoicing.queries.settlements import JobSettlement, job_settlements
from payments.models import Payment, PaymentAllocation, Refund
from workorders.models import Charge, WorkOrder

Row = TypeVar("Row")


def grouped(rows: Iterable[Row], key: Callable[[Row], int]) -> dict[int, list[Row]]:
    """Rows by a key, in their order."""
    groups: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(groups)


@dataclass
class Batch:
    """Some jobs of one brand with everything that the checks read, each table once."""

    brand: Brand
    jobs: Sequence[WorkOrder]

    @cached_property
    def ids(self) -> list[int]:
        return [job.pk for job in self.jobs]

    @cached_property
    def answers(self) -> dict[int, JobSettlement]:
        return job_settlements(self.brand, self.ids)

    @cached_property
    def charges(self) -> dict[int, list[Charge]]:
        rows = Charge.objects.filter(brand=self.brand, work_order__in=self.ids)
        return grouped(rows.order_by("position", "id"), lambda row: row.work_order_id)

    # Rollups -------------------------------------------------------------------------------------

    @cached_property
    def job_balances(self) -> dict[int, JobBalance]:
        rows = JobBalance.objects.filter(brand=self.brand, work_order__in=self.ids)
        return {row.work_order_id: row for row in rows}

    @cached_property
    def invoice_balances(self) -> dict[int, InvoiceBalance]:
        rows = InvoiceBalance.objects.filter(brand=self.brand, invoice__work_order__in=self.ids)
        return {row.invoice_id: row for row in rows}

    @cached_property
    def items(self) -> dict[int, Item]:
        rows = Item.objects.filter(brand=self.brand, work_order__in=self.ids)
        return {row.charge_id: row for row in rows}

    # Documents -----------------------------------------------------------------------------------

    @cached_property
    def revisions(self) -> dict[int, list[InvoiceRevision]]:
        """Every revision, credit notes' too, with ``amounts`` and ``taxes`` of its lines."""
        rows = (
            InvoiceRevision.objects.filter(brand=self.brand, work_order__in=self.ids)
            .select_related("invoice")
            .annotate(amounts=Sum("lines__amount"), taxes=Sum("lines__tax_amount"))
            .order_by("invoice_id", "number")
        )
        return grouped(rows, lambda row: row.work_order_id)

    # Money ---------------------------------------------------------------------------------------

    @cached_property
    def allocations(self) -> dict[int, list[PaymentAllocation]]:
        rows = (
            PaymentAllocation.objects.filter(brand=self.brand, work_order__in=self.ids)
            .select_related("payment__work_order")
            .prefetch_related("payment__refunds", "payment__disputes", "payment__allocations")
            .order_by("payment_id")
        )
        by_job = grouped(rows, lambda row: row.work_order_id)
        for mine in by_job.values():
            for row in mine:
                row.payment.brand = self.brand
        return by_job

    @cached_property
    def payments(self) -> list[Payment]:
        """The payments that were recorded on these jobs, whichever jobs they pay."""
        rows = Payment.objects.filter(brand=self.brand, work_order__in=self.ids)
        rows = rows.prefetch_related("refunds", "disputes", "allocations__work_order")
        return list(rows.select_related("work_order").order_by("pk"))

    @cached_property
    def money_of_payments(self) -> dict[str, list[LedgerEntry | MoneyInFlight]]:
        """What ledgers and money under way say of these payments, on every job."""
        keys = [f"payment:{payment.pk}" for payment in self.payments]
        result: defaultdict[str, list[LedgerEntry | MoneyInFlight]] = defaultdict(list)
        for table in (LedgerEntry, MoneyInFlight):
            for row in table.objects.filter(brand=self.brand, payment__in=keys).order_by("pk"):
                result[row.payment].append(row)
        return dict(result)

    @cached_property
    def entries(self) -> dict[int, list[LedgerEntry]]:
        rows = LedgerEntry.objects.filter(brand=self.brand, work_order__in=self.ids)
        return grouped(rows.order_by("pk"), lambda row: row.work_order_id)

    @cached_property
    def flights(self) -> dict[int, list[MoneyInFlight]]:
        rows = MoneyInFlight.objects.filter(brand=self.brand, work_order__in=self.ids)
        return grouped(rows.order_by("pk"), lambda row: row.work_order_id)

    @cached_property
    def sources(self) -> set[str]:
        """The sources named by ledger and flights of these jobs that are really there."""
        named: dict[str, set[int]] = {"payment": set(), "refund": set(), "credit": set()}
        entries = [row.source for mine in self.entries.values() for row in mine]
        flights = [row.source for mine in self.flights.values() for row in mine]
        for source in (*entries, *flights):
            kind, _, number = source.partition(":")
            if kind in named and number.isdecimal():
                named[kind].add(int(number))
        tables: dict[str, QuerySet[Any]] = {
            "payment": Payment.objects.all(),
            "refund": Refund.objects.all(),
            "credit": ClientCredit.objects.all(),
        }
        return {
            f"{kind}:{pk}"
            for kind, rows in tables.items()
            for pk in rows.filter(brand=self.brand, pk__in=named[kind]).values_list("pk", flat=True)
        }

    # Credits -------------------------------------------------------------------------------------

    @cached_property
    def credits(self) -> list[ClientCredit]:
        """The credits that came from these jobs, or that these jobs' invoices used."""
        used = {row.credit_id for rows in self.entries.values() for row in rows if row.credit_id}
        rows = ClientCredit.objects.filter(Q(work_order__in=self.ids) | Q(pk__in=used))
        return list(rows.filter(brand=self.brand).order_by("pk"))


@dataclass
class Grants:
    """What credits came to by what they came from, and what invoices have of each."""

    used: dict[int, Decimal]
    granted: dict[int, Decimal]


def grants(rows: Sequence[ClientCredit]) -> Grants:
    """By the ledgers and the credit notes, whatever job; two queries.

    A prepayment is granted by nothing but itself, so ``granted`` does not know it.
    """
    used: defaultdict[int, Decimal] = defaultdict(Decimal)
    moved: defaultdict[int, Decimal] = defaultdict(Decimal)
    for row in LedgerEntry.objects.filter(credit__in=[credit.pk for credit in rows]):
        assert row.credit_id is not None  # it was asked for
        used[row.credit_id] += use_of(row)
        if is_grant(row):
            moved[row.credit_id] += row.services_amount
    notes = [credit for credit in rows if credit.kind == CreditKind.CREDIT_NOTE]
    last = InvoiceRevision.objects.filter(invoice__in=[credit.invoice_id for credit in notes])
    sums = {r.invoice_id: -(r.services_total + r.tax_total) for r in last.order_by("number")}
    granted = {c.pk: sums.get(c.invoice_id or 0, ZERO) for c in notes}
    for credit in rows:
        if credit.kind == CreditKind.OVERPAYMENT:
            granted[credit.pk] = moved.get(credit.pk, ZERO)
    return Grants(dict(used), granted)

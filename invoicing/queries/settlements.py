"""Settlements per document and per job, in a constant number of queries.

Every surface takes its figures from here or from the rollup that ``recompute`` writes of it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TypeVar

from django.db.models import QuerySet

from accounts.models import Brand
from core.money import quantize
from invoicing.models import (
    FeeDecision,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceRevision,
    InvoiceStatus,
    LedgerEntry,
    MoneyInFlight,
)
from invoicing.models.document import BillLine
from invoicing.queries.printed import as_printed
from invoicing.settlement import types as b
from invoicing.settlement.fee import shared_rulings
from invoicing.settlement.settle import combine, settle
from workorders.domain.charges import tax_of
from workorders.models import Charge, WorkOrder

Row = TypeVar("Row")
Exact = Callable[[Decimal], Decimal]
# The columns that settling reads.
MONEY = ("invoice_id", "services_amount", "fee_amount", "label", "payment", "source")
PRINT = ("reason", "happened_at", "is_reprint")
ENTRY = (*MONEY, *PRINT, "kind", "fee_expected", "fee_base", "uncollected")
FLIGHT = (*MONEY, "is_refund")
RULING = ("work_order_id", "payment", "bill", "amount")


@dataclass(frozen=True)
class Document:
    """One invoice with its lines as they count now, and its settlement."""

    invoice: Invoice
    revision: InvoiceRevision | None
    lines: Sequence[BillLine]
    settlement: b.Settlement
    # What the settlement was made of, for whoever asks what another bill would come to.
    bill: b.Bill


@dataclass(frozen=True)
class JobSettlement:
    """A job's invoices in their order, and what they come to together."""

    work_order_id: int
    documents: Sequence[Document]
    whole: b.Settlement

    @property
    def is_issued(self) -> bool:
        """Whether anything of it is issued."""
        return any(d.invoice.status == InvoiceStatus.ISSUED for d in self.documents)


def job_settlement(job: WorkOrder) -> JobSettlement:
    """The settlement of one job of its brand."""
    return job_settlements(job.brand, [job.pk])[job.pk]


def job_settlements(brand: Brand, work_order_ids: Collection[int]) -> dict[int, JobSettlement]:
    """Each job's settlement, straight from the rows; an empty one for a job without documents.

    Seven queries at most, however many jobs.
    """
    ids = set(work_order_ids)
    documents = _grouped(_documents(brand, ids), lambda d: d.invoice.work_order_id)
    return {
        pk: JobSettlement(
            pk,
            documents.get(pk, []),
            combine(
                [d.settlement for d in documents.get(pk, [])],
                brand.currency,
                [d.invoice.number for d in documents.get(pk, [])],
            ),
        )
        for pk in ids
    }


def standard_invoices(brand: Brand, work_order_ids: Collection[int]) -> QuerySet[Invoice]:
    """Invoices that ask for money (not credit notes), a job's in their order."""
    return Invoice.objects.filter(
        brand=brand, work_order__in=work_order_ids, kind=InvoiceKind.STANDARD
    ).order_by("work_order_id", "sequence")


def current_revisions(invoices: Iterable[Invoice]) -> dict[int, InvoiceRevision]:
    """The revision that counts of each issued invoice, by invoice id."""
    ids = [invoice.pk for invoice in invoices if invoice.status != InvoiceStatus.DRAFT]
    rows = InvoiceRevision.objects.filter(invoice__in=ids).order_by("invoice_id", "-number")
    return {row.invoice_id: row for row in rows.distinct("invoice_id")}


def current_lines(revisions: Iterable[InvoiceRevision]) -> dict[int, list[InvoiceLine]]:
    """The lines of revisions in their order, by invoice id."""
    invoice_of = {revision.pk: revision.invoice_id for revision in revisions}
    rows = InvoiceLine.objects.filter(revision__in=invoice_of).order_by("position")
    return _grouped(rows, lambda line: invoice_of[line.revision_id])


def line_of_charge(charge: Charge, currency: str) -> InvoiceLine:
    """A charge as a line of a bill, not saved."""
    return InvoiceLine(
        charge_id=charge.pk,
        position=charge.position,
        service_type=charge.service_type,
        description=charge.description,
        amount=charge.amount,
        tax_name=charge.tax_name,
        tax_percent=charge.tax_percent,
        tax_amount=tax_of(charge, currency),
    )


def _documents(brand: Brand, ids: set[int]) -> Iterable[Document]:
    invoices = list(standard_invoices(brand, ids))
    revisions = current_revisions(invoices)
    lines: dict[int, Sequence[BillLine]] = dict(current_lines(revisions.values()))
    lines |= _draft_lines(brand, invoices, lines)
    mine = {"brand": brand, "work_order__in": {i.work_order_id for i in invoices}}
    # Only what settling asks for, and no decision where no payment was quoted a fee.
    printed = as_printed(LedgerEntry.objects.filter(**mine).only(*ENTRY))
    entries = _grouped(printed, lambda e: e.invoice_id)
    flights = _grouped(MoneyInFlight.objects.filter(**mine).only(*FLIGHT), lambda f: f.invoice_id)
    quoted = any(e.fee_expected is not None for rows in entries.values() for e in rows)
    decided = FeeDecision.objects.filter(**mine).only(*RULING) if quoted else []
    rulings = _grouped(decided, lambda d: d.work_order_id)
    exact = partial(quantize, currency=brand.currency)
    bills = [
        b.Bill(
            status=b.InvoiceStatus(invoice.status),
            currency=invoice.currency,
            lines=[_line(n, line, exact) for n, line in enumerate(lines.get(invoice.pk, []))],
            entries=[_entry(e, exact) for e in entries.get(invoice.pk, [])],
            in_flight=[_flight(f, exact) for f in flights.get(invoice.pk, [])],
            rulings=[
                b.Ruling(d.payment, d.bill, exact(d.amount))
                for d in rulings.get(invoice.work_order_id, [])
            ],
        )
        for invoice in invoices
    ]
    for invoice, bill in zip(invoices, _shared(invoices, bills, rulings), strict=True):
        shown = lines.get(invoice.pk, [])
        yield Document(invoice, revisions.get(invoice.pk), shown, settle(bill), bill)


def _shared(
    invoices: Sequence[Invoice], bills: Sequence[b.Bill], decided: Collection[int]
) -> list[b.Bill]:
    """The bills, those of a job where something was decided with their share of what was waived.

    Both sequences have a job's invoices side by side.
    """
    by_job = _grouped(zip(invoices, bills, strict=True), lambda pair: pair[0].work_order_id)
    shared: list[b.Bill] = []
    for job, pairs in by_job.items():
        mine = [bill for _, bill in pairs]
        shared += shared_rulings(mine, settle) if job in decided and len(mine) > 1 else mine
    return shared


def _draft_lines(
    brand: Brand, invoices: Sequence[Invoice], lines: dict[int, Sequence[BillLine]]
) -> dict[int, Sequence[BillLine]]:
    """A draft is the charges of its job that no invoice bills, or billed before it was void."""
    drafts = {i.work_order_id: i for i in invoices if i.status == InvoiceStatus.DRAFT}
    if not drafts:
        return {}
    billed = {
        line.charge_id
        for i in invoices
        for line in lines.get(i.pk, [])
        if isinstance(line, InvoiceLine)
    }
    charges = Charge.objects.filter(brand=brand, work_order__in=drafts).order_by("position", "id")
    by_draft: dict[int, Sequence[BillLine]] = {}
    for job, rows in _grouped(charges, lambda c: c.work_order_id).items():
        draft = drafts[job]
        by_draft[draft.pk] = [line_of_charge(c, draft.currency) for c in rows if c.pk not in billed]
    return by_draft


def _line(number: int, line: BillLine, exact: Exact) -> b.Line:
    key = line.charge_id if isinstance(line, InvoiceLine) and line.charge_id else -number - 1
    return b.Line(key, line.description, exact(line.amount), exact(line.tax_amount))


def _entry(entry: LedgerEntry, exact: Exact) -> b.Entry:
    return b.Entry(
        key=entry.pk,
        kind=b.EntryKind(entry.kind),
        services=exact(entry.services_amount),
        fee=exact(entry.fee_amount),
        label=entry.label,
        payment=entry.payment,
        fee_expected=None if entry.fee_expected is None else exact(entry.fee_expected),
        uncollected=b.Uncollected(entry.uncollected or b.Uncollected.ABSORB),
        note=entry.reason,
        at=entry.happened_at,
        source=entry.source,
        fee_base=None if entry.fee_base is None else exact(entry.fee_base),
    )


def _flight(flight: MoneyInFlight, exact: Exact) -> b.InFlight:
    return b.InFlight(
        label=flight.label,
        services=exact(flight.services_amount),
        fee=exact(flight.fee_amount),
        payment=flight.payment,
        is_refund=flight.is_refund,
        source=flight.source,
    )


def _grouped(rows: Iterable[Row], key: Callable[[Row], int]) -> dict[int, list[Row]]:
    groups: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(groups)

"""From money to ledger: one visible sequence, which writes only what is missing.

Payments (which this floor does not know) say what should be posted for one payment on one job.
The caller holds the job's lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from invoicing.domain import (
    client_credit,
    follow_charges,
    posting_plan,
    reprint,
    revisions,
    rollup,
    stamp,
)
from invoicing.domain.allocate import Legs
from invoicing.domain.entries import write_entry
from invoicing.domain.money import (
    Document,
    Money,
    PlannedFlight,
    PlannedLine,
    PostedLine,
)
from invoicing.domain.requote import requote
from invoicing.models import LedgerEntry, MoneyInFlight
from invoicing.queries import settlements
from invoicing.settlement.types import EntryKind, InvoiceStatus
from workorders.models import WorkOrder


def post_money(job: WorkOrder, money: Money, *, imported: bool = False) -> list[LedgerEntry]:
    """Post what is missing of ``money`` on the invoices of ``job``; answers the new lines.

    This is the whole sequence, and the only place where money gets onto a ledger. Each step
    reads what the steps before it wrote; where nothing is missing, nothing is written.
    """
    currency = job.brand.currency
    rows = _rows(job, money.key)
    # 0. What a bank took back came first, whichever of the two was known first.
    if reprint.lacks_what_came(rows, money):
        came = post_money(job, money.as_it_came, imported=imported)
        return [*came, *post_money(job, money, imported=imported)]
    posted = [_as_posted(row) for row in rows]
    # 1. Money that no issued invoice asks for has a draft issued first.
    documents: Sequence[Document] = []
    if posting_plan.seeks_invoice(money, posted, currency):
        documents = _documents(job)
        if posting_plan.lacks_invoice(money, posted, documents, currency):
            _provide_invoice(job, money, posted)
            documents = _documents(job)
    # 2. Work out what is missing; this writes nothing.
    plan = posting_plan.plan(money, posted, documents, currency)
    # 3. The ledger's missing lines.
    written = _write_lines(job, money, plan.lines, rows)
    # 4. Money under way.
    flights = _write_flights(job, money, plan.flights)
    # 5. Money on a void invoice is the client's credit; credit comes back where its money left.
    if written or flights.changed:
        client_credit.settle(job, written, imported=imported)
    # 6. A draft that only money under way had called for goes with it.
    if flights.ended:
        follow_charges.tidy(job)
    # 7. What is dated or named otherwise now is printed again, then what is quoted otherwise: a
    # line in print copies its quote, which may be for more than it holds now.
    again = reprint.reprint(job, money, [*rows, *written])
    again += requote(job, money, [*rows, *written, *again])
    # 8. What lists read.
    if written or again or flights.changed or rollup.is_missing(job):
        rollup.recompute(job)
    return [*written, *again]


def held_by(job: WorkOrder, payment: str) -> dict[int, Legs]:
    """What the invoices of ``job`` hold of one payment ("payment:12"), by invoice id.

    Less what went back or is on its way back, as the next refund will find it.
    """
    held = posting_plan.held([_as_posted(row) for row in _rows(job, payment)], payment)
    leaving = MoneyInFlight.objects.filter(
        brand=job.brand_id, work_order=job, payment=payment, is_refund=True
    )
    for row in leaving:
        if row.invoice_id in held:
            held[row.invoice_id] -= Legs(row.services_amount, row.fee_amount)
    return held


# What there is -----------------------------------------------------------------------------------


def _rows(job: WorkOrder, payment: str) -> list[LedgerEntry]:
    """The lines of one payment on one job, in their order."""
    rows = LedgerEntry.objects.filter(brand=job.brand_id, work_order=job, payment=payment)
    return list(rows.order_by("pk"))


def _as_posted(row: LedgerEntry) -> PostedLine:
    legs = Legs(row.services_amount, row.fee_amount)
    quote = row.fee_expected, row.fee_base
    return PostedLine(row.source, row.invoice_id, EntryKind(row.kind), legs, *quote)


def _documents(job: WorkOrder) -> list[Document]:
    """The standard invoices of ``job`` in their order; settled only where there are several."""
    first = list(settlements.standard_invoices(job.brand, [job.pk])[:2])
    if len(first) < 2:
        return [Document(row.pk, InvoiceStatus(row.status)) for row in first]
    return [
        Document(d.invoice.pk, InvoiceStatus(d.invoice.status), d.bill)
        for d in settlements.job_settlement(job).documents
    ]


# The steps ---------------------------------------------------------------------------------------


def _provide_invoice(job: WorkOrder, money: Money, posted: Sequence[PostedLine]) -> None:
    """Issue a draft for money that arrived; for money that is only to be shown make one."""
    if posting_plan.arriving(money, posted, job.brand.currency):
        came = next(piece for piece in money.posted_pieces if not piece.is_refund)
        follow_charges.issue_for_money(job, stamp.moment(came.happened_at))
    else:
        revisions.draft(job)


def _write_lines(
    job: WorkOrder, money: Money, lines: Sequence[PlannedLine], rows: Sequence[LedgerEntry]
) -> list[LedgerEntry]:
    """Append ``lines``; ``rows`` are those that are there, which a reversal points at."""
    written: list[LedgerEntry] = []
    for line in lines:
        is_back = line.kind.is_reversal
        reversed_ = _last_forward(line, [*rows, *written]) if is_back else None
        written.append(_write_line(job, money, line, reversed_))
    return written


def _last_forward(line: PlannedLine, rows: Sequence[LedgerEntry]) -> LedgerEntry | None:
    """The last line of the same source on the same invoice that is no reversal."""
    mine = [
        row
        for row in rows
        if (row.source, row.invoice_id) == (line.piece.source, line.invoice_id)
        and not EntryKind(row.kind).is_reversal
    ]
    return mine[-1] if mine else None


def _write_line(
    job: WorkOrder, money: Money, line: PlannedLine, reverses: LedgerEntry | None
) -> LedgerEntry:
    is_back = line.kind.is_reversal
    piece, printed = line.piece, money.printed
    return write_entry(
        job,
        line.invoice_id,
        kind=line.kind,
        services_amount=line.legs.services,
        fee_amount=line.legs.fee,
        source=piece.source,
        payment=money.key,
        label=piece.label,
        method=printed.method,
        provider=printed.provider,
        last4=printed.last4,
        reference=printed.reference,
        funding=printed.funding,
        fee_expected=line.fee_expected,
        fee_base=line.fee_base,
        uncollected=money.uncollected.value,
        reverses=reverses,
        reason=piece.reason or (money.reason if is_back else ""),
        happened_at=stamp.moment(piece.taken_back_at if is_back else piece.happened_at),
    )


@dataclass(frozen=True)
class _Flights:
    """Whether any row of money under way differs now, and whether any is gone."""

    changed: bool
    ended: bool


def _write_flights(job: WorkOrder, money: Money, flights: Sequence[PlannedFlight]) -> _Flights:
    """Make the rows of this payment's money under way the planned ones."""
    mine = MoneyInFlight.objects.filter(work_order=job, payment=money.key)
    before = {(row.source, row.invoice_id): row for row in mine}
    changed = False
    for flight in flights:
        row = before.pop((flight.piece.source, flight.invoice_id), None)
        changed |= _write_flight(job, money, flight, row)
    for row in before.values():
        row.delete()
    return _Flights(changed or bool(before), bool(before))


def _write_flight(
    job: WorkOrder, money: Money, flight: PlannedFlight, row: MoneyInFlight | None
) -> bool:
    """Write one row of money under way; whether it differs from what was there."""
    values: dict[str, object] = {
        "is_refund": flight.piece.is_refund,
        "services_amount": flight.legs.services,
        "fee_amount": flight.legs.fee,
        "payment": money.key,
        "label": flight.piece.label,
        "happened_at": flight.piece.happened_at,
    }
    if row is None:
        key = {"brand_id": job.brand_id, "work_order": job, "invoice_id": flight.invoice_id}
        MoneyInFlight.objects.create(**key, source=flight.piece.source, **values)
        return True
    if all(getattr(row, name) == value for name, value in values.items()):
        return False
    MoneyInFlight.objects.filter(pk=row.pk).update(**values)
    return True

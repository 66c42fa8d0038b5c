"""Jobs with bills and money, in few words."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from invoicing.domain.ledger import post_money
from invoicing.domain.money import Money, Piece, Printed
from invoicing.models import EntryKind, Invoice, LedgerEntry, Uncollected
from invoicing.queries.settlements import JobSettlement, job_settlement
from workorders.domain import charges, jobs
from workorders.domain.charges import ChargeLine
from workorders.domain.locks import lock_work_order
from workorders.models import Charge, WorkOrder, WorkOrderStatus

D = Decimal
T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
SIGNS = {
    EntryKind.PAYMENT: 1,
    EntryKind.PAYMENT_REVERSAL: -1,
    EntryKind.REFUND: 1,
    EntryKind.REFUND_REVERSAL: -1,
}


def line(amount: str, words: str = "Inspection", charge: Charge | None = None) -> ChargeLine:
    """A new line, or an existing charge with other words and amount."""
    return ChargeLine(words, D(amount), id=charge.pk if charge else None)


def charge(job: WorkOrder, *lines: ChargeLine, reason: str = "") -> list[Charge]:
    return charges.replace_charges(job.brand, job.pk, lines, reason=reason)


def add(job: WorkOrder, *lines: ChargeLine, reason: str = "") -> list[Charge]:
    """The charges that are there, and these."""
    present = [line(str(c.amount), c.description, c) for c in job.charges.all()]
    return charge(job, *present, *lines, reason=reason)


def confirm(job: WorkOrder) -> None:
    jobs.set_status(job.brand, job.pk, WorkOrderStatus.CONFIRMED)


def billed(job: WorkOrder, *amounts: str) -> Invoice:
    """``job`` confirmed with a line for each amount; its first invoice."""
    charge(job, *(line(amount) for amount in amounts))
    confirm(job)
    return Invoice.objects.get(work_order=job, sequence=1)


def invoices(job: WorkOrder) -> dict[str, str]:
    """Number → status, in their order."""
    rows = Invoice.objects.filter(work_order=job).order_by("sequence")
    return {row.number: str(row.status) for row in rows}


def paid(
    services: str, fee: str = "0", key: str = "payment:1", *, in_flight: bool = False
) -> Piece:
    """The piece of money that a payment brings."""
    return Piece(key, D(services), D(fee), "P-1 · Check", T0, in_flight=in_flight)


def back(
    services: str, fee: str = "0", source: str = "refund:1", *, in_flight: bool = False
) -> Piece:
    """What went back of it."""
    when = T0 + timedelta(hours=1)
    return Piece(source, D(services), D(fee), "R-1", when, is_refund=True, in_flight=in_flight)


def post(
    job: WorkOrder,
    *pieces: Piece,
    key: str = "payment:1",
    expected: str | None = None,
    base: str | None = None,
    reason: str = "",
) -> list[LedgerEntry]:
    """Post as the payments do: with the job locked."""
    money = Money(
        key=key,
        printed=Printed("P-1 · Check", method="check", provider="manual"),
        pieces=pieces,
        fee_expected=None if expected is None else D(expected),
        fee_base=None if base is None else D(base),
        uncollected=Uncollected.ABSORB,
        reason=reason,
    )
    with transaction.atomic():
        return post_money(lock_work_order(job.brand, job.pk), money)


def settled(job: WorkOrder) -> JobSettlement:
    return job_settlement(job)


def figures(job: WorkOrder) -> tuple[str, ...]:
    """billed, received, refunded, balance and the word of the whole job."""
    whole = settled(job).whole
    amounts = (whole.billed, whole.received, whole.refunded, whole.balance)
    return (*map(str, amounts), whole.word.value)


def written(entries: Sequence[LedgerEntry]) -> list[tuple[str, str, Decimal, Decimal]]:
    """Kind, source, services and fee of entries."""
    return [(str(e.kind), e.source, e.services_amount, e.fee_amount) for e in entries]


def nets(job: WorkOrder) -> dict[str, tuple[Decimal, Decimal]]:
    """Net amount of each source of money, services and fee, over all invoices of ``job``."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    rows = LedgerEntry.objects.filter(work_order=job, kind__in=[k.value for k in SIGNS])
    for row in rows:
        sign = SIGNS[EntryKind(row.kind)]
        services, fee = sums.get(row.source, (D(0), D(0)))
        sums[row.source] = services + sign * row.services_amount, fee + sign * row.fee_amount
    return {source: net for source, net in sums.items() if any(net)}

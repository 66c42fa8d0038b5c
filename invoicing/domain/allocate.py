"""Which invoices of a job money goes to, and from which it comes back.

Money fills the issued invoices in their order, each up to what it asks for; then a draft, which
it issues; what is left over stays on the last one, which is then overpaid. Money that goes back
leaves the invoices that hold it, the last one first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.money import ZERO
from core.split import split
from invoicing.domain import follow_charges, revisions
from invoicing.models import Invoice, InvoiceStatus
from invoicing.queries import settlements
from workorders.models import WorkOrder


@dataclass(frozen=True)
class Legs:
    """Services and fee, side by side, in the job's currency; may be below zero."""

    services: Decimal = ZERO
    fee: Decimal = ZERO

    def __add__(self, other: "Legs") -> "Legs":
        return Legs(self.services + other.services, self.fee + other.fee)

    def __sub__(self, other: "Legs") -> "Legs":
        return self + -other

    def __neg__(self) -> "Legs":
        return Legs(-self.services, -self.fee)

    def __bool__(self) -> bool:
        return bool(self.services or self.fee)

    def positive(self) -> "Legs":
        """What of it is above zero."""
        return Legs(max(ZERO, self.services), max(ZERO, self.fee))


def from_holders(legs: Legs, held: Mapping[int, Legs]) -> dict[int, Legs]:
    """``legs`` taken from the invoices that hold money, the last first; a rest from the last."""
    found: dict[int, Legs] = {}
    services, fee = legs.services, legs.fee
    order = list(held)[::-1]
    for invoice_id in order:
        room = held[invoice_id].positive()
        part = Legs(min(services, room.services), min(fee, room.fee))
        services, fee = services - part.services, fee - part.fee
        found[invoice_id] = part
    if services or fee:
        found[order[0]] = found[order[0]] + Legs(services, fee)
    return {invoice_id: part for invoice_id, part in found.items() if part}


def onto_invoices(job: WorkOrder, legs: Legs, at: datetime) -> dict[int, Legs]:
    """``legs`` that came in, over the invoices of ``job``; the fee goes along with services."""
    asked = _asked(job, legs, at)
    parts: dict[int, Decimal] = {}
    left = legs.services
    for invoice_id, room in asked.items():
        part = min(left, room)
        parts[invoice_id], left = part, left - part
    last = list(asked)[-1]
    parts[last] += left
    # Money that is all fee goes where something is asked for.
    weights = list(parts.values() if any(parts.values()) else asked.values())
    fees = split(legs.fee, weights, job.brand.currency)
    found = {pk: Legs(part, fee) for (pk, part), fee in zip(parts.items(), fees, strict=True)}
    return {pk: part for pk, part in found.items() if part}


def along(fee: Decimal, held: Mapping[int, Legs], currency: str) -> dict[int, Legs]:
    """A fee that came for services which are here already: beside them, by their amounts."""
    parts = split(fee, [max(ZERO, legs.services) for legs in held.values()], currency)
    return {pk: Legs(fee=part) for pk, part in zip(held, parts, strict=True) if part}


def quote_shares(quote: Decimal, held: Mapping[int, Legs], currency: str) -> dict[int, Decimal]:
    """A quote over the invoices that hold a payment: the fee that each has, what lacks by services.

    So no invoice lacks a fee that the payment brought.
    """
    fees = [max(ZERO, legs.fee) for legs in held.values()]
    lacks = quote - sum(fees, ZERO)
    if lacks < 0:
        return dict(zip(held, split(quote, fees, currency), strict=True))
    parts = split(lacks, [max(ZERO, legs.services) for legs in held.values()], currency)
    return {pk: fee + part for pk, fee, part in zip(held, fees, parts, strict=True)}


def _asked(job: WorkOrder, legs: Legs, at: datetime) -> dict[int, Decimal]:
    """Live invoices with what each still asks for; a draft is issued where money is left for it."""
    only = _only(job)
    if only is not None and only.status == InvoiceStatus.ISSUED:
        return {only.pk: legs.services + legs.fee}
    asked = _open(job, InvoiceStatus.ISSUED)
    if sum(asked.values(), ZERO) >= legs.services and asked:
        return asked
    papers = follow_charges.read(job)
    waiting = papers.unbilled()
    below_zero = revisions.sum_of(waiting, job.brand.currency) < 0
    if asked and (papers.draft is None or below_zero):
        return asked
    if papers.draft is None and papers.invoices:
        return {papers.invoices[-1].pk: ZERO}  # all void: on to the client's credit
    draft = papers.draft or revisions.draft(job, at)
    revisions.issue(draft, waiting, at)
    return _open(job, InvoiceStatus.ISSUED)


def _open(job: WorkOrder, *statuses: InvoiceStatus) -> dict[int, Decimal]:
    answer = settlements.job_settlement(job)
    return {
        d.invoice.pk: d.settlement.amount_due
        for d in answer.documents
        if d.invoice.status in statuses
    }


def _only(job: WorkOrder) -> Invoice | None:
    """The invoice of a job that has just one, as nearly all: then nothing needs settling."""
    rows = list(settlements.standard_invoices(job.brand, [job.pk])[:2])
    return rows[0] if len(rows) == 1 else None


def last_invoice(job: WorkOrder) -> Invoice:
    """The last invoice of ``job``, a draft made for it where there is none."""
    found = settlements.standard_invoices(job.brand, [job.pk]).last()
    return found or revisions.draft(job)


def first_open(job: WorkOrder) -> Invoice:
    """Where money under way is shown: the first live invoice that asks for some, else the last."""
    only = _only(job)
    if only is not None:
        return only
    asked = _open(job, InvoiceStatus.ISSUED, InvoiceStatus.DRAFT)
    wanted = next((pk for pk, due in asked.items() if due > 0), None)
    if wanted is None:
        return last_invoice(job)
    return Invoice.objects.get(pk=wanted)

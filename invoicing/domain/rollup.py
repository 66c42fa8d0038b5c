"""The one writer of the rollups that lists read: what the settlement says, saved beside it.

Called at the end of every verb that may move a figure, in its transaction, under the job's lock.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import Any

from django.db.models import Model

from invoicing import queries
from invoicing.bill import ItemStatus, Settlement
from invoicing.models import Fulfilment, InvoiceBalance, Item, JobBalance
from workorders.models import Charge, ServiceType, WorkOrder


def figures_of(settlement: Settlement) -> dict[str, Any]:
    """A settlement as the columns of ``invoicing.models.rollup.Figures``."""
    return {
        "word": settlement.word.value,
        "services": settlement.services,
        "fee_kept": settlement.fee.kept,
        "fee_due": settlement.fee.due,
        "fee_expected": settlement.fee.expected,
        "fee_uncollected": settlement.fee.open,
        "billed": settlement.billed,
        "credits": settlement.credits,
        "received": settlement.received,
        "refunded": settlement.refunded,
        "pending": settlement.pending,
        "balance": settlement.balance,
        "amount_due": settlement.amount_due,
    }


def job_figures_of(answer: queries.JobSettlement) -> dict[str, Any]:
    """A job's settlement as the columns of ``JobBalance``."""
    return {"status": answer.whole.status.value, **figures_of(answer.whole)}


_waiting: ContextVar[dict[int, WorkOrder] | None] = ContextVar("paystory_recompute", default=None)


@contextmanager
def deferred() -> Iterator[Callable[[], None]]:
    """A step of several verbs: each job that they recompute is recomputed once, at its end.

    For callers that hold the locks of every job involved, in one transaction, and read no rollup
    inside: what the rollups say at the end is true, as always. Yields a function that does what
    is waiting now. Where the step fails nothing is written; the transaction is on its way back.
    Inside another step it does nothing of its own.
    """
    outer = _waiting.get()
    if outer is not None:
        yield lambda: None
        return
    jobs: dict[int, WorkOrder] = {}

    def recompute_now() -> None:
        while jobs:
            _recompute(jobs.pop(min(jobs)))

    token = _waiting.set(jobs)
    try:
        yield recompute_now
    finally:
        _waiting.reset(token)
    recompute_now()


def recompute(job: WorkOrder) -> None:
    """Settle ``job`` from its rows and write what lists read of it; only what differs."""
    waiting = _waiting.get()
    if waiting is None:
        _recompute(job)
    else:
        waiting[job.pk] = job


def _recompute(job: WorkOrder) -> None:
    answer = queries.job_settlement(job)
    _put_job(job, job_figures_of(answer))
    _put_invoices(job, answer)
    _items(job, answer)


def _put_job(job: WorkOrder, values: dict[str, Any]) -> None:
    row = JobBalance.objects.filter(brand=job.brand_id, work_order=job).first()
    if row is None:
        JobBalance.objects.create(brand_id=job.brand_id, work_order=job, **values)
    else:
        _save(row, values)


def _put_invoices(job: WorkOrder, answer: queries.JobSettlement) -> None:
    mine = InvoiceBalance.objects.filter(
        brand=job.brand_id, invoice__in=[d.invoice.pk for d in answer.documents]
    )
    rows = {row.invoice_id: row for row in mine}
    for document in answer.documents:
        row, values = rows.get(document.invoice.pk), figures_of(document.settlement)
        if row is None:
            key = {"brand_id": job.brand_id, "invoice_id": document.invoice.pk}
            InvoiceBalance.objects.create(**key, **values)
        else:
            _save(row, values)


def _save(row: Model, values: dict[str, Any]) -> None:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)


# Items -------------------------------------------------------------------------------------------


def _items(job: WorkOrder, answer: queries.JobSettlement) -> None:
    """One row per charge. A charge that no live invoice bills is not invoiced."""
    rows = {item.charge_id: item for item in Item.objects.filter(brand=job.brand, work_order=job)}
    new = []
    charges = list(job.charges.all())
    told = item_values(answer, charges)
    goods = {charge.pk for charge in charges if can_be_ordered(charge)}
    for charge_id, values in told.items():
        row = rows.get(charge_id)
        before = Fulfilment(row.fulfilment) if row else Fulfilment.NOT_STARTED
        status = ItemStatus(values["status"])
        values["fulfilment"] = forward(before, status) if charge_id in goods else before
        if row is None:
            new.append(Item(brand_id=job.brand_id, work_order=job, charge_id=charge_id, **values))
        else:
            _save(row, values)
    Item.objects.bulk_create(new)


def item_values(
    answer: queries.JobSettlement, charges: Iterable[Charge]
) -> dict[int, dict[str, Any]]:
    """What the settlement says of each charge of its job, by charge id; its fulfilment aside."""
    told = {
        item.key: (document.invoice.pk, item)
        for document in answer.documents
        for item in document.settlement.items
    }
    found = {}
    for charge in charges:
        invoice_id, item = told.get(charge.pk, (None, None))
        found[charge.pk] = {
            "invoice_id": invoice_id,
            "description": charge.description,
            "total": item.total if item else _asked(charge, answer),
            "covered": item.covered if item else charge.amount * 0,
            "status": (item.status if item else ItemStatus.NOT_INVOICED).value,
        }
    return found


def _asked(charge: Charge, answer: queries.JobSettlement) -> Decimal:
    """What a charge of a void bill would ask for, tax included."""
    lines = (queries.line_of_charge(charge, d.invoice.currency) for d in answer.documents)
    return next((line.amount + line.tax_amount for line in lines), charge.amount)


_REACHED = {
    ItemStatus.INVOICED: Fulfilment.INVOICED,
    ItemStatus.DEPOSIT_PAID: Fulfilment.INVOICED,
    ItemStatus.FULLY_PAID: Fulfilment.CLIENT_PAID,
}


def can_be_ordered(charge: Charge) -> bool:
    """A discount and the price of a cancellation are paid, but nobody delivers them."""
    return charge.amount >= 0 and charge.service_type != ServiceType.CANCELLATION


def forward(before: Fulfilment, status: ItemStatus) -> Fulfilment:
    """How far an item is now: what its payment reached, or further; never back."""
    steps = list(Fulfilment)
    reached = _REACHED.get(status, Fulfilment.NOT_STARTED)
    return max(before, reached, key=steps.index)

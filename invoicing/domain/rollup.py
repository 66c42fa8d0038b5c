"""The one writer of the rollups that lists read: what the settlement says, saved beside it.

Called at the end of every verb that may move a figure, in its transaction, under the job's lock.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Model

from core.money import zero_of
from invoicing.domain import tripwire
from invoicing.models import Fulfilment, InvoiceBalance, Item, JobBalance
from invoicing.queries import settlements
from invoicing.settlement.types import ItemStatus, Settlement
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


def job_figures_of(answer: settlements.JobSettlement) -> dict[str, Any]:
    """A job's settlement as the columns of ``JobBalance``."""
    return {"status": answer.whole.status.value, **figures_of(answer.whole)}


@dataclass
class _Saved:
    """The rollups of one job as they are saved: invoices by invoice, items by charge."""

    job: JobBalance | None
    invoices: dict[int, InvoiceBalance]
    items: dict[int, Item]


@dataclass
class _Step:
    """Jobs that wait to be recomputed, and the rollups that this step read or wrote."""

    waiting: dict[int, WorkOrder] = field(default_factory=dict)
    saved: dict[int, _Saved] = field(default_factory=dict)


_open: ContextVar[_Step | None] = ContextVar("paystory_recompute", default=None)


@contextmanager
def deferred() -> Iterator[Callable[[], None]]:
    """A step of several verbs: each job that they recompute is recomputed once, at its end.

    For callers that hold the locks of every job involved, in one transaction, and read no rollup
    inside. Nobody else writes one meanwhile, so each is read once; what the rollups say at the
    end is true, as always. Yields a function that does what is waiting now. Where the step fails
    nothing is written; the transaction is on its way back. Inside another step it does nothing
    of its own.
    """
    if _open.get() is not None:
        yield lambda: None
        return
    step = _Step()

    def recompute_now() -> None:
        while step.waiting:
            _recompute(step.waiting.pop(min(step.waiting)), step.saved)

    token = _open.set(step)
    try:
        yield recompute_now
    finally:
        _open.reset(token)
    recompute_now()


def recompute(job: WorkOrder) -> None:
    """Settle ``job`` from its rows and write what lists read of it; only what differs."""
    step = _open.get()
    if step is None:
        _recompute(job, {})
    else:
        step.waiting[job.pk] = job


def check_settled() -> None:
    """Fail now where a job was not posted or not recomputed; IntegrityError names both.

    Inside an open ``deferred`` step jobs still wait: its end, or the commit, fails instead.
    """
    if _open.get() is None:
        tripwire.check()


def created(job: WorkOrder) -> None:
    """Tell an open ``deferred`` step that it made ``job``: no rollup of it is looked for."""
    step = _open.get()
    if step is not None:
        step.saved[job.pk] = _Saved(None, {}, {})


def is_missing(job: WorkOrder) -> bool:
    """Whether ``job`` was never recomputed."""
    step = _open.get()
    if step is not None and job.pk in step.saved:
        return step.saved[job.pk].job is None
    return not JobBalance.objects.filter(brand=job.brand_id, work_order=job).exists()


def _recompute(job: WorkOrder, known: dict[int, _Saved]) -> None:
    answer = settlements.job_settlement(job)
    saved = known.get(job.pk) or _saved(job, answer)
    _put_job(job, saved, job_figures_of(answer))
    _put_invoices(job, saved, answer)
    _put_items(job, saved, answer)
    known[job.pk] = saved
    tripwire.was_recomputed(job)


def _saved(job: WorkOrder, answer: settlements.JobSettlement) -> _Saved:
    mine = InvoiceBalance.objects.filter(
        brand=job.brand_id, invoice__in=[d.invoice.pk for d in answer.documents]
    )
    items = Item.objects.filter(brand=job.brand_id, work_order=job)
    return _Saved(
        JobBalance.objects.filter(brand=job.brand_id, work_order=job).first(),
        {row.invoice_id: row for row in mine},
        {row.charge_id: row for row in items},
    )


def _put_job(job: WorkOrder, saved: _Saved, values: dict[str, Any]) -> None:
    if saved.job is None:
        key = {"brand_id": job.brand_id, "work_order": job}
        saved.job = JobBalance.objects.create(**key, **values)
    else:
        _save(saved.job, values)


def _put_invoices(job: WorkOrder, saved: _Saved, answer: settlements.JobSettlement) -> None:
    for document in answer.documents:
        pk, values = document.invoice.pk, figures_of(document.settlement)
        if pk in saved.invoices:
            _save(saved.invoices[pk], values)
        else:
            key = {"brand_id": job.brand_id, "invoice_id": pk}
            saved.invoices[pk] = InvoiceBalance.objects.create(**key, **values)


def _save(row: Model, values: dict[str, Any]) -> None:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)


# Items -------------------------------------------------------------------------------------------


def _put_items(job: WorkOrder, saved: _Saved, answer: settlements.JobSettlement) -> None:
    """One row per charge. A charge that no live invoice bills is not invoiced."""
    new = []
    charges = list(job.charges.all())
    rows = item_values(answer, charges)
    orderable = {charge.pk for charge in charges if can_be_ordered(charge)}
    for charge_id, values in rows.items():
        row = saved.items.get(charge_id)
        before = Fulfilment(row.fulfilment) if row else Fulfilment.NOT_STARTED
        status = ItemStatus(values["status"])
        values["fulfilment"] = forward(before, status) if charge_id in orderable else before
        if row is None:
            new.append(Item(brand_id=job.brand_id, work_order=job, charge_id=charge_id, **values))
        else:
            _save(row, values)
    saved.items |= {row.charge_id: row for row in Item.objects.bulk_create(new)}


def item_values(
    answer: settlements.JobSettlement, charges: Iterable[Charge]
) -> dict[int, dict[str, Any]]:
    """What the settlement says of each charge of its job, by charge id; its fulfilment aside."""
    items = {
        item.key: (document.invoice.pk, item)
        for document in answer.documents
        for item in document.settlement.items
    }
    values = {}
    for charge in charges:
        invoice_id, item = items.get(charge.pk, (None, None))
        values[charge.pk] = {
            "invoice_id": invoice_id,
            "description": charge.description,
            "total": item.total if item else _asked(charge, answer),
            "covered": item.covered if item else zero_of(charge.amount),
            "status": (item.status if item else ItemStatus.NOT_INVOICED).value,
        }
    return values


def _asked(charge: Charge, answer: settlements.JobSettlement) -> Decimal:
    """What a charge of a void bill would ask for, tax included."""
    lines = (settlements.line_of_charge(charge, d.invoice.currency) for d in answer.documents)
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

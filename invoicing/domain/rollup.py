"""The one writer of the rollups that lists read: what the settlement says, saved beside it.

Called at the end of every verb that may move a figure, in its transaction, under the job's lock.
"""

from typing import Any

from django.db.models import Model

from invoicing import queries
from invoicing.bill import ItemStatus, Settlement
from invoicing.models import Fulfilment, InvoiceBalance, Item, JobBalance
from workorders.models import WorkOrder


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


def recompute(job: WorkOrder) -> queries.JobSettlement:
    """Settle ``job`` from its rows and write what lists read of it; only what differs."""
    answer = queries.job_settlement(job)
    values = {"status": answer.whole.status.value, **figures_of(answer.whole)}
    _put(JobBalance, {"brand_id": job.brand_id, "work_order_id": job.pk}, values)
    for document in answer.documents:
        key = {"brand_id": job.brand_id, "invoice_id": document.invoice.pk}
        _put(InvoiceBalance, key, figures_of(document.settlement))
    _items(job, answer)
    return answer


def _put(model: type[Model], key: dict[str, int], values: dict[str, Any]) -> None:
    row = model._default_manager.filter(**key).first()
    if row is None:
        model._default_manager.create(**key, **values)
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
    told = {
        item.key: (document.invoice.pk, item)
        for document in answer.documents
        for item in document.settlement.items
    }
    new = []
    for charge in job.charges.all():
        invoice_id, found = told.get(charge.pk, (None, None))
        row = rows.get(charge.pk)
        status = found.status if found else ItemStatus.NOT_INVOICED
        before = Fulfilment(row.fulfilment) if row else Fulfilment.NOT_STARTED
        values: dict[str, Any] = {
            "invoice_id": invoice_id,
            "description": charge.description,
            "total": found.total if found else charge.amount,
            "covered": found.covered if found else charge.amount * 0,
            "status": status.value,
            "fulfilment": _forward(before, status),
        }
        if row is None:
            new.append(Item(brand_id=job.brand_id, work_order=job, charge=charge, **values))
        else:
            _save(row, values)
    Item.objects.bulk_create(new)


_REACHED = {
    ItemStatus.INVOICED: Fulfilment.INVOICED,
    ItemStatus.DEPOSIT_PAID: Fulfilment.INVOICED,
    ItemStatus.FULLY_PAID: Fulfilment.CLIENT_PAID,
}


def _forward(before: Fulfilment, status: ItemStatus) -> Fulfilment:
    """How far an item is now: what its payment reached, or further; never back."""
    steps = list(Fulfilment)
    reached = _REACHED.get(status, Fulfilment.NOT_STARTED)
    return max(before, reached, key=steps.index)

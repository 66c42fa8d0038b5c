"""The one place that appends to the ledger."""

from datetime import datetime
from typing import Any

from django.db.models import Max

from invoicing.domain import stamp
from invoicing.domain.allocate import Legs
from invoicing.models import LedgerEntry
from invoicing.settlement.types import EntryKind
from workorders.models import WorkOrder

# What a line prints of its money, and what it comes from.
_PRINTED = (
    *("source", "payment", "label", "method", "provider", "last4", "reference", "funding"),
    *("uncollected", "happened_at"),
)


def write_entry(job: WorkOrder, invoice_id: int, **values: Any) -> LedgerEntry:
    """Append one line to the ledger; its sequence counts per source, under the job's lock."""
    source: str = values["source"]
    highest = LedgerEntry.objects.filter(source=source).aggregate(highest=Max("sequence"))
    moment: datetime = values["happened_at"]
    return LedgerEntry.objects.create(
        brand_id=job.brand_id,
        work_order=job,
        invoice_id=invoice_id,
        sequence=(highest["highest"] or 0) + 1,
        by=stamp.by(),
        occurred_on=stamp.day(job.brand, moment),
        **values,
    )


def print_again(
    job: WorkOrder, last: LedgerEntry, *, held: Legs, came: Legs, why: str, **now: Any
) -> list[LedgerEntry]:
    """Take back what an invoice holds of a source, as ``last`` printed it, and write ``came`` anew.

    ``now`` is what the new line has otherwise than ``last``: readers see it alone, as if nothing
    else had been printed (docs/decisions/027). Answers both lines.
    """
    before = {name: getattr(last, name) for name in _PRINTED} | {"is_reprint": True}
    kind = EntryKind(last.kind)
    back = write_entry(
        job,
        last.invoice_id,
        kind=kind.reversal,
        reverses=last,
        reason=why,
        services_amount=held.services,
        fee_amount=held.fee,
        **before,
    )
    quote = {"fee_expected": last.fee_expected, "fee_base": last.fee_base}
    parts = {"services_amount": came.services, "fee_amount": came.fee}
    values = before | quote | parts | now
    return [back, write_entry(job, last.invoice_id, kind=kind, **values)]

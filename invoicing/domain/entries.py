"""The one place that appends to the ledger."""

from datetime import datetime
from typing import Any

from django.db.models import Max

from invoicing.domain import stamp
from invoicing.models import LedgerEntry
from workorders.models import WorkOrder


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

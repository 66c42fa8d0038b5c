"""The one lock order: work orders first, ascending, then anything else (law 13)."""

from collections.abc import Iterable

from accounts.models import Brand
from workorders.models import WorkOrder


def lock_work_orders(brand: Brand, ids: Iterable[int]) -> dict[int, WorkOrder]:
    """Lock and re-read work orders of ``brand`` until the transaction ends, ascending; by id.

    Call it first inside a verb's transaction, never across a network call. Those that do not
    exist or belong to another brand are missing from the answer. ``NO KEY``: other transactions
    may still add rows that refer to the job (a note, a message).
    """
    rows = (
        WorkOrder.objects.select_for_update(no_key=True)
        .filter(brand=brand, pk__in=set(ids))
        .order_by("pk")
    )
    jobs = {row.pk: row for row in rows}
    for job in jobs.values():
        job.brand = brand
    return jobs


def lock_work_order(brand: Brand, work_order_id: int) -> WorkOrder:
    """Lock and re-read one work order; raises ``WorkOrder.DoesNotExist``."""
    job = lock_work_orders(brand, [work_order_id]).get(work_order_id)
    if job is None:
        raise WorkOrder.DoesNotExist(f"no work order {work_order_id} in {brand}")
    return job

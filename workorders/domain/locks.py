"""The one lock order: work orders first, ascending, then anything else (law 13)."""

from collections.abc import Iterable

from accounts.models import Brand
from workorders.models import WorkOrder


def lock_work_orders(brand: Brand, ids: Iterable[int]) -> list[WorkOrder]:
    """Lock and re-read the brand's work orders with ``ids``, ascending by id.

    Call it first inside the verb's transaction, never across a network call. Raises
    ``WorkOrder.DoesNotExist`` when one of them is missing or another brand's.
    """
    wanted = sorted(set(ids))
    found = list(
        # "of": the brand and client rows are shared by all jobs and are not what is protected.
        WorkOrder.objects.select_for_update(of=("self",))
        .filter(brand=brand, pk__in=wanted)
        .select_related("client")
        .order_by("pk")
    )
    if len(found) != len(wanted):
        missing = set(wanted) - {job.pk for job in found}
        raise WorkOrder.DoesNotExist(f"no work order {sorted(missing)} in {brand}")
    for job in found:
        job.brand = brand
    return found


def lock_work_order(brand: Brand, work_order_id: int) -> WorkOrder:
    """Lock and re-read one work order; see ``lock_work_orders``."""
    return lock_work_orders(brand, [work_order_id])[0]

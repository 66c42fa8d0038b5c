"""One lock order: the work orders involved, ascending, then a provider's order, then the rest."""

import hashlib

from django.db import connection

from accounts.models import Brand
from payments.models import Payment, PaymentAllocation
from workorders.domain.locks import lock_work_orders
from workorders.models import WorkOrder

__all__ = ["jobs_paid", "lock_of_order", "lock_order", "lock_payment", "lock_work_orders"]


def lock_payment(payment: Payment) -> Payment:
    """The payment as it is now, with every job that it pays locked. Call in a transaction."""
    brand = payment.brand
    jobs = {payment.work_order_id, *payment.allocations.values_list("work_order_id", flat=True)}
    lock_work_orders(brand, jobs)
    current = Payment.objects.select_related("brand", "work_order").select_for_update(
        of=("self",), no_key=True
    )
    return current.get(pk=payment.pk, brand=brand)


def lock_order(brand: Brand, provider: str, order_id: str) -> None:
    """Lock a provider's order, which may not belong to any job yet; always after the jobs."""
    digest = hashlib.sha256(f"{brand.pk}:{provider}:{order_id}".encode()).digest()
    key = int.from_bytes(digest[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def jobs_paid(brand: Brand, provider: str, order_id: str) -> set[int]:
    """Ids of the jobs that the payment of a provider's order pays; usually one, or none yet."""
    shares = PaymentAllocation.objects.filter(
        brand=brand, payment__provider=provider, payment__provider_order_id=order_id
    )
    return set(shares.order_by().values_list("work_order_id", flat=True))


def lock_of_order(
    brand: Brand, provider: str, order_id: str, work_order_id: int | None
) -> dict[int, WorkOrder]:
    """Lock all jobs that an order concerns, then the order: its own job, and those it pays.

    Answers the jobs by id. Whoever folds asks again afterwards whether these are all.
    """
    ids = jobs_paid(brand, provider, order_id)
    if work_order_id is not None:
        ids.add(work_order_id)
    jobs = lock_work_orders(brand, ids)
    lock_order(brand, provider, order_id)
    return jobs

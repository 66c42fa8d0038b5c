"""Jobs are locked in one order, read again, and only those of the brand."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Brand
from tests.factories import BrandFactory, WorkOrderFactory
from workorders.domain.locks import lock_work_order, lock_work_orders
from workorders.models import WorkOrder


def test_ascending_without_their_keys_and_as_they_are_now(brand: Brand, job: WorkOrder) -> None:
    other = WorkOrderFactory(brand=brand)
    WorkOrder.objects.filter(pk=job.pk).update(address="2 Oak")

    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        locked = lock_work_orders(brand, [other.pk, job.pk, job.pk])

    assert list(locked) == sorted([job.pk, other.pk])
    assert locked[job.pk].address == "2 Oak"
    assert locked[job.pk].brand is brand
    statement = queries[-1]["sql"]
    assert "ORDER BY" in statement
    assert statement.endswith("FOR NO KEY UPDATE")


def test_another_brands_job_is_missing(brand: Brand, job: WorkOrder) -> None:
    stranger = BrandFactory()

    with transaction.atomic():
        assert lock_work_orders(stranger, [job.pk]) == {}
        with pytest.raises(WorkOrder.DoesNotExist):
            lock_work_order(stranger, job.pk)
        assert lock_work_order(brand, job.pk) == job

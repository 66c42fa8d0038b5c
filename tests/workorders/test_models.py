"""What the tables of jobs refuse by themselves."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Brand
from tests.factories import (
    BrandFactory,
    ChargeFactory,
    ClientFactory,
    ContactFactory,
    NoteFactory,
    ServiceFactory,
    TaxRateFactory,
    WorkOrderFactory,
)
from workorders.models import WorkOrder


def write(factory: Any, **values: Any) -> None:
    """Write a row and check deferred constraints at once."""
    with transaction.atomic():
        factory(**values)
        connection.check_constraints()


def refused(factory: Any, **values: Any) -> None:
    with pytest.raises(IntegrityError):
        write(factory, **values)


@pytest.mark.parametrize("factory", [ContactFactory, ChargeFactory, NoteFactory])
def test_a_row_of_a_job_has_the_jobs_brand(job: WorkOrder, factory: Any) -> None:
    refused(factory, work_order=job, brand=BrandFactory())


def test_a_job_and_its_client_are_of_one_brand(brand: Brand) -> None:
    refused(WorkOrderFactory, brand=brand, client=ClientFactory(brand=BrandFactory()))


def test_a_charge_and_its_service_are_of_one_brand(job: WorkOrder) -> None:
    refused(ChargeFactory, work_order=job, service=ServiceFactory(brand=BrandFactory()))


@pytest.mark.parametrize("values", [{"status": "done"}, {"origin": "paper"}])
def test_a_job_has_a_status_and_an_origin_that_exist(brand: Brand, values: dict[str, str]) -> None:
    refused(WorkOrderFactory, brand=brand, **values)


@pytest.mark.parametrize("percent", ["-1", "100.01"])
def test_a_tax_is_between_nothing_and_all(brand: Brand, percent: str) -> None:
    refused(TaxRateFactory, brand=brand, percent=Decimal(percent))

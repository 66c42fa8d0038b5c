"""The lists of items, and their sums."""

from decimal import Decimal

import pytest

from accounts.models import Brand
from invoicing.domain import items
from invoicing.queries import items as reads
from tests.factories import BrandFactory, WorkOrderFactory
from tests.invoicing.billed_items import (
    agrees,
    bill,
    cash,
    give_back,
    ids,
    rows,
)
from tests.invoicing.billed_jobs import charge, line
from workorders.models import WorkOrder

D = Decimal


def listed(brand: Brand, name: str) -> list[str]:
    return [f"{i.work_order.number} {i.description}" for i in reads.listed(brand, name)]


@pytest.fixture
def many(brand: Brand) -> dict[str, WorkOrder]:
    """A job for each list, and one that is on none."""
    jobs: dict[str, WorkOrder] = {}
    for number in ("DRAFT", "UNPAID", "BACK", "DEPOSIT", "READY", "HOLD", "ORDERED", "DONE"):
        jobs[number] = WorkOrderFactory(brand=brand, number=number)
        if number == "DRAFT":
            charge(jobs[number], line("40.00", "Item 1"))
        else:
            bill(jobs[number], "300.00", "-50.00")
    cash(jobs["DEPOSIT"], "100.00")
    money = {n: cash(jobs[n], "250.00") for n in ("BACK", "READY", "HOLD", "ORDERED", "DONE")}
    items.mark_ordered(brand, [ids(jobs[n])[0] for n in ("ORDERED", "DONE")])
    items.mark_delivered(brand, [ids(jobs["DONE"])[0]])
    give_back(money["BACK"], "250.00")
    give_back(money["HOLD"], "50.00")
    return jobs


def test_each_item_is_on_the_lists_of_its_state(brand: Brand, many: dict[str, WorkOrder]) -> None:
    assert {name: sorted(listed(brand, name)) for name in reads.LISTS} == {
        "unpaid": ["BACK Item 1", "UNPAID Item 1"],
        "deposits": ["DEPOSIT Item 1", "HOLD Item 1"],
        "ready": ["READY Item 1"],
        "hold": ["BACK Item 1", "HOLD Item 1"],
        "ordered": ["ORDERED Item 1"],
        "delivered": ["DONE Item 1"],
        "not_issued": ["DRAFT Item 1"],
    }


def test_the_figures_of_a_list_are_the_sums_of_its_rows(
    brand: Brand, many: dict[str, WorkOrder]
) -> None:
    known = reads.overview(brand)

    for name in reads.LISTS:
        items_on_list = list(reads.listed(brand, name))
        assert known.lists[name] == reads.ListSum(
            len(items_on_list),
            sum((i.total for i in items_on_list), D(0)),
            sum((i.covered for i in items_on_list), D(0)),
        )


def test_the_summary_of_a_brand_a_client_and_a_job(
    brand: Brand, many: dict[str, WorkOrder]
) -> None:
    stranger = WorkOrderFactory(brand=BrandFactory(slug="other"))
    bill(stranger, "999.00")
    agrees(*many.values())
    whole = reads.summary(brand)

    assert {
        str(row.status): (row.count, str(row.total), str(row.covered)) for row in whole.rows
    } == {
        "not_invoiced": (1, "40.00", "0.00"),
        "invoiced": (4, "150.00", "0.00"),
        "deposit_paid": (2, "600.00", "300.00"),
        "fully_paid": (6, "750.00", "750.00"),
        "refunded": (2, "250.00", "0.00"),
    }
    assert whole == reads.overview(brand).summary
    assert whole == reads.summary(brand, work_order_ids=[job.pk for job in many.values()])
    job = many["READY"]
    mine = reads.summary(brand, client_id=job.client_id)
    assert mine == reads.summary(brand, work_order_ids=[job.pk])
    assert mine == reads.summarise(brand, rows(job))
    assert (mine.count, str(mine.total), str(mine.covered)) == (2, "250.00", "250.00")
    assert reads.summary(brand, work_order_ids=[stranger.pk]).rows == []

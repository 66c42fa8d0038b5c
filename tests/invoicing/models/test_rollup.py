"""What the database keeps true of rollups, whatever writes them."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from invoicing.models import Fulfilment, Item, ItemStatus, JobBalance
from tests.factories import BrandFactory
from tests.invoicing.billed_jobs import billed
from workorders.models import WorkOrder

STEPS = list(Fulfilment)


@pytest.fixture
def item(job: WorkOrder) -> Item:
    billed(job, "329.00")
    return Item.objects.get()


def move(to: Fulfilment) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE invoicing_item SET fulfilment = %s", [to.value])


@pytest.mark.parametrize("before", STEPS)
@pytest.mark.parametrize("after", STEPS)
def test_an_item_is_never_less_fulfilled(before: Fulfilment, after: Fulfilment, item: Item) -> None:
    Item.objects.filter(pk=item.pk).update(fulfilment=Fulfilment.INVOICED)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE invoicing_item SET fulfilment = %s", [before.value])
        cursor.execute("SET LOCAL session_replication_role = origin")

    if STEPS.index(after) < STEPS.index(before):
        with pytest.raises(DatabaseError, match="paystory_forward_only"):
            move(after)
    else:
        move(after)
        assert Item.objects.get().fulfilment == after


def test_its_status_reads_in_words(item: Item) -> None:
    item.status = ItemStatus.DEPOSIT_PAID.value

    assert item.status_label == "Deposit paid"


def test_a_balance_is_of_a_job_of_its_brand(item: Item) -> None:
    other = BrandFactory()

    @transaction.atomic
    def wrong() -> None:
        JobBalance.objects.update(brand=other)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="invoicing_job_balance_job"):
        wrong()

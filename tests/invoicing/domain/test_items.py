"""Items are ordered and delivered by people: paid first, in that order, never back."""

from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from accounts.models import Brand
from activity import describe
from activity.models import Entry
from activity.projection import project_pending
from invoicing.domain import items
from invoicing.models import Item
from tests.factories import BrandFactory, WorkOrderFactory
from tests.invoicing.billed_items import (
    bill,
    cash,
    fulfilment,
    give_back,
    ids,
    refused,
    rows,
    state,
)
from tests.payments.conftest import together
from workorders.models import WorkOrder

D = Decimal


def test_paid_items_are_ordered_and_then_delivered(paid_job: WorkOrder) -> None:
    moved = items.mark_ordered(paid_job.brand, ids(paid_job))
    assert [item.fulfilment for item in moved] == ["ordered", "ordered"]
    assert fulfilment(paid_job) == ["ordered", "ordered"]

    items.mark_delivered(paid_job.brand, ids(paid_job)[:1])
    assert fulfilment(paid_job) == ["delivered", "ordered"]


def test_several_items_of_a_job_are_one_line_on_its_timeline(paid_job: WorkOrder) -> None:
    items.mark_ordered(paid_job.brand, ids(paid_job))
    project_pending()

    entry = Entry.objects.filter(work_order_id=paid_job.pk, code="item.changed").latest("id")

    sentence = describe.render(entry.code, {"currency": "USD", **entry.data})
    assert (sentence.headline, sentence.second) == ("2 items ordered", "“Item 1”, “Item 2”")


def test_items_of_several_jobs_are_a_line_on_each(brand: Brand) -> None:
    jobs: list[WorkOrder] = WorkOrderFactory.create_batch(2, brand=brand)
    for job in jobs:
        bill(job, "300.00")
        cash(job, "300.00")
    project_pending()
    before = set(Entry.objects.values_list("pk", flat=True))

    items.mark_ordered(brand, [pk for job in jobs for pk in ids(job)])
    project_pending()

    added = Entry.objects.exclude(pk__in=before).values_list("work_order_id", "code")
    assert sorted(added) == sorted((job.pk, "item.changed") for job in jobs)


def test_nothing_is_ordered_before_it_is_paid(job: WorkOrder) -> None:
    bill(job, "300.00")
    cash(job, "100.00")

    error = refused(items.mark_ordered, job.brand, ids(job))

    assert error == (
        "FHI624, “Item 1”: $100.00 of $300.00 is covered. "
        "It can be ordered once it is paid in full."
    )


def test_nothing_is_ordered_after_its_money_went_back(job: WorkOrder) -> None:
    bill(job, "300.00")
    give_back(cash(job, "300.00"), "120.00")

    error = refused(items.mark_ordered, job.brand, ids(job))

    assert "it was paid in full, but only $180.00 of $300.00 is covered now" in error


def test_what_was_ordered_stays_so_when_money_goes_back(job: WorkOrder) -> None:
    bill(job, "300.00")
    payment = cash(job, "300.00")
    items.mark_ordered(job.brand, ids(job))

    give_back(payment, "300.00")
    assert state(job) == [("0.00", "refunded", "ordered")]

    items.mark_delivered(job.brand, ids(job))
    assert state(job) == [("0.00", "refunded", "delivered")]


def test_each_step_once_and_in_its_order(paid_job: WorkOrder) -> None:
    brand, chosen = paid_job.brand, ids(paid_job)
    assert "it is not ordered yet" in refused(items.mark_delivered, brand, chosen)

    items.mark_ordered(brand, chosen)
    assert "it is ordered already" in refused(items.mark_ordered, brand, chosen)

    items.mark_delivered(brand, chosen)
    assert "it is delivered already" in refused(items.mark_delivered, brand, chosen)
    assert "it is delivered already" in refused(items.mark_ordered, brand, chosen)


def test_all_of_the_chosen_or_none(paid_job: WorkOrder) -> None:
    other = WorkOrderFactory(brand=paid_job.brand, number="FHI700")
    bill(other, "50.00")

    error = refused(items.mark_ordered, paid_job.brand, ids(paid_job) + ids(other))

    assert "FHI700" in error
    assert "FHI624" not in error


def test_another_brands_item_is_not_there(paid_job: WorkOrder) -> None:
    theirs = WorkOrderFactory(brand=BrandFactory(slug="other"))
    bill(theirs, "50.00")
    cash(theirs, "50.00")

    error = refused(items.mark_ordered, paid_job.brand, ids(paid_job) + ids(theirs))

    assert error == "One of the items is not there any more. Look at the list again."


@pytest.mark.parametrize(
    ("chosen", "error"), [([], "at least one"), (range(1, 102), "At most 100")]
)
def test_none_and_too_many_are_refused(brand: Brand, chosen: list[int], error: str) -> None:
    assert error in refused(items.mark_ordered, brand, list(chosen))


@pytest.mark.parametrize(("before", "to"), [("ordered", "client_paid"), ("delivered", "invoiced")])
def test_the_database_refuses_the_way_back(paid_job: WorkOrder, before: str, to: str) -> None:
    Item.objects.filter(work_order=paid_job).update(fulfilment=before)
    item = rows(paid_job)[0]
    item.fulfilment = to

    with pytest.raises(DatabaseError, match="paystory_forward_only"), transaction.atomic():
        item.save()
    with pytest.raises(DatabaseError, match="paystory_forward_only"), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(fulfilment=to)
    with (
        pytest.raises(DatabaseError, match="paystory_forward_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE invoicing_item SET fulfilment = %s WHERE id = %s", [to, item.pk])

    assert fulfilment(paid_job) == [before, before]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_order_an_item_once(paid_job: WorkOrder) -> None:
    chosen = ids(paid_job)

    answers = together(
        lambda: items.mark_ordered(paid_job.brand, chosen),
        lambda: items.mark_ordered(paid_job.brand, chosen),
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["ValidationError", "list"]
    assert fulfilment(paid_job) == ["ordered", "ordered"]

"""Numbers of jobs: used once, counted on without a scan, and clear when two meet."""

import importlib
import threading

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Brand
from tests.factories import BrandFactory, WorkOrderFactory
from workorders.domain import jobs, numbers
from workorders.domain.jobs import JobDetails
from workorders.domain.people import NewClient
from workorders.models import BookingNumber, Client, WorkOrder


def book(brand: Brand, number: str = "") -> WorkOrder:
    return jobs.create_work_order(
        brand, client=NewClient("Jo"), details=JobDetails(), number=number
    )


def last(brand: Brand) -> int:
    return BookingNumber.objects.get(brand=brand).last


def test_numbers_go_up_one_by_one_without_reading_all_jobs(brand: Brand) -> None:
    assert numbers.take_number(brand) == "FHI1"

    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert numbers.take_number(brand) == "FHI2"

    assert not [q for q in queries if "MAX(" in q["sql"].upper()]


def test_a_booking_that_fails_leaves_a_gap(brand: Brand) -> None:
    with pytest.raises(ValidationError):
        jobs.create_work_order(brand, client=NewClient(" "), details=JobDetails())

    assert book(brand).number == "FHI2"


def test_a_typed_number_moves_the_counter_past_it(brand: Brand) -> None:
    book(brand)

    book(brand, "FHI900")
    book(brand, "FHI12")

    assert book(brand).number == "FHI901"


@pytest.mark.parametrize("number", ["FHI7-2", "X9", "FHI", "FHI1234567890123"])
def test_a_number_of_another_form_moves_nothing(brand: Brand, number: str) -> None:
    book(brand)

    book(brand, number)

    assert book(brand).number == "FHI2"


@pytest.mark.parametrize("written", ["FHI2", "fhi2"])
def test_a_job_that_passed_the_counter_unseen_is_skipped(brand: Brand, written: str) -> None:
    book(brand)
    WorkOrderFactory(brand=brand, number=written)
    WorkOrderFactory(brand=brand, number="FHI40")

    assert book(brand).number == "FHI41"


def test_each_brand_counts_for_itself(brand: Brand) -> None:
    other = BrandFactory(number_prefix="RIA")
    book(brand)

    assert (book(other).number, book(brand).number) == ("RIA1", "FHI2")


def test_catching_up_never_moves_back(brand: Brand) -> None:
    WorkOrderFactory(brand=brand, number="FHI30")

    numbers.catch_up(brand)
    BookingNumber.objects.filter(brand=brand).update(last=50)
    numbers.catch_up(brand)

    assert last(brand) == 50


def test_two_spellings_of_one_number_are_refused_by_the_database(brand: Brand) -> None:
    WorkOrderFactory(brand=brand, number="FHI7")

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        WorkOrderFactory(brand=brand, number="fhi7")

    assert numbers.is_collision(refused.value)


def test_the_migration_begins_after_the_highest_number(brand: Brand) -> None:
    WorkOrderFactory(brand=brand, number="FHI41")
    WorkOrderFactory(brand=brand, number="fhi52")
    WorkOrderFactory(brand=brand, number="FHI99x")
    empty = BrandFactory()
    fill = importlib.import_module("workorders.migrations.0004_fill_booking_numbers").fill

    with connection.schema_editor() as editor:
        fill(apps, editor)

    assert (last(brand), last(empty)) == (52, 0)


@pytest.mark.django_db(transaction=True)
def test_a_number_that_somebody_else_types_meanwhile_is_a_clear_error() -> None:
    brand = BrandFactory(number_prefix="FHI")
    results: list[object] = []

    def type_the_same() -> None:
        try:
            results.append(book(brand, "FHI500"))
        except ValidationError as error:
            results.append(error.message_dict)
        finally:
            connections.close_all()

    other = threading.Thread(target=type_the_same)
    with transaction.atomic():
        book(brand, "FHI500")
        other.start()
        # Not visible yet, so the other one is refused by the unique index, after this ends.
        other.join(0.5)
    other.join(20)

    assert results == [{"number": ["FHI500 is taken."]}]
    assert Client.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_automatic_number_that_is_typed_meanwhile_becomes_the_next() -> None:
    brand = BrandFactory(number_prefix="FHI")
    book(brand)
    booked: list[str] = []

    def automatic() -> None:
        try:
            booked.append(book(brand).number)
        finally:
            connections.close_all()

    other = threading.Thread(target=automatic)
    with transaction.atomic():
        WorkOrderFactory(brand=brand, number="FHI2")
        other.start()
        other.join(0.5)
    other.join(20)

    assert booked == ["FHI3"]

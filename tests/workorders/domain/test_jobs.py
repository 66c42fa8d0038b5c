"""Booking a job and moving it between its states."""

import threading
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.models import Brand
from activity.models import Change
from tests.factories import BrandFactory, ClientFactory, WorkOrderFactory
from workorders.domain import hooks, jobs, numbers
from workorders.domain.jobs import TRANSITIONS, JobDetails
from workorders.domain.people import NewClient
from workorders.models import Client, ContactRole, WorkOrder, WorkOrderStatus

S = WorkOrderStatus


def test_booking_takes_the_next_number_and_makes_the_client_a_contact(brand: Brand) -> None:
    WorkOrderFactory(brand=brand, number="FHI99")
    WorkOrderFactory(brand=brand, number="FHI624-2")
    WorkOrderFactory(brand=brand, number="FHI9x")

    job = jobs.create_work_order(
        brand, client=NewClient("Priya Raman", "priya@example.com"), details=JobDetails("1 Elm")
    )

    assert job.number == "FHI100"
    assert job.address == "1 Elm"
    contact = job.contacts.get()
    assert (contact.role, contact.name, contact.gets_invoices) == (
        ContactRole.CLIENT,
        "Priya Raman",
        True,
    )


def test_a_client_without_an_address_to_send_to_gets_no_invoices(brand: Brand) -> None:
    job = jobs.create_work_order(brand, client=NewClient("Jo"), details=JobDetails())

    assert job.contacts.get().gets_invoices is False


def test_the_first_job_of_a_brand_is_number_one(brand: Brand) -> None:
    assert numbers.take_number(brand) == "FHI1"


@pytest.mark.parametrize("number", ["fhi624", "FHI624", "new", "a/b", "a b"])
def test_an_invalid_number_is_refused_and_nothing_is_written(
    brand: Brand, job: WorkOrder, number: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        jobs.create_work_order(brand, client=NewClient("Jo"), details=JobDetails(), number=number)

    assert list(refused.value.error_dict) == ["number"]
    assert not Client.objects.filter(name="Jo").exists()


def test_another_brands_client_cannot_be_booked_for(brand: Brand) -> None:
    stranger = ClientFactory(brand=BrandFactory())

    with pytest.raises(ValidationError) as refused:
        jobs.create_work_order(brand, client=stranger, details=JobDetails())

    assert list(refused.value.error_dict) == ["client"]


@pytest.mark.parametrize("start", list(S))
@pytest.mark.parametrize("to", list(S))
def test_every_move_between_states_is_the_tables(brand: Brand, start: S, to: S) -> None:
    job = WorkOrderFactory(brand=brand, status=start)

    if to in TRANSITIONS[start]:
        jobs.set_status(brand, job.pk, to, reason="Client asked")
        job.refresh_from_db()
        assert (job.status, job.reason) == (to, "Client asked")
    else:
        with pytest.raises(ValidationError) as refused:
            jobs.set_status(brand, job.pk, to, reason="Client asked")
        assert list(refused.value.error_dict) == ["status"]


@pytest.mark.parametrize(("start", "to"), [(S.CONFIRMED, S.CANCELLED), (S.CANCELLED, S.PENDING)])
def test_cancelling_and_taking_it_back_ask_why(brand: Brand, start: S, to: S) -> None:
    job = WorkOrderFactory(brand=brand, status=start)

    with pytest.raises(ValidationError) as refused:
        jobs.set_status(brand, job.pk, to, reason="  ")

    assert list(refused.value.error_dict) == ["reason"]
    job.refresh_from_db()
    assert job.status == start


def test_a_status_and_its_reason_are_one_change(brand: Brand, job: WorkOrder) -> None:
    before = Change.objects.count()

    jobs.set_status(brand, job.pk, S.CANCELLED, reason="Client called off")

    change = Change.objects.order_by("-id")[0]
    assert Change.objects.count() == before + 1
    assert change.after is not None
    assert (change.after["status"], change.after["reason"]) == ("cancelled", "Client called off")


def test_hooks_hear_of_a_move_with_the_status_before(
    brand: Brand, job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, S]] = []

    def listen(moved: WorkOrder, before: S) -> None:
        moved.refresh_from_db()  # saved already
        heard.append((moved.status, before))

    monkeypatch.setattr(hooks, "on_status_changed", [listen])

    jobs.set_status(brand, job.pk, S.CONFIRMED)
    jobs.set_status(brand, job.pk, S.CANCELLED, reason="Client asked")
    with pytest.raises(ValidationError):
        jobs.set_status(brand, job.pk, S.CANCELLED, reason="Again")

    assert heard == [(S.CONFIRMED, S.PENDING), (S.CANCELLED, S.CONFIRMED)]


def test_what_a_hook_raises_undoes_the_move(
    brand: Brand, job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: WorkOrder, __: S) -> None:
        raise ValidationError("Nothing is billed.")

    monkeypatch.setattr(hooks, "on_status_changed", [refuse])

    with pytest.raises(ValidationError):
        jobs.set_status(brand, job.pk, S.CONFIRMED)

    job.refresh_from_db()
    assert job.status == S.PENDING


def test_publishing_twice_keeps_the_first_time(brand: Brand, job: WorkOrder) -> None:
    first = jobs.set_published(brand, job.pk, True).published_at

    assert jobs.set_published(brand, job.pk, True).published_at == first
    assert jobs.set_published(brand, job.pk, False).published_at is None


def test_the_card_fee_is_switched_with_a_reason(brand: Brand, job: WorkOrder) -> None:
    with pytest.raises(ValidationError):
        jobs.set_fee_disabled(brand, job.pk, True, reason="")

    jobs.set_fee_disabled(brand, job.pk, True, reason="Promised on the phone")

    job.refresh_from_db()
    assert (job.fee_disabled, job.reason) == (True, "Promised on the phone")


def test_another_brands_job_is_not_there(job: WorkOrder) -> None:
    with pytest.raises(WorkOrder.DoesNotExist):
        jobs.set_published(BrandFactory(), job.pk, True)


@pytest.mark.django_db(transaction=True)
def test_two_people_booking_at_once_get_two_numbers() -> None:
    brand = BrandFactory()
    numbers: list[str] = []

    def book(name: str) -> None:
        try:
            job = jobs.create_work_order(brand, client=NewClient(name), details=JobDetails())
            numbers.append(job.number)
        finally:
            connection.close()

    threads: list[Any] = [threading.Thread(target=book, args=[n]) for n in "ABCD"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(numbers) == ["FHI1", "FHI2", "FHI3", "FHI4"]

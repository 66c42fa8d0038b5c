"""What happened before the job was known is on the job's feed once it is known."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Brand
from activity.actors import acting_as, provider
from activity.models import Change, Entry, Thread
from activity.projection import Feed, project, project_pending
from payments.ingest.receive import receive
from payments.ingest.waiting import attach_order
from payments.models import ProviderEvent
from tests.payments.conftest import incoming
from workorders.models import WorkOrder

T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


def an_event(brand: Brand, event_id: str, minute: int = 0) -> ProviderEvent:
    """A fact of order ord-9 that names no job."""
    at = T0 + timedelta(minutes=minute)
    with acting_as(provider("Guardian", "guardian"), at=at):
        return ProviderEvent.objects.create(
            brand=brand,
            provider="guardian",
            event_id=event_id,
            order_id="ord-9",
            status="selected",
            currency="USD",
            happened_at=at,
            received_at=at,
            payload_hash=event_id,
        )


def _attach(job: WorkOrder, *events: ProviderEvent) -> None:
    ProviderEvent.objects.filter(pk__in=[e.pk for e in events]).update(work_order=job)


def _feeds() -> list[int | None]:
    """Job of each entry about the events; None while none is known."""
    entries = Entry.objects.filter(changes__entity="payments.provider_event").distinct()
    return [e.work_order_id for e in entries]


@pytest.mark.parametrize("shown_before", [True, False])
def test_earlier_entries_move_to_the_job_once(
    brand: Brand, job: WorkOrder, shown_before: bool
) -> None:
    first, second = an_event(brand, "ev-1"), an_event(brand, "ev-2", 5)
    if shown_before:
        project_pending()
        assert _feeds() == [None, None]

    _attach(job, first, second)
    project_pending()
    project_pending()

    assert _feeds() == [job.pk] * 3
    assert not Entry.objects.filter(work_order_id=None, payment_view=True).exists()
    assert not Change.objects.filter(entry=None).exists()
    assert not Entry.objects.filter(changes=None).exists()
    thread = Thread.objects.get(kind="order")
    assert (thread.work_order_id, thread.entry_count) == (job.pk, 3)
    assert thread.first_at == T0


def test_moved_entries_are_new_to_the_jobs_open_pages(brand: Brand, job: WorkOrder) -> None:
    event = an_event(brand, "ev-1")
    project_pending()
    before = Entry.objects.get(changes__object_id=event.pk, code="provider.added")

    _attach(job, event)
    project(Feed(brand.pk, job.pk))

    after = Entry.objects.get(pk=before.pk)
    assert after.work_order_id == job.pk
    assert after.occurred_at == before.occurred_at == T0


def test_events_that_arrive_one_by_one_join_one_thread(brand: Brand, job: WorkOrder) -> None:
    first, second = an_event(brand, "ev-1"), an_event(brand, "ev-2", 5)
    project_pending()

    _attach(job, first)
    project_pending()
    later = an_event(brand, "ev-3", 9)
    project_pending()
    _attach(job, second, later)
    project_pending()

    thread = Thread.objects.get(kind="order")
    assert thread.work_order_id == job.pk
    assert thread.entry_count == thread.entries.count() == 5
    assert thread.last_at == max(e.occurred_at for e in thread.entries.all())


def test_a_step_under_another_brand_stays_there(brand: Brand, job: WorkOrder) -> None:
    from tests.factories import BrandFactory

    other = BrandFactory()
    stranger, ours = an_event(other, "ev-1"), an_event(brand, "ev-1")
    project_pending()

    _attach(job, ours)
    project_pending()

    entry = Entry.objects.get(changes__object_id=stranger.pk, changes__brand_id=other.pk)
    assert (entry.brand_id, entry.work_order_id) == (other.pk, None)


def test_the_whole_story_from_unmatched_to_payment(brand: Brand, job: WorkOrder) -> None:
    for fact in (
        incoming("selected", 1, "329.00", work_order="FHI999"),
        incoming("approved", 5, "329.00", work_order="FHI999"),
    ):
        receive(brand, "flexfund", fact, payload="{}", received_at=T0)
        project_pending()
    assert Entry.objects.filter(work_order_id=None, payment_view=True).count() == 2

    attach_order(brand, "flexfund", "ord-1", job, by="Dana Whitfield")
    project_pending()
    receive(brand, "flexfund", incoming("funded", 6, "329.00"), payload="{}", received_at=T0)
    project_pending()

    assert not Entry.objects.filter(work_order_id=None, payment_view=True).exists()
    (thread,) = Thread.objects.filter(work_order_id=job.pk, payment_view=True, kind="payment")
    assert not Thread.objects.filter(kind="order").exists()
    assert (thread.state, thread.status) == ("succeeded", "completed")
    assert thread.entry_count == thread.entries.count()
    codes = list(thread.entries.order_by("occurred_at", "pk").values_list("code", flat=True))
    assert codes.count("provider.added") == 3
    # The resolved exception speaks for the step that attached both.
    resolved = thread.entries.get(code="exception.changed")
    assert resolved.data["attached"] == 2
    assert not Change.objects.filter(entry=None).exists()

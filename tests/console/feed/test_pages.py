"""Keyset pages of a feed: threads with their newest rows, single rows, deep links."""

from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q

from accounts.models import Brand
from activity.actors import Actor, ActorKind, acting_as
from activity.models import Thread
from activity.projection import project_pending
from console.feed import pages
from console.feed.build import Place
from tests.factories import NoteFactory, PaymentFactory, WorkOrderFactory
from workorders.models import WorkOrder

DANA = Actor(ActorKind.STAFF, "Dana Whitfield", "7")
PLACE = Place("USD", ZoneInfo("America/Denver"), "/b/fhi/work-orders/FHI624/")
OLDEST_FIRST = Place("USD", PLACE.zone, PLACE.url, oldest_first=True)
NOTES = 3


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    with acting_as(DANA):
        job: WorkOrder = WorkOrderFactory(brand=brand, number="FHI624")
    for number in range(NOTES):
        with acting_as(DANA):
            NoteFactory(work_order=job, text=f"Note {number}")
    with acting_as(DANA):
        PaymentFactory(work_order=job)
    project_pending()
    return job


@pytest.fixture
def scope(job: WorkOrder) -> pages.Scope:
    return pages.Scope(job.brand_id, job.pk)


def _ids(page: pages.FeedPage) -> list[int]:
    return [view.id for _, views in page.days for view in views]


def test_pages_hold_every_thread_once_and_lead_both_ways(
    scope: pages.Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "THREADS_PER_PAGE", 2)
    everything = list(scope.threads().order_by("-last_at", "-id").values_list("pk", flat=True))
    seen, after = [], ""

    while True:
        page = pages.threads_page(scope, PLACE, Q(), after=after)
        seen += page.thread_ids
        if page.older is None:
            break
        after = page.older

    assert seen == everything
    assert page.newer is not None
    back = pages.threads_page(scope, PLACE, Q(), before=page.newer)
    assert back.thread_ids == everything[-len(page.thread_ids) - 2 : -len(page.thread_ids)]


def test_oldest_first_is_the_same_feed_turned_round(scope: pages.Scope) -> None:
    newest = pages.threads_page(scope, PLACE, Q())
    oldest = pages.threads_page(scope, OLDEST_FIRST, Q())

    assert _ids(oldest) == _ids(newest)[::-1]


def test_a_deep_link_starts_with_its_thread_and_has_a_way_back(scope: pages.Scope) -> None:
    newest, second, *_ = scope.threads().order_by("-last_at", "-id")

    page = pages.threads_page(scope, PLACE, Q(), at=second)

    assert page.thread_ids[0] == second.pk
    assert page.newer is not None
    assert pages.threads_page(scope, PLACE, Q(), before=page.newer).thread_ids == [newest.pk]


def test_a_condition_leaves_out_threads_without_a_matching_row(scope: pages.Scope) -> None:
    page = pages.threads_page(scope, PLACE, Q(kind="note"))

    kinds = Thread.objects.filter(pk__in=page.thread_ids).values_list("kind", flat=True)
    assert list(kinds) == ["note"] * NOTES


def test_the_payment_view_is_money_alone(job: WorkOrder) -> None:
    scope = pages.Scope(job.brand_id, job.pk, payment_view=True)

    page = pages.threads_page(scope, PLACE, Q(kind="note"))

    assert page.days == []
    assert pages.threads_page(scope, PLACE, Q(kind="payment")).thread_ids


def test_flat_pages_show_each_row_by_itself(scope: pages.Scope) -> None:
    page = pages.flat_page(scope, PLACE, Q(kind="note"))

    views = [view for _, views in page.days for view in views]
    assert [len(view.rows) for view in views] == [1] * NOTES
    assert page.thread_ids == []


def test_pills_of_an_open_page_are_those_of_now(scope: pages.Scope) -> None:
    payment = scope.threads().get(kind="payment")

    [pill] = [p for p in pages.outcomes(scope, [payment.pk], PLACE) if p.id == payment.pk]

    assert pill.state == "succeeded"
    assert pages.outcomes(scope, [], PLACE) == []

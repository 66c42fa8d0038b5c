"""The switches of a job's card fee: dated, append-only, one line on the feed each."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Brand
from activity.actors import Actor, ActorKind, acting_as
from activity.models import Change, Entry
from activity.projection import project_pending
from workorders.domain import jobs
from workorders.domain.card_fee import record_switch, was_disabled
from workorders.models import CardFeeSwitch, WorkOrder

AT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
DANA = Actor(ActorKind.STAFF, "Dana Whitfield", "7")
HOUR = timedelta(hours=1)


def switch(job: WorkOrder, disabled: bool, at: datetime) -> None:
    with acting_as(DANA, at=at):
        jobs.set_fee_disabled(job.brand, job.pk, disabled, reason="Promised")


def test_a_switch_is_dated_and_says_who_and_why(job: WorkOrder) -> None:
    switch(job, True, AT)

    row = CardFeeSwitch.objects.get()
    assert (row.work_order, row.brand, row.disabled) == (job, job.brand, True)
    assert (row.reason, row.by, row.happened_at) == ("Promised", "Dana Whitfield", AT)


def test_the_last_switch_at_or_before_the_moment_counts(job: WorkOrder) -> None:
    for hours, disabled in ((0, True), (2, False), (4, True)):
        switch(job, disabled, AT + hours * HOUR)

    asked = [was_disabled(job, AT + n * HOUR) for n in range(-1, 6)]

    assert asked == [False, True, True, False, False, True, True]


def test_where_nothing_changes_nothing_is_dated(job: WorkOrder) -> None:
    switch(job, True, AT)
    switch(job, True, AT + HOUR)

    assert CardFeeSwitch.objects.count() == 1
    assert not was_disabled(job, AT - HOUR)


def test_a_job_booked_without_its_fee_never_had_one(job: WorkOrder) -> None:
    job.fee_disabled = True
    job.save(update_fields=["fee_disabled"])
    record_switch(job, at=job.happened_at)

    assert was_disabled(job, job.happened_at - HOUR)
    assert was_disabled(job, job.happened_at)


def test_the_last_row_is_the_state_now_whatever_comes_late(job: WorkOrder) -> None:
    switch(job, True, AT)

    switch(job, False, AT - HOUR)

    job.refresh_from_db()
    assert [was_disabled(job, AT + n * HOUR) for n in (-1, 0, 1)] == [False, False, False]
    assert CardFeeSwitch.objects.last() == CardFeeSwitch.objects.get(disabled=job.fee_disabled)


@pytest.mark.parametrize(
    "act",
    [
        lambda: CardFeeSwitch.objects.update(disabled=False),
        lambda: CardFeeSwitch.objects.all().delete(),
    ],
)
def test_a_switch_stays_as_it_is(job: WorkOrder, act: Callable[[], object]) -> None:
    switch(job, True, AT)

    with pytest.raises(DatabaseError, match="paystory_append_only"), transaction.atomic():
        act()


@pytest.mark.django_db(transaction=True)
def test_a_switch_is_one_line_that_shows_both_rows(brand: Brand, job: WorkOrder) -> None:
    project_pending()
    before = set(Entry.objects.values_list("pk", flat=True))

    switch(job, True, AT)
    switch(job, False, AT + HOUR)
    project_pending()

    new = Entry.objects.exclude(pk__in=before).order_by("occurred_at")
    assert [(e.code, e.occurred_at) for e in new] == [
        ("job.fee_off", AT),
        ("job.fee_on", AT + HOUR),
    ]
    assert [e.changes.count() for e in new] == [2, 2]


@pytest.mark.django_db(transaction=True)
def test_one_that_somebody_writes_by_hand_is_seen(job: WorkOrder) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO workorders_cardfeeswitch"
            " (brand_id, work_order_id, disabled, reason, by, happened_at)"
            " VALUES (%s, %s, true, 'Psql', '', now())",
            [job.brand_id, job.pk],
        )
    project_pending()

    entry = Change.objects.get(entity="workorders.card_fee_switch").entry
    assert entry is not None
    assert entry.code == "card_fee.switched"

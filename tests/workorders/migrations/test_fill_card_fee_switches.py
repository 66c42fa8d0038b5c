"""The filled rows give at every moment the same answer as the change log."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity.actors import Actor, ActorKind, acting_as
from activity.models import Change, Entry
from activity.projection import project_pending
from tests.factories import WorkOrderFactory
from workorders.domain.card_fee import was_disabled
from workorders.models import CardFeeSwitch, WorkOrder

fill = import_module("workorders.migrations.0006_fill_card_fee_switches").fill
AT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
DANA = Actor(ActorKind.STAFF, "Dana Whitfield", "7")


def day(n: int) -> datetime:
    return AT + timedelta(days=n)


def by_the_log(job: WorkOrder, at: datetime) -> bool:
    """The state at ``at``: the job's own, with what was switched since undone."""
    since = Change.objects.filter(
        entity="workorders.work_order", object_id=job.pk, op="U", occurred_at__gt=at
    ).exclude(before__fee_disabled=F("after__fee_disabled"))
    first = since.order_by("occurred_at", "id").values_list("before__fee_disabled", flat=True)
    before = first.first()
    return job.fee_disabled if before is None else bool(before)


def booked(off: bool) -> WorkOrder:
    job: WorkOrder = WorkOrderFactory(happened_at=AT, fee_disabled=off)
    return job


def switched(job: WorkOrder, days: list[int]) -> None:
    """Switch the column alone, as a database without dated rows has it."""
    for n in days:
        job.fee_disabled = not job.fee_disabled
        job.reason = f"Day {n}"
        with acting_as(DANA, at=day(n)):
            job.save(update_fields=["fee_disabled", "reason"])


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(off=st.booleans(), days=st.lists(st.integers(1, 6), max_size=5), asked=st.integers(-1, 8))
def test_at_every_moment_they_agree_with_the_log(
    db: Any, off: bool, days: list[int], asked: int
) -> None:
    job = booked(off)
    switched(job, sorted(days))

    fill(apps, None)

    assert was_disabled(job, day(asked)) == by_the_log(job, day(asked))
    last = CardFeeSwitch.objects.filter(work_order=job).last()
    assert (last is not None and last.disabled) == job.fee_disabled


def test_each_row_says_who_switched_and_why(db: Any) -> None:
    switched(booked(off=False), [1, 3])

    fill(apps, None)

    rows = CardFeeSwitch.objects.values_list("disabled", "happened_at", "reason", "by")
    assert list(rows) == [
        (True, day(1), "Day 1", "Dana Whitfield"),
        (False, day(3), "Day 3", "Dana Whitfield"),
    ]


def test_where_the_log_was_pruned_the_job_says_how_it_always_was(db: Any) -> None:
    job = booked(off=True)
    Change.objects.all().delete()

    fill(apps, None)

    assert was_disabled(job, day(-30))
    assert was_disabled(job, day(1))


def test_a_job_whose_fee_was_never_off_gets_none(db: Any) -> None:
    booked(off=False)

    fill(apps, None)

    assert not CardFeeSwitch.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_no_feed_shows_what_was_filled_in() -> None:
    switched(booked(off=False), [1])
    project_pending()
    entries = Entry.objects.count()

    fill(apps, None)
    project_pending()

    made = Change.objects.filter(entity="workorders.card_fee_switch")
    assert [(c.actor_kind, c.entry, c.projected_at is None) for c in made] == [
        ("system", None, False)
    ]
    assert Entry.objects.count() == entries

"""What a migration fills in is captured and read, and is on no feed."""

import pytest
from django.db import transaction

from activity.actors import Actor, ActorKind, acting_as, system
from activity.filling import FILLING, SILENT_STEPS, filling, is_silent_step
from activity.models import Change, Entry, Thread
from activity.projection import project_pending
from tests.factories import ChargeFactory, NoteFactory
from workorders.models import Charge, WorkOrder


def _pending() -> int:
    return Change.objects.filter(projected_at=None).count()


def test_each_silence_is_listed_with_its_reason() -> None:
    assert SILENT_STEPS == {
        FILLING: "A migration wrote in new columns or rows what others said already."
    }


@pytest.mark.parametrize("kind", list(ActorKind))
def test_only_the_system_is_silent_and_only_in_a_listed_step(kind: ActorKind) -> None:
    assert is_silent_step(kind.value, FILLING) == (kind == ActorKind.SYSTEM)
    assert not is_silent_step(kind.value, "")


@pytest.mark.django_db(transaction=True)
def test_what_is_filled_in_is_captured_read_and_not_shown(job: WorkOrder, charge: Charge) -> None:
    project_pending()
    entries, threads = Entry.objects.count(), Thread.objects.count()
    last = Change.objects.latest("pk").pk

    with transaction.atomic(), filling("workorders.0009_example"):
        Charge.objects.update(description="Filled in")
        NoteFactory(work_order=job)
    filled = Change.objects.filter(pk__gt=last)
    project_pending()

    assert [c.entity for c in filled.order_by("pk")] == ["workorders.charge", "workorders.note"]
    assert {(c.actor_kind, c.actor_label) for c in filled} == {
        ("system", "Migration workorders.0009_example")
    }
    assert _pending() == 0
    assert not filled.exclude(entry=None).exists()
    assert (Entry.objects.count(), Thread.objects.count()) == (entries, threads)


@pytest.mark.django_db(transaction=True)
def test_what_others_do_in_the_same_transaction_is_shown(job: WorkOrder, charge: Charge) -> None:
    project_pending()
    last = Change.objects.latest("pk").pk

    with transaction.atomic():
        with filling("workorders.0009_example"):
            Charge.objects.update(description="Filled in")
        with acting_as(system()):
            Charge.objects.update(description="Renamed")
        with acting_as(Actor(ActorKind.STAFF, "Dana Whitfield", FILLING)):
            ChargeFactory(work_order=job)
    project_pending()

    made = Change.objects.filter(pk__gt=last).order_by("pk")
    assert [c.entry is not None for c in made] == [False, True, True]

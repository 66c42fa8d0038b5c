"""What is new on an open page: entries that its snapshot could not see."""

import pytest

from activity.actors import Actor, ActorKind, acting_as
from activity.models import Entry
from activity.projection import project_pending
from console.feed import live
from tests.factories import NoteFactory, WorkOrderFactory

DANA = Actor(ActorKind.STAFF, "Dana Whitfield", "7")


@pytest.mark.parametrize("text", ["10:20:", "10:20:11,12", "1:2:1"])
def test_a_snapshot_is_one(text: str) -> None:
    assert live.is_snapshot(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10",
        "10:20",
        "20:10:",
        "10:20:12,11",
        "10:20:11,11",
        "10:20:9",
        "10:20:20",
        "0:20:",
        f"1:{2**63}:",
        "10:20:'",
        "1:2:" + "1," * 4000,
    ],
)
def test_anything_else_from_a_browser_is_none(text: str) -> None:
    assert not live.is_snapshot(text)


@pytest.mark.django_db(transaction=True)
def test_only_entries_after_the_page_are_new() -> None:
    with acting_as(DANA):
        job = WorkOrderFactory()
    project_pending()
    since = live.snapshot()
    assert live.is_snapshot(since)
    assert not live.unseen(Entry.objects.all(), since).exists()

    with acting_as(DANA):
        NoteFactory(work_order=job, text="Gate code 4711")
    project_pending()

    assert [entry.code for entry in live.unseen(Entry.objects.all(), since)] == ["note.changed"]

"""What tests of projection share: facts to project, pages to look at, and what must hold."""

from django.test import Client
from django.urls import reverse

from activity.actors import Actor, ActorKind, acting_as
from activity.models import Change, Entry, Thread
from activity.projection import Feed
from tests.factories import NoteFactory
from workorders.models import WorkOrder

DANA = Actor(ActorKind.STAFF, "Dana Whitfield", "7")
LOCK = "SELECT pg_advisory_xact_lock(%s, %s)"


def feed(job: WorkOrder) -> Feed:
    """The job's own feed."""
    return Feed(job.brand_id, job.pk)


def notes(job: WorkOrder, count: int) -> None:
    """``count`` facts, each with an entry of its own."""
    for n in range(count):
        with acting_as(DANA):
            NoteFactory(work_order=job, text=f"Note {n}")


def assert_shown_once() -> None:
    """Every change is projected and on one entry; no entry shows nothing; threads add up."""
    assert not Change.objects.filter(projected_at=None).exists()
    assert not Change.objects.filter(entry=None).exists()
    assert not Entry.objects.filter(changes=None).exists()
    for thread in Thread.objects.all():
        assert thread.entry_count == thread.entries.count()


def page(client: Client, job: WorkOrder, name: str = "work_order_activity") -> str:
    response = client.get(reverse(name, args=[job.brand.slug, job.number]))
    assert response.status_code == 200
    return response.content.decode()


def shows(page: str, text: str) -> bool:
    """Whether the timeline (not only the panel of notes next to it) has the note's entry."""
    entry = Entry.objects.filter(data__text=text).first()
    return entry is not None and f'id="e-{entry.pk}"' in page

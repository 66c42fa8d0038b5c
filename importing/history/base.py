"""A job → what happened when, as plain data: one story per row, a version per change. Pure.

``Version.values`` are all of the row's values from then on. Comparing the stories of two lines
tells what the later one adds; playing them in time order writes the history as it happened.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from activity.actors import Actor
from importing.format.base import Happening
from importing.format.job import Job, JobStep
from importing.naming import IMPORTER, actor_of, key_of

# Of things that happened at one instant, what the others stand on comes first.
ORDER = (
    *("client", "work_order", "contacts", "charges", "invoice", "message", "note"),
    *("payment", "attempt", "event", "order", "refund", "dispute"),
    *("credit", "applied", "legacy"),
)
RANKS = {table: rank for rank, table in enumerate(ORDER)}


@dataclass(frozen=True)
class Version:
    """A row's values from ``at`` on. ``after``: written not before what happened until then."""

    at: datetime
    actor: Actor
    values: Mapping[str, Any]
    after: datetime | None = field(default=None, compare=False)

    @property
    def turn(self) -> datetime:
        """When it is its turn to be written."""
        return max(self.at, self.after or self.at)


@dataclass(frozen=True)
class Story:
    """One row's life. ``topic``: what is told as one entry when it happens at once.

    ``parent`` is the key of the payment that it belongs to, "" for none.
    """

    table: str
    key: str
    topic: str
    versions: tuple[Version, ...]
    parent: str = ""
    path: str = ""

    @property
    def name(self) -> tuple[str, str, str]:
        """What makes it the same story in another line."""
        return self.table, self.parent, self.key

    @property
    def final(self) -> Mapping[str, Any]:
        """The values that it ends with."""
        return self.versions[-1].values


@dataclass(frozen=True)
class Scene:
    """One version of one story, to be written. ``before`` None: the row is new."""

    story: Story
    version: Version
    before: Mapping[str, Any] | None

    @property
    def patch(self) -> dict[str, Any]:
        """The values that differ from before."""
        before = self.before or {}
        values = self.version.values
        return {k: v for k, v in values.items() if k not in before or before[k] != v}


@dataclass(frozen=True)
class Step:
    """Scenes of one moment, one actor and one topic: one entry on the timeline."""

    at: datetime
    actor: Actor
    scenes: tuple[Scene, ...]


# --- new, changed, unchanged --------------------------------------------------------------------


def steps(
    new: Sequence[Story],
    old: Sequence[Story],
    now: datetime,
    *,
    last: frozenset[str] = frozenset(),
) -> list[Step]:
    """What is still to be written for ``new`` where ``old`` is there, in time order.

    Tables named in ``last`` come after all others.
    """
    known = {story.name: story for story in old}
    scenes: list[tuple[Any, Scene]] = []
    for n, story in enumerate(new):
        for m, scene in enumerate(_scenes(story, known.get(story.name), now)):
            is_last = story.table in last
            order = (is_last, scene.version.turn, RANKS[story.table], n, m)
            scenes.append((order, scene))
    return _grouped([scene for _, scene in sorted(scenes, key=lambda pair: pair[0])])


def _scenes(story: Story, old: Story | None, now: datetime) -> Iterator[Scene]:
    told = old.versions if old else ()
    if story.versions[: len(told)] != told:
        # Not a continuation: what is different now is the importer's own correction.
        correction = Scene(story, Version(now, IMPORTER, story.final), old.final if old else None)
        if correction.patch:
            yield correction
        return
    before = told[-1].values if told else None
    for version in story.versions[len(told) :]:
        yield Scene(story, version, before)
        before = version.values


def _grouped(scenes: Sequence[Scene]) -> list[Step]:
    groups: dict[Any, list[Scene]] = {}
    for scene in scenes:
        version = scene.version
        groups.setdefault((version.at, version.actor, scene.story.topic), []).append(scene)
    return [Step(at, actor, tuple(group)) for (at, actor, _), group in groups.items()]


# --- the job itself -----------------------------------------------------------------------------


def job_stories(job: Job, charges: Sequence[Sequence[Mapping[str, Any]]]) -> Iterator[Story]:
    """Client, work order, contacts, charges, messages and notes.

    ``charges`` are those at the beginning and of each step that changes them.
    """
    actor = actor_of(job, IMPORTER)
    client = {n: getattr(job.client, n) for n in ("name", "email", "phone")}
    key = job.client.id or "client"
    yield Story("client", key, "client", (Version(job.at, actor, client),), path="client")
    yield Story("work_order", "", "job", tuple(_job_versions(job, actor)))
    people = {"lines": tuple(c.model_dump() for c in job.contacts)}
    yield Story("contacts", "", "job", (Version(job.at, actor, people),), path="contacts")
    yield Story("charges", "", "job", tuple(_bill_versions(job, actor, charges)), path="charges")
    for n, message in enumerate(job.messages):
        values = {"kind": message.kind, "person": message.person, "text": message.text}
        yield _single("message", key_of(message, n), message, actor, values, f"messages[{n}]")
    yield from _bill_reasons(job, actor)
    for n, note in enumerate(job.notes):
        by = actor_of(note, actor)
        values = {"text": note.text, "author_label": by.label}
        yield _single("note", key_of(note, n), note, actor, values, f"notes[{n}]")


def _bill_reasons(job: Job, actor: Actor) -> Iterator[Story]:
    """Why a bill was changed has no column of its own: it becomes an internal note."""
    for n, step in enumerate(job.history):
        if step.reason and step.charges is not None and not _job_patch(step):
            by = actor_of(step, actor)
            values = {"text": f"Bill changed: {step.reason}", "author_label": by.label}
            yield _single("note", f"#bill{n + 1}", step, actor, values, f"history[{n}]")


def _single(
    table: str, key: str, item: Happening, inherited: Actor, values: dict[str, Any], path: str
) -> Story:
    version = Version(item.at, actor_of(item, inherited), values)
    return Story(table, key, f"{table}:{key}", (version,), path=path)


def _job_versions(job: Job, actor: Actor) -> Iterator[Version]:
    values: dict[str, Any] = {
        "status": job.status,
        "origin": job.origin,
        "published_at": None,
        "scheduled_for": job.scheduled_for,
        "inspector": job.inspector,
        "address": job.address,
        "fee_disabled": job.fee_disabled,
        "reason": "",
    }
    yield Version(job.at, actor, values)
    for step in _with_publishing(job):
        patch = _job_patch(step)
        if patch:
            values = {**values, **patch}
            yield Version(step.at, actor_of(step, actor), values)


def _with_publishing(job: Job) -> list[JobStep]:
    steps = list(job.history)
    if job.published_at is not None:
        steps.append(JobStep(at=job.published_at, published=True))
    return sorted(steps, key=lambda step: step.at)


def _job_patch(step: JobStep) -> dict[str, Any]:
    plain = ("status", "scheduled_for", "inspector", "fee_disabled")
    patch = {n: getattr(step, n) for n in plain if getattr(step, n) is not None}
    if "status" in patch or "fee_disabled" in patch or step.reason:
        patch["reason"] = step.reason
    if step.published is not None:
        patch["published_at"] = step.at if step.published else None
    if step.charges is not None and set(patch) == {"reason"}:
        # A reason of the bill alone has no place on the job's row.
        return {}
    return patch


def _bill_versions(
    job: Job, actor: Actor, charges: Sequence[Sequence[Mapping[str, Any]]]
) -> Iterator[Version]:
    changed = [step for step in job.history if step.charges is not None]
    for step, lines in zip((job, *changed), charges, strict=True):
        yield Version(step.at, actor_of(step, actor), {"lines": tuple(lines)})

"""A job → what happened when, as plain data: one story per row, a version per change. Pure.

``Version.values`` are all of the row's values from then on. Comparing the stories of two lines
tells what the later one adds; playing them in time order writes the history as it happened.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from activity.actors import Actor, ActorKind
from payments.importing.format import ChargeIn, Happening, Job, JobStep
from payments.importing.legacy import service_type_of

IMPORTER = Actor(ActorKind.IMPORT, "Import")

# Of things that happened at one instant, what the others stand on comes first.
ORDER = (
    *("client", "work_order", "contacts", "charges", "message", "note"),
    *("payment", "attempt", "event", "order", "refund", "dispute"),
)
RANKS = {table: rank for rank, table in enumerate(ORDER)}


@dataclass(frozen=True)
class Version:
    """A row's values from ``at`` on."""

    at: datetime
    actor: Actor
    values: Mapping[str, Any]


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


def actor_of(item: Happening, inherited: Actor, provider: str = "") -> Actor:
    """Who did ``item``; a provider's id is its slug, which the feed shows as the source."""
    if item.actor is None:
        return inherited
    kind = item.actor.kind
    slug = (item.source or provider) if kind == ActorKind.PROVIDER else ""
    return Actor(kind, item.actor.name, slug)


def key_of(item: Any, position: int) -> str:
    """An item's own id, else its position; ``#`` cannot begin an id."""
    return item.id or f"#{position + 1}"


# --- new, changed, unchanged --------------------------------------------------------------------


def steps(new: Sequence[Story], old: Sequence[Story], now: datetime) -> list[Step]:
    """What is still to be written for ``new`` where ``old`` is there, in time order."""
    known = {story.name: story for story in old}
    scenes: list[tuple[Any, Scene]] = []
    for n, story in enumerate(new):
        for m, scene in enumerate(_scenes(story, known.get(story.name), now)):
            order = (scene.version.at, RANKS[story.table], n, m)
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


def job_stories(job: Job) -> Iterator[Story]:
    """Client, work order, contacts, charges, messages and notes."""
    actor = actor_of(job, IMPORTER)
    client = {n: getattr(job.client, n) for n in ("name", "email", "phone")}
    key = job.client.id or "client"
    yield Story("client", key, "client", (Version(job.at, actor, client),), path="client")
    yield Story("work_order", "", "job", tuple(_job_versions(job, actor)))
    people = {"lines": tuple(c.model_dump() for c in job.contacts)}
    yield Story("contacts", "", "job", (Version(job.at, actor, people),), path="contacts")
    yield Story("charges", "", "job", tuple(_bill_versions(job, actor)), path="charges")
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


def _bill_versions(job: Job, actor: Actor) -> Iterator[Version]:
    yield Version(job.at, actor, {"lines": _bill(job.charges)})
    for step in job.history:
        if step.charges is not None:
            yield Version(step.at, actor_of(step, actor), {"lines": _bill(step.charges)})


def _bill(charges: Sequence[ChargeIn]) -> tuple[Mapping[str, Any], ...]:
    return tuple(
        {
            "key": key_of(charge, n),
            "service": charge.service,
            "description": charge.description or charge.service,
            "service_type": charge.service_type
            or service_type_of(charge.service or charge.description or ""),
            "amount": charge.amount,
        }
        for n, charge in enumerate(charges)
    )

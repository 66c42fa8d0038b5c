"""A job → what happened when, as plain data: one history per row, a version per change. Pure.

``Version.values`` are all of the row's values from then on. Comparing the histories of two lines
gives what the later one adds; writing the changes in time order repeats what happened.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from activity.actors import Actor
from importing.format.job import Job, JobStep
from importing.naming import IMPORTER, actor_of, key_of

# Of things that happened at one instant, rows that others refer to come first.
ORDER = (
    *("client", "work_order", "contacts", "charges", "invoice", "message", "note"),
    *("payment", "attempt", "event", "order", "refund", "dispute"),
    *("credit", "applied", "legacy"),
)
RANKS = {table: rank for rank, table in enumerate(ORDER)}


@dataclass(frozen=True)
class Version:
    """A row's values from ``at`` on; it is written after everything until ``after``."""

    at: datetime
    actor: Actor
    values: Mapping[str, Any]
    after: datetime | None = field(default=None, compare=False)

    @property
    def turn(self) -> datetime:
        """The moment by which it is sorted among the changes of the job."""
        return max(self.at, self.after or self.at)


@dataclass(frozen=True)
class History:
    """All versions of one row. Changes of one ``topic`` at one moment are one timeline entry.

    ``parent`` is the key of the payment or credit that it belongs to, "" for none. ``path`` is
    its place in the line of the file.
    """

    table: str
    key: str
    topic: str
    versions: tuple[Version, ...]
    parent: str = ""
    path: str = ""

    @property
    def name(self) -> tuple[str, str, str]:
        """By what it is known again in a later line of the same job."""
        return self.table, self.parent, self.key

    @property
    def final(self) -> Mapping[str, Any]:
        """The values of its last version."""
        return self.versions[-1].values


@dataclass(frozen=True)
class Change:
    """One version of one row, to be written. ``before`` None: the row is new."""

    history: History
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
    """Changes of one moment, one actor and one topic: one entry on the timeline."""

    at: datetime
    actor: Actor
    changes: tuple[Change, ...]


# --- new, changed, unchanged --------------------------------------------------------------------


def steps(
    new: Sequence[History],
    old: Sequence[History],
    now: datetime,
    *,
    last: frozenset[str] = frozenset(),
) -> list[Step]:
    """What is to be written for ``new`` where ``old`` is written already, in time order.

    ``now`` is the time of corrections. Tables named in ``last`` come after all others, nothing
    before the job itself.
    """
    known = {history.name: history for history in old}
    # Money may have come before the job was booked; it is written on the job all the same.
    booked = min((h.versions[0].at for h in new if h.table == "work_order"), default=now)
    changes: list[tuple[Any, Change]] = []
    for n, history in enumerate(new):
        for m, change in enumerate(_changes(history, known.get(history.name), now)):
            is_last = history.table in last
            turn = max(change.version.turn, booked)
            changes.append(((is_last, turn, RANKS[history.table], n, m), change))
    return _grouped([change for _, change in sorted(changes, key=lambda pair: pair[0])])


def _changes(history: History, old: History | None, now: datetime) -> Iterator[Change]:
    written = old.versions if old else ()
    if history.versions[: len(written)] != written:
        # Not a continuation: what is different now is the importer's own correction.
        correction = Change(
            history, Version(now, IMPORTER, history.final), old.final if old else None
        )
        if correction.patch:
            yield correction
        return
    before = written[-1].values if written else None
    for version in history.versions[len(written) :]:
        yield Change(history, version, before)
        before = version.values


def _grouped(changes: Sequence[Change]) -> list[Step]:
    groups: dict[Any, list[Change]] = {}
    for change in changes:
        version = change.version
        groups.setdefault((version.at, version.actor, change.history.topic), []).append(change)
    return [Step(at, actor, tuple(group)) for (at, actor, _), group in groups.items()]


# --- the job itself -----------------------------------------------------------------------------


def single(
    table: str, key: str, version: Version, path: str, *, topic: str = "", parent: str = ""
) -> History:
    """The history of a row that never changes."""
    return History(table, key, topic or f"{table}:{key}", (version,), parent, path)


def carried_forward(
    first: Version, patches: Iterable[tuple[datetime, Actor, Mapping[str, Any]]]
) -> tuple[Version, ...]:
    """``first``, then a version for each patch: the values until then with those of the patch."""
    versions = [first]
    for at, actor, patch in patches:
        versions.append(Version(at, actor, {**versions[-1].values, **patch}))
    return tuple(versions)


def job_histories(job: Job, charges: Sequence[Sequence[Mapping[str, Any]]]) -> Iterator[History]:
    """The histories of client, work order, contacts, charges, messages and notes.

    ``charges`` are those at the beginning and at each step that changes them.
    """
    actor = actor_of(job, IMPORTER)
    client = {n: getattr(job.client, n) for n in ("name", "email", "phone")}
    key = job.client.id or "client"
    yield History("client", key, "client", (Version(job.at, actor, client),), path="client")
    yield History("work_order", "", "job", tuple(_job_versions(job, actor)))
    people = {"lines": tuple(c.model_dump() for c in job.contacts)}
    yield History("contacts", "", "job", (Version(job.at, actor, people),), path="contacts")
    yield History(
        "charges", "", "job", tuple(_charge_versions(job, actor, charges)), path="charges"
    )
    for n, message in enumerate(job.messages):
        values = {"kind": message.kind, "person": message.person, "text": message.text}
        version = Version(message.at, actor_of(message, actor), values)
        yield single("message", key_of(message, n), version, f"messages[{n}]")
    yield from _charge_reasons(job, actor)
    for n, note in enumerate(job.notes):
        by = actor_of(note, actor)
        values = {"text": note.text, "author_label": by.label}
        yield single("note", key_of(note, n), Version(note.at, by, values), f"notes[{n}]")


def _charge_reasons(job: Job, actor: Actor) -> Iterator[History]:
    """Why a bill was changed has no column of its own: it becomes an internal note."""
    for n, step in enumerate(job.history):
        if step.reason and step.charges is not None and not _job_patch(step):
            by = actor_of(step, actor)
            values = {"text": f"Bill changed: {step.reason}", "author_label": by.label}
            version = Version(step.at, by, values)
            yield single("note", f"#bill{n + 1}", version, f"history[{n}]")


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


def _charge_versions(
    job: Job, actor: Actor, charges: Sequence[Sequence[Mapping[str, Any]]]
) -> Iterator[Version]:
    changed = [step for step in job.history if step.charges is not None]
    for step, lines in zip((job, *changed), charges, strict=True):
        yield Version(step.at, actor_of(step, actor), {"lines": tuple(lines)})

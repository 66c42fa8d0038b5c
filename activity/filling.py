"""Migrations that fill rows or columns from what other rows say already.

Nothing happened to anybody's money or job: the same facts are written in another place. So such
a step acts as *system*, its label names the migration, and no feed shows it. Its changes are
captured and read like any others; they have no entry.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from activity.actors import Acting, Actor, ActorKind, acting_as

FILLING = "filling"
# Whole steps that no feed shows, by the id of the *system* actor that takes them, and why.
SILENT_STEPS: Mapping[str, str] = {
    FILLING: "A migration wrote in new columns or rows what others said already.",
}


@contextmanager
def filling(migration: str) -> Iterator[Acting]:
    """Everything written inside is what ``migration`` ("payments.0004_…") fills in: silent."""
    with acting_as(Actor(ActorKind.SYSTEM, f"Migration {migration}", FILLING)) as acting:
        yield acting


def is_silent_step(actor_kind: str, actor_id: str) -> bool:
    """Whether this actor's changes are listed as silent, whatever they touch."""
    return actor_kind == ActorKind.SYSTEM and actor_id in SILENT_STEPS

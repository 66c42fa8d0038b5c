"""The actor and the key of an item of an import file."""

from typing import Any

from activity.actors import Actor, ActorKind
from importing.format.base import Happening

IMPORTER = Actor(ActorKind.IMPORT, "Import")


def actor_of(item: Happening, inherited: Actor, provider: str = "") -> Actor:
    """Who did ``item``, else ``inherited``. A provider's id is its slug, the feed's source."""
    if item.actor is None:
        return inherited
    kind = item.actor.kind
    slug = (item.source or provider) if kind == ActorKind.PROVIDER else ""
    return Actor(kind, item.actor.name, slug)


def key_of(item: Any, position: int) -> str:
    """The id of an item, else ``#`` and its position; no id begins with ``#``."""
    return item.id or f"#{position + 1}"

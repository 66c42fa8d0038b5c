"""Who did a thing of an import file, and by what key it is known."""

from typing import Any

from activity.actors import Actor, ActorKind
from importing.format.base import Happening

IMPORTER = Actor(ActorKind.IMPORT, "Import")


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

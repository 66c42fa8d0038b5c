"""Who acts: a context variable that requests, tasks, commands and webhooks each open.

``acting_as(actor)`` opens a *step*: changes made under one step, in one transaction, to things
that belong to one thread read as one entry. Nothing open: the database itself records kind
``database`` with its session user, so a psql session is named too.
"""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class ActorKind(StrEnum):
    """What sort of someone or something acts."""

    STAFF = "staff"
    CLIENT = "client"
    PROVIDER = "provider"
    QUICKBOOKS = "quickbooks"
    SYSTEM = "system"
    IMPORT = "import"
    API = "api"
    DATABASE = "database"


@dataclass(frozen=True)
class Actor:
    """Someone or something that changes rows; ``id`` is only meaningful within its kind."""

    kind: ActorKind
    label: str
    id: str = ""


def system(label: str = "Paystory") -> Actor:
    """The product itself: sweeps, janitors, commands."""
    return Actor(ActorKind.SYSTEM, label)


def provider(label: str, slug: str = "") -> Actor:
    """A payment provider telling us something."""
    return Actor(ActorKind.PROVIDER, label, slug)


@dataclass(frozen=True)
class Acting:
    """An open step: the actor, and what else the database notes beside each change."""

    actor: Actor
    at: datetime | None = None
    request_id: str = ""
    imported: bool = False
    step: str = field(default_factory=lambda: uuid.uuid4().hex[:16])

    def as_setting(self) -> str:
        """The value of the ``paystory.actor`` setting that the triggers read."""
        # Cut to what the columns hold: an absurd name must not refuse somebody's write.
        plain: dict[str, Any] = {
            "kind": self.actor.kind.value,
            "label": _fit(self.actor.label, 200),
            "id": _fit(self.actor.id, 64),
            "step": self.step,
            "request_id": _fit(self.request_id, 64),
            "imported": self.imported,
        }
        if self.at is not None:
            plain["at"] = self.at.isoformat()
        return json.dumps(plain, sort_keys=True)


def _fit(text: str, length: int) -> str:
    """``text`` as PostgreSQL can store it: no NUL, no lone surrogate, not too long."""
    return text.replace("\x00", "").encode(errors="replace").decode()[:length]


_current: ContextVar[Acting | None] = ContextVar("paystory_acting", default=None)


def current() -> Acting | None:
    """The innermost open step, or None."""
    return _current.get()


@contextmanager
def acting_as(
    actor: Actor,
    *,
    at: datetime | None = None,
    request_id: str = "",
    imported: bool = False,
) -> Iterator[Acting]:
    """Everything written inside is ``actor``'s doing.

    ``at`` says when it really happened (imports, provider facts); without it an entry is dated to
    the row's own ``happened_at`` or the transaction's time. ``request_id`` defaults to that of
    the step outside.
    """
    outer = _current.get()
    request_id = request_id or (outer.request_id if outer else "")
    acting = Acting(actor, at=at, request_id=request_id, imported=imported)
    token = _current.set(acting)
    try:
        yield acting
    finally:
        _current.reset(token)

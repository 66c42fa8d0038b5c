"""Statuses that people's verbs move: each room keeps its table as data, this module applies it.

Facts of providers pass no table; they set the status that the fold computes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# Verb → status before → status after. A status that is missing: the verb is refused.
Moves = Mapping[str, Mapping[str, str]]
# The row, the verb, and whether the table has the move → why it is refused now, "" for allowed.
Reason = Callable[[Any, str, bool], str]


def moves_to(reachable: Mapping[Any, frozenset[Any]]) -> Moves:
    """The table whose verbs are the statuses themselves, of "from a status to these"."""
    return {
        to: {before: to for before, allowed in reachable.items() if to in allowed}
        for to in reachable
    }


@dataclass(frozen=True)
class Machine:
    """The verbs of one kind of row.

    ``reason`` is the room's sentence, for pages and for errors alike; ``error`` makes the room's
    exception of it.
    """

    moves: Moves
    reason: Reason
    error: Callable[[str], Exception]
    field: str = "status"

    def why_not(self, row: Any, verb: str) -> str:
        """Why ``verb`` is refused on ``row`` now, in words for the page; "" when it is allowed."""
        return self.reason(row, verb, getattr(row, self.field) in self.moves[verb])

    def allow(self, row: Any, verb: str) -> str:
        """The status after ``verb``. Raises the room's error with the reason when refused."""
        if why := self.why_not(row, verb):
            raise self.error(why)
        return self.moves[verb][getattr(row, self.field)]

    def apply(self, row: Any, verb: str, *also: str) -> None:
        """Move ``row`` and save it, with the fields named in ``also``. Raises like ``allow``.

        The caller holds the lock of the row and has read it again under that lock.
        """
        setattr(row, self.field, self.allow(row, verb))
        row.save(update_fields=[self.field, *also])

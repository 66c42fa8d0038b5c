"""Checks that lists of several kinds share: nothing twice, nothing out of order. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from importing.errors import Refused
from importing.format.base import Happening

EARLIER = "earlier than what stands before it"


def twice(name: str) -> str:
    """The reason for a name that a list has a second time."""
    return f"“{name}” stands here twice"


def unique(path: str, items: Sequence[Any]) -> Iterator[Refused]:
    """A problem for each item whose id an earlier one has; items without an id are fine."""
    seen: set[str] = set()
    for n, item in enumerate(items):
        if item.id is not None and item.id in seen:
            yield Refused(f"{path}[{n}].id", twice(item.id))
        seen.add(item.id)


def in_order(path: str, start: Happening, steps: Sequence[Happening]) -> Iterator[Refused]:
    """A problem for each step that is earlier than ``start`` or than a step before it."""
    last = start.at
    for n, step in enumerate(steps):
        if step.at < last:
            yield Refused(f"{path}[{n}].at", EARLIER)
        last = max(last, step.at)

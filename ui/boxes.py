"""The boxes of a page, each built on its own: one that fails costs itself, never the page.

A view adds what each box shows; the template puts it into ``{% box "name" %}`` … ``{% endbox %}``
(``{% panel %}`` is a box as well). Whichever fails, in the view or in the template, a plain line
takes that box's place and an alarm is logged (``core.faults``).
"""

from collections.abc import Callable, Mapping
from typing import Any

from core.faults import guarded

BROKEN = "broken_boxes"


class Boxes:
    """The context of a page, box by box. ``about`` is what the page shows, for the log."""

    def __init__(self, **about: Any) -> None:
        self._about = about
        # By name: whether a plain line says so already, where a box is in several places.
        self._broken: dict[str, bool] = {}
        self.context: dict[str, Any] = {BROKEN: self._broken}

    def add(self, name: str, build: Callable[[], Mapping[str, Any]]) -> None:
        """Add what ``build`` answers to the context; where it fails, the box is shown plainly."""
        found = guarded(build, lambda: None, part=name, **self._about)
        if found is None:
            self._broken[name] = False
        else:
            self.context.update(found)

"""A table of moves, the one place that applies it, and one way of saying why not."""

from dataclasses import dataclass, field

import pytest

from core.transitions import Machine, moves_to

MOVES = {"open": {"shut": "open"}, "lock": {"shut": "locked", "locked": "locked"}}


@dataclass
class Door:
    status: str
    is_glued: bool = False
    colour: str = ""
    saved: list[list[str]] = field(default_factory=list)

    def save(self, update_fields: list[str]) -> None:
        self.saved.append(update_fields)


def reason(door: Door, verb: str, has_move: bool) -> str:
    if not has_move:
        return f"It is {door.status}."
    return "It is glued." if door.is_glued else ""


DOORS = Machine(MOVES, reason, ValueError)


def test_a_move_of_the_table_is_saved_with_what_belongs_to_it() -> None:
    door = Door("shut", colour="red")

    DOORS.apply(door, "lock", "colour")

    assert (door.status, door.saved) == ("locked", [["status", "colour"]])


@pytest.mark.parametrize(
    ("door", "why"), [(Door("open"), "It is open."), (Door("shut", is_glued=True), "It is glued.")]
)
def test_a_refusal_says_on_a_page_what_the_error_says(door: Door, why: str) -> None:
    before = door.status

    assert DOORS.why_not(door, "open") == why
    with pytest.raises(ValueError, match=f"^{why}$"):
        DOORS.apply(door, "open")

    assert (door.status, door.saved) == (before, [])


def test_a_table_of_next_statuses_has_the_status_as_its_verb() -> None:
    moves = moves_to(
        {"draft": frozenset({"issued"}), "issued": frozenset({"void"}), "void": frozenset()}
    )

    assert moves == {"draft": {}, "issued": {"draft": "issued"}, "void": {"issued": "void"}}

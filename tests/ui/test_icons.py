"""How a state is shown: never by colour alone."""

import pytest

from ui.icons import APPEARANCES, NEUTRAL, OWN_SHAPES, SOURCE_ICONS, SOURCE_WORDS, appearance, svg


@pytest.mark.parametrize("state", ["partly paid", "Partly_Paid", "PARTLY-PAID"])
def test_a_state_is_known_however_it_is_written(state: str) -> None:
    assert appearance(state) == APPEARANCES["partly_paid"]


def test_an_unknown_state_is_neutral() -> None:
    assert appearance("never heard of") == NEUTRAL


def test_what_is_going_well_badly_or_nowhere_differs_by_shape_as_well_as_colour() -> None:
    shown = [appearance(s) for s in ("paid", "pending", "overdue", "failed", "refunded", "void")]

    assert len({look.tone for look in shown}) == len({look.icon for look in shown}) == 6


@pytest.mark.parametrize("name", [*OWN_SHAPES, "check-circle", "no-such-icon"])
def test_an_icon_is_decoration(name: str) -> None:
    drawn = svg(name, 14)

    assert 'aria-hidden="true"' in drawn
    assert 'width="14"' in drawn
    assert name not in drawn


def test_an_icon_of_no_name_is_a_question_mark() -> None:
    assert svg("no-such-icon") == svg("question-mark-circle")


def test_every_source_has_an_icon_and_a_word() -> None:
    assert set(SOURCE_ICONS) == set(SOURCE_WORDS)
    assert all(svg(icon) != svg("no-such-icon") for icon in SOURCE_ICONS.values())

"""The made-up figures of the style guide add up, and its states are known."""

from decimal import Decimal

from core.money import ZERO
from ui.icons import NEUTRAL, appearance
from ui.styleguide import samples

SIGNS = {"": 1, "−": -1, "+": 1}


def test_the_figures_make_their_balance() -> None:
    *parts, balance = samples.FIGURES

    signed = [SIGNS[str(p.get("op", ""))] * Decimal(str(p["amount"])) for p in parts]
    assert balance["op"] == "="
    assert sum(signed, ZERO) == balance["amount"]


def test_each_state_has_an_appearance_of_its_own() -> None:
    shown = [appearance(state) for state in samples.STATES]

    assert len(set(shown)) == len(samples.STATES)
    assert shown[samples.STATES.index("neutral")] == NEUTRAL


def test_every_row_of_the_table_has_a_cell_for_each_column() -> None:
    for row in samples.ROWS:
        cells = row["cells"]
        assert isinstance(cells, list)
        assert len(cells) == len(samples.COLUMNS)


def test_one_place_and_one_brand_are_open() -> None:
    for items in (samples.NAV, samples.BRANDS, samples.TABS, samples.FILTERS):
        assert sum(bool(item.get("active")) for item in items) == 1

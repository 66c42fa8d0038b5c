"""The colours can be read: measured, in light and in dark."""

import re

import pytest
from django.conf import settings

CSS = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
PAIR = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
COLOURS = {name: (light, dark) for name, light, dark in PAIR.findall(CSS)}
SURFACES = ("bg", "card", "sunk", "raised")
TONES = ("ok", "wait", "warn", "bad", "back", "void", "accent")


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(front: str, back: str, theme: int) -> float:
    pair = sorted(_luminance(COLOURS[name][theme]) for name in (front, back))
    return (pair[1] + 0.05) / (pair[0] + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("text", ["ink", "soft", *TONES])
def test_text_on_every_surface(text: str, surface: str, theme: int) -> None:
    assert contrast(text, surface, theme) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("tone", TONES)
def test_text_on_its_own_tint(tone: str, theme: int) -> None:
    assert contrast(tone, f"{tone}-soft", theme) >= 4.5
    assert contrast("ink", f"{tone}-soft", theme) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_on_filled_buttons(theme: int) -> None:
    assert contrast("on-accent", "accent", theme) >= 4.5
    assert contrast("on-bad", "bad-solid", theme) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("surface", SURFACES)
def test_edges_of_controls(surface: str, theme: int) -> None:
    assert contrast("edge", surface, theme) >= 3

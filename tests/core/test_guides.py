"""Guides: what is written in docs/support is what the product shows."""

import re
from html import unescape
from pathlib import Path

import pytest

from core.guides import FOLDER, guide, read


def test_headings_paragraphs_lists_and_emphasis() -> None:
    parsed = read("# Title\n\n## “Why?”\n\nOne **two**\nand *three*.\n\n- a\n- b\n  goes on\n")

    assert parsed.title == "Title"
    assert parsed.body == (
        "<h2>“Why?”</h2>\n<p>One <strong>two</strong> and <em>three</em>.</p>\n"
        "<ul><li>a</li><li>b goes on</li></ul>"
    )


def test_tables_become_cards_where_the_room_is_narrow() -> None:
    body = read("# T\n\n| what | who |\n| --- | --- |\n| **Waive** | Billing |\n").body

    assert '<th role="columnheader" scope="col">what</th>' in body
    assert '<td role="cell" class="lead"><strong>Waive</strong></td>' in body
    assert '<td role="cell" data-label="who">Billing</td>' in body


def test_everything_else_is_text() -> None:
    body = read("# T\n\n<script>alert(1)</script> & **<b>**\n").body

    assert "<script>" not in body and "<b>" not in body
    assert "&lt;script&gt;" in body


def test_a_guide_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        guide("no-such-guide")


@pytest.mark.parametrize("name", ["technology-fee"])
def test_every_word_of_a_guide_is_shown(name: str) -> None:
    source = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    shown = unescape(re.sub(r"<[^>]+>", " ", f"{guide(name).title} {guide(name).body}"))

    def words(text: str) -> list[str]:
        return re.findall(r"\w+", text)

    assert words(shown) == words(source)
    assert not re.search(r"\*\*|\| |^#", shown, re.MULTILINE)


def test_guides_are_part_of_the_image() -> None:
    ignored = Path(FOLDER.parent.parent / ".dockerignore").read_text(encoding="utf-8").split()

    assert "!docs/support" in ignored

"""Guides of ``docs/support`` as pages: one source, so that book and product say the same.

Reads the little of Markdown that these guides are written in: headings, paragraphs, lists, tables,
``**strong**``, ``*emphasis*``. Everything else is text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "support"
_SPANS = (
    (re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\*(.+?)\*"), r"<em>\1</em>"),
)


@dataclass(frozen=True)
class Guide:
    """A guide's title, and its text as markup."""

    title: str
    body: SafeString


@lru_cache
def guide(name: str) -> Guide:
    """``docs/support/<name>.md``. FileNotFoundError where there is none."""
    return read((FOLDER / f"{name}.md").read_text(encoding="utf-8"))


def read(text: str) -> Guide:
    """A guide from its source. Its first heading is its title; the rest is the body."""
    blocks = [block.splitlines() for block in re.split(r"\n\s*\n", text.strip())]
    title = blocks[0][0].removeprefix("# ").strip()
    body = "\n".join(markup for block in blocks[1:] for markup in _block(block))
    return Guide(title, mark_safe(body))  # noqa: S308  # every text in it is escaped


def _block(lines: Sequence[str]) -> Iterator[str]:
    if lines[0].startswith("#"):
        level = len(lines[0]) - len(lines[0].lstrip("#"))
        yield f"<h{level}>{_words(lines[0].lstrip('# '))}</h{level}>"
    elif lines[0].startswith("|"):
        yield _table(lines)
    elif lines[0].startswith("- "):
        items = re.split(r"\n- ", "\n".join(lines)[2:])
        yield f"<ul>{''.join(f'<li>{_words(item)}</li>' for item in items)}</ul>"
    else:
        yield f"<p>{_words(' '.join(lines))}</p>"


def _words(text: str) -> str:
    html = str(escape(" ".join(text.split())))
    for pattern, markup in _SPANS:
        html = pattern.sub(markup, html)
    return html


def _table(lines: Sequence[str]) -> str:
    """Rows on a desk, cards where the room is narrow: as all tables (components/table.html)."""
    heads, _, *rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines]
    head = "".join(f'<th role="columnheader" scope="col">{_words(h)}</th>' for h in heads)
    body = "".join(f'<tr role="row">{_row(heads, row)}</tr>' for row in rows)
    return (
        '<div class="table-wrap"><table class="table" role="table"><thead role="rowgroup">'
        f'<tr role="row">{head}</tr></thead><tbody role="rowgroup">{body}</tbody></table></div>'
    )


def _row(heads: Sequence[str], cells: Sequence[str]) -> str:
    first, *rest = (_words(cell) for cell in cells)
    labelled = zip(heads[1:], rest, strict=True)
    return f'<td role="cell" class="lead">{first}</td>' + "".join(
        f'<td role="cell" data-label="{escape(head)}">{cell}</td>' for head, cell in labelled
    )

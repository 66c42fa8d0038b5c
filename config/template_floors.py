"""Which template may use which: the floors of the apps hold for their templates too.

The floors are read from the import-linter contract in pyproject.toml, so they are written down
once. A template belongs to the app that its folder is named after, or that OWNERS says.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.template.base import Lexer, TokenType

OWNERS = {
    "": "ui",  # base.html, the pages of errors, the style guide
    "components": "ui",
    "timeline": "ui",  # plain rows in, a feed out; the style guide shows it too
    "account": "accounts",
    "allauth": "accounts",
    "mfa": "accounts",
}
# (app, higher app) → why its templates may use those all the same.
EXCEPTIONS = {
    ("accounts", "ui"): "its pages wear the shell of every page; its code knows nothing of it",
}
_QUOTED = re.compile(r"""^(["'])(.*)\1$""")

# App → its floor, counted from the ground.
Floors = Mapping[str, int]


def read_floors(pyproject: Path) -> Floors:
    """The floors of the ``layers`` contract in ``pyproject``. Raises LookupError without one."""
    linter = tomllib.loads(pyproject.read_text(encoding="utf-8"))["tool"]["importlinter"]
    for contract in linter["contracts"]:
        if contract["type"] == "layers":
            layers = reversed(contract["layers"])
            return {
                app.strip(" ()"): floor
                for floor, layer in enumerate(layers)
                for app in re.split(r"[|:]", layer)
            }
    raise LookupError(f"{pyproject} has no contract of layers")


def faults(name: str, source: str, floors: Floors, libraries: Mapping[str, str]) -> Iterator[str]:
    """What the template ``name`` uses and may not; one sentence for each.

    ``libraries`` maps each library of template tags to its module, as Django's engine does.
    Libraries of other packages belong to no floor and may be used by all.
    """
    owner = owner_of(name)
    if owner not in floors:
        yield f"no app on any floor owns it ({owner or name}); add its folder to OWNERS"
        return
    for line, what, used in _uses(source, libraries):
        if used is None:
            yield f"line {line}: {what} is named by a variable; nobody can tell its floor"
        elif used in floors and not _may_use(owner, used, floors):
            yield f"line {line}: {what} belongs to {used}, which is not below {owner}"


def owner_of(name: str) -> str:
    """The app that a template belongs to: ``payments`` of ``payments/refund.html``."""
    folder = name.split("/")[0] if "/" in name else ""
    return OWNERS.get(folder, folder)


def _may_use(owner: str, used: str, floors: Floors) -> bool:
    return owner == used or floors[used] < floors[owner] or (owner, used) in EXCEPTIONS


def _uses(source: str, libraries: Mapping[str, str]) -> Iterator[tuple[int, str, str | None]]:
    """(line, what, app) of each template and library in use; the app is None if unreadable."""
    for token in Lexer(source).tokenize():
        if token.token_type != TokenType.BLOCK:
            continue
        tag, *words = token.split_contents()
        if tag in ("include", "extends") and words:
            literal = _QUOTED.match(words[0])
            yield token.lineno or 0, words[0], owner_of(literal[2]) if literal else None
        elif tag == "load":
            # {% load one two %} or {% load tag from library %}
            for name in words[words.index("from") + 1 :] if "from" in words else words:
                yield token.lineno or 0, f"library {name}", libraries.get(name, "").split(".")[0]

"""How a state is shown: by a tone (a colour), a shape (an icon) and a word.

A tone is never shown by colour alone: each has an icon of its own outline (a tick in a ring, a
clock, a diamond, an octagon, an arrow, a slash) and a word is always next to it.
"""

from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from heroicons import IconDoesNotExist
from heroicons.templatetags import heroicons as icons

# Shapes that the icon package lacks, drawn on its 16 by 16 grid.
OWN_SHAPES = {
    "diamond": "M7.1 1.2a1.3 1.3 0 0 1 1.8 0l5.9 5.9a1.3 1.3 0 0 1 0 1.8l-5.9 5.9"
    "a1.3 1.3 0 0 1-1.8 0L1.2 8.9a1.3 1.3 0 0 1 0-1.8ZM8 4.4a.8.8 0 0 0-.8.8v2.9"
    "a.8.8 0 0 0 1.6 0V5.2A.8.8 0 0 0 8 4.4Zm0 5.4a.95.95 0 1 0 0 1.9.95.95 0 0 0 0-1.9Z",
    "octagon": "M5.4 1h5.2a1 1 0 0 1 .7.3l3.4 3.4a1 1 0 0 1 .3.7v5.2a1 1 0 0 1-.3.7"
    "l-3.4 3.4a1 1 0 0 1-.7.3H5.4a1 1 0 0 1-.7-.3l-3.4-3.4a1 1 0 0 1-.3-.7V5.4"
    "a1 1 0 0 1 .3-.7l3.4-3.4A1 1 0 0 1 5.4 1Z"
    "m.4 3.9a.75.75 0 0 0-1 1L6.9 8l-2.1 2.1a.75.75 0 1 0 1.1 1.1L8 9.1l2.1 2.1a.75.75 0 1 0 "
    "1.1-1.1L9.1 8l2.1-2.1a.75.75 0 1 0-1.1-1.1L8 6.9 5.8 4.9Z",
    "dot": "M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z",
}
FALLBACK_ICON = "question-mark-circle"
_DRAW_BY_SIZE = {
    14: icons.heroicon_micro,
    16: icons.heroicon_micro,
    18: icons.heroicon_mini,
    20: icons.heroicon_mini,
    24: icons.heroicon_outline,
}


@dataclass(frozen=True)
class Appearance:
    """One tone and the icon that carries it without colour."""

    tone: str
    icon: str


NEUTRAL = Appearance("neutral", "dot")
_OK = Appearance("succeeded", "check-circle")
_WAIT = Appearance("pending", "clock")
_WARN = Appearance("attention", "diamond")
_BAD = Appearance("failed", "octagon")
_FLAG = Appearance("failed", "flag")
_BACK = Appearance("refunded", "arrow-uturn-left")
_VOID = Appearance("voided", "no-symbol")

APPEARANCES: dict[str, Appearance] = {
    "neutral": NEUTRAL,
    "published": Appearance("neutral", "check"),
    "nothing_due": Appearance("neutral", "check"),
    "not_issued": Appearance("neutral", "pencil-square"),
    "not_invoiced": Appearance("neutral", "pencil-square"),
    **dict.fromkeys(
        ("succeeded", "received", "completed", "paid", "fully_paid", "verified", "confirmed",
         "delivered", "active"),
        _OK,
    ),
    **dict.fromkeys(
        ("pending", "processing", "queued", "ready", "waiting", "running", "sent", "issued",
         "invoiced", "client_paid", "ordered", "deposit_paid", "due", "partly_paid"),
        _WAIT,
    ),
    **dict.fromkeys(
        ("attention", "unknown", "requires_action", "partially_paid", "overpaid", "overdue",
         "technology_fee_due"),
        _WARN,
    ),
    **dict.fromkeys(("failed", "declined", "error"), _BAD),
    **dict.fromkeys(("disputed", "charged_back", "returned"), _FLAG),
    **dict.fromkeys(("refunded", "partially_refunded"), _BACK),
    **dict.fromkeys(("voided", "void", "cancelled", "abandoned"), _VOID),
}  # fmt: skip

SOURCE_ICONS = {
    "staff": "user",
    "client": "home",
    "provider": "building-library",
    "quickbooks": "book-open",
    "system": "cog-6-tooth",
    "import": "arrow-down-tray",
    "api": "code-bracket",
    "database": "circle-stack",
}
SOURCE_WORDS = {
    "staff": "Staff",
    "client": "Client",
    "provider": "Provider",
    "quickbooks": "QuickBooks",
    "system": "System",
    "import": "Import",
    "api": "API",
    "database": "Database",
}


def appearance(state: str) -> Appearance:
    """The tone and icon of a state; an unknown state is neutral, never an error."""
    return APPEARANCES.get(state.lower().replace(" ", "_").replace("-", "_"), NEUTRAL)


@lru_cache(maxsize=512)
def svg(name: str, size: int = 16) -> SafeString:
    """An inline, decorative icon. A name that does not exist gives a question mark."""
    if path := OWN_SHAPES.get(name):
        return format_html(
            '<svg class="icon" viewBox="0 0 16 16" width="{0}" height="{0}" fill="currentColor" '
            'aria-hidden="true"><path fill-rule="evenodd" d="{1}"/></svg>',
            size,
            path,
        )
    draw = _DRAW_BY_SIZE.get(size, icons.heroicon_mini)
    attributes: dict[str, object] = {"class": "icon", "aria_hidden": "true"}
    try:
        return mark_safe(draw(name, size=size, **attributes))  # noqa: S308  the package's own files
    except IconDoesNotExist:
        return svg(FALLBACK_ICON, size)

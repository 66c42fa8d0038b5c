"""The template vocabulary of every page: money, states, icons, times and sources.

Registered as a builtin: no ``{% load %}`` needed. Everything returned is escaped, carries no
inline style or script, and means the same without colour.
"""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Protocol

from django import template
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core import clock, moments
from core.money import quantize, with_symbol
from ui import icons

register = template.Library()

Amount = Decimal | int | str | None
MINUS = "\u2212"
NOTHING = "\u2014"
_CODE_BEFORE_DIGIT = re.compile(r"^([A-Z]{3})(?=\d)")


class _Sourced(Protocol):
    source: str
    source_kind: str
    imported: bool


class _Row(Protocol):
    technical: bool


class _Thread(Protocol):
    rows: list[_Row]
    hidden_rows: int
    children: list[object]


# --- money ------------------------------------------------------------------------------------


def _exact(amount: Amount, currency: str) -> Decimal | None:
    if amount is None or amount == "":
        return None
    if isinstance(amount, float):
        raise TypeError("money is a Decimal, never a float")
    return quantize(Decimal(amount), currency)


@register.filter
def money(amount: Amount, currency: str = "USD") -> str:
    """``1234.5|money:"USD"`` → ``$1,234.50``; a real minus sign, a dash for nothing."""
    exact = _exact(amount, currency)
    if exact is None:
        return NOTHING
    text = with_symbol(abs(exact), currency)
    text = _CODE_BEFORE_DIGIT.sub("\\1\u00a0", text)
    return f"{MINUS}{text}" if exact < 0 else text


@register.filter
def figure(amount: Amount, currency: str = "USD") -> str:
    """The number alone, for columns that name their currency once: ``1,234.50``."""
    exact = _exact(amount, currency)
    if exact is None:
        return NOTHING
    return f"{exact:,f}".replace("-", MINUS)


@register.filter
def negated(amount: Amount) -> Decimal | None:
    """The amount with its sign turned, for money that went back."""
    return None if amount is None or amount == "" else -Decimal(amount)


# --- states and icons ---------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """A decorative inline icon: 14 or 16 micro, 18 or 20 mini, 24 outline."""
    return icons.svg(str(name), size)


@register.filter
def tone(state: str) -> str:
    """The tone of a state, for ``class="tone-…"``."""
    return icons.appearance(state or "neutral").tone


@register.simple_tag
def state_icon(state: str, size: int = 16) -> SafeString:
    """The shape of a state."""
    return icons.svg(icons.appearance(state or "neutral").icon, size)


@register.simple_tag
def pill(state: str, label: str = "") -> SafeString:
    """A state as shape, colour and word. ``label`` replaces the state's own word."""
    seen = icons.appearance(state or "neutral")
    word = label or (state or "neutral").replace("_", " ")
    return format_html(
        '<span class="pill tone-{}">{}{}</span>', seen.tone, icons.svg(seen.icon, 14), word
    )


# --- time ---------------------------------------------------------------------------------------


@register.filter
def day(value: date | datetime | None) -> str:
    """A day as a heading: ``Tue 14 Oct 2026``."""
    if not value:
        return ""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = moments.local(value)
    return moments.day_text(value, weekday=True)


# Below how many seconds an age is counted in which unit of how many seconds.
_STEPS: tuple[tuple[float, float, str], ...] = (
    (3600, 60, "minute"),
    (86_400, 3600, "hour"),
    (2_592_000, 86_400, "day"),
    (31_536_000, 2_629_746, "month"),
    (math.inf, 31_556_952, "year"),
)


@register.filter
def ago(value: datetime | None) -> str:
    """``6 months ago``, ``in 3 days``. static/js/paystory.js counts in the same steps."""
    if not value:
        return ""
    seconds = (clock.now() - value.astimezone(UTC)).total_seconds()
    size = abs(seconds)
    if size < 45:
        return "just now"
    length, unit = next((length, unit) for limit, length, unit in _STEPS if size < limit)
    count = max(1, int(size // length))
    plural = "" if count == 1 else "s"
    return f"in {count} {unit}{plural}" if seconds < 0 else f"{count} {unit}{plural} ago"


@register.simple_tag
def when(
    value: datetime | None,
    tz: moments.Zone = None,
    *,
    date: bool = False,
    relative: bool = True,
) -> SafeString:
    """An instant: ``3:42 PM · 6 months ago``, the whole date and zone in its title.

    Without ``tz`` the zone that the request activated counts. ``date=True`` puts the day before
    the time; ``relative=False`` leaves the second half away.
    """
    if not value:
        return mark_safe("")
    local, hour = moments.local(value, tz), moments.time_text(value, tz)
    day_text = moments.day_text(local, weekday=True)
    at = f"{day_text}, {hour}" if date else hour
    title = f"{day_text}, {hour} {local:%Z}"
    tail = (
        format_html(' <span class="when-ago"><span data-ago>{}</span></span>', ago(value))
        if relative
        else ""
    )
    return format_html(
        '<time class="when" datetime="{}" title="{}"{}><span class="when-at">{}</span>{}</time>',
        local.isoformat(timespec="seconds"),
        title,
        mark_safe(" data-relative") if relative else "",
        at,
        tail,
    )


@register.simple_tag
def short_day(value: datetime | None, tz: moments.Zone = None) -> str:
    """A day where room is short and the year is known: ``14 Oct``."""
    return moments.day_text(moments.local(value, tz), year=False) if value else ""


@register.simple_tag
def clock_time(value: datetime | None, tz: moments.Zone = None) -> str:
    """The time of day alone: ``3:42 PM``."""
    return moments.time_text(value, tz) if value else ""


# --- timeline -----------------------------------------------------------------------------------


# Small, because the row's own people and dates are next to it.
IMPORTED = format_html(
    ' <span class="imported" title="Imported from another system">{}'
    '<span class="sr-only">imported</span></span>',
    icons.svg("arrow-down-tray", 14),
)


@register.simple_tag
def source(entry: _Sourced) -> SafeString:
    """Who or what did it, as a quiet tag; *imported* is a mark next to it, never instead."""
    kind = entry.source_kind if entry.source_kind in icons.SOURCE_ICONS else "system"
    word = icons.SOURCE_WORDS[kind]
    name = entry.source or word
    if kind == "client" and name != word:
        name = f"{word} · {name}"
    spoken = format_html('<span class="sr-only">{}: </span>', word) if kind == "staff" else ""
    mark = IMPORTED if entry.imported else ""
    return format_html(
        '<span class="source source-{}">{}{}<span class="source-name">{}</span>{}</span>',
        kind,
        icons.svg(icons.SOURCE_ICONS[kind], 14),
        spoken,
        name,
        mark,
    )


@register.filter
def is_single(thread: _Thread) -> bool:
    """Whether a thread is one event only: then its headline is its row."""
    return len(thread.rows) == 1 and not thread.hidden_rows and not thread.children


@register.filter
def plain(rows: Iterable[_Row]) -> list[_Row]:
    """The rows that everybody sees."""
    return [row for row in rows if not row.technical]


@register.filter
def technical(rows: Iterable[_Row]) -> list[_Row]:
    """The rows that fold under *technical changes*."""
    return [row for row in rows if row.technical]


# --- pages --------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> str:
    """This page's query string with some parameters changed; None or ``""`` removes one."""
    request = context.get("request")
    params = request.GET.copy() if isinstance(request, HttpRequest) else QueryDict(mutable=True)
    for name, value in changes.items():
        if value is None or value == "":
            params.pop(name, None)
        else:
            params[name] = str(value)
    return f"?{params.urlencode()}" if params else "?"


@register.filter
def counted(items: Iterable[Mapping[str, object]]) -> int:
    """The sum of the ``count`` of navigation items."""
    return sum(count for item in items if isinstance(count := item.get("count"), int))


@register.filter
def under(cells: Iterable[object], columns: Iterable[object]) -> list[tuple[object, object]]:
    """Each cell of a table row with its column."""
    return list(zip(columns, cells, strict=False))


_MESSAGE_STATES = {
    "success": "succeeded",
    "warning": "attention",
    "error": "failed",
    "info": "pending",
}


@register.filter
def message_state(level: str) -> str:
    """The state whose tone and icon a message of this level has."""
    return _MESSAGE_STATES.get(level, "neutral")


@register.filter
def is_quiet(state: str) -> bool:
    """Whether a single event of this state is shown without a box of its own."""
    return icons.appearance(state or "neutral").tone in ("neutral", "voided", "pending")


@register.filter
def both(nested: object, differs: object) -> bool:
    """Whether a nested thread must name its own day."""
    return bool(nested) and bool(differs)


@register.filter
def initial(user: object) -> str:
    """The letter in the round sign of a user."""
    name = str(getattr(user, "get_full_name", lambda: "")() or user)
    return name[:1]

"""What every list page shares: the one reader of query strings, chips, pager links.

What a URL says and cannot be read gives the default, never an error page.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, QueryDict

from core import moments
from core.paging import Page, page

# What belongs to one page of a list, and not to its filters.
PAGING = ("after", "before", "entry", "open")
MAX_TEXT = 120
# A primary key has at most 19 digits; one digit less always fits.
MAX_DIGITS = 18

M = TypeVar("M", bound=Model)


class Paged(Protocol):
    """A page of anything, with the cursors of its edges."""

    @property
    def older(self) -> str | None: ...

    @property
    def newer(self) -> str | None: ...


class Params:
    """The query string of a list. What cannot be read is left out and named in ``errors``."""

    def __init__(self, params: QueryDict) -> None:
        self._params = params
        self.errors: dict[str, str] = {}

    def text(self, name: str) -> str:
        """Free text, blanks collapsed, at most ``MAX_TEXT`` characters."""
        return " ".join(self._params.get(name, "").replace("\x00", "").split())[:MAX_TEXT]

    def choice(self, name: str, known: Collection[str], default: str = "") -> str:
        """One of ``known``."""
        value = self._params.get(name, "")
        if not value:
            return default
        if value not in known:
            self.errors[name] = f"“{value[:40]}” is not one of: {', '.join(known)}"
            return default
        return value

    def day(self, name: str) -> date | None:
        """A calendar day of the brand."""
        value = self._params.get(name, "")
        if not value:
            return None
        try:
            parsed = date.fromisoformat(value)
        except ValueError:
            parsed = None
        if parsed is None or not 1900 <= parsed.year <= 9000:
            self.errors[name] = f"“{value[:40]}” is not a day; write it like 2026-05-04"
            return None
        return parsed

    def flag(self, name: str) -> bool:
        """Whether it is switched on."""
        return self._params.get(name) == "1"

    def number(
        self, name: str, what: str = "a number", *, prefix: str = "", digits: int = MAX_DIGITS
    ) -> int | None:
        """A whole number of at most ``digits`` digits, with or without its ``prefix``."""
        value = self._params.get(name, "")
        number = whole(value.removeprefix(prefix), digits)
        if value and number is None:
            self.errors[name] = f"“{value[:40]}” is not {what}"
        return number

    def numbers(self, name: str, most: int) -> list[int]:
        """The whole numbers in "1,2,3", or given one by one, each once; at most ``most``."""
        words = [word for value in self._params.getlist(name) for word in value.split(",")]
        numbers = [number for word in words if (number := whole(word)) is not None]
        return list(dict.fromkeys(numbers))[:most]

    @property
    def after(self) -> str:
        """The cursor that the page begins after; core.paging leaves out what is none."""
        return self._params.get("after", "")

    @property
    def before(self) -> str:
        """The cursor that the page ends before."""
        return self._params.get("before", "")

    @property
    def is_first_page(self) -> bool:
        """Whether no cursor is given."""
        return not (self.after or self.before)


def whole(text: str, digits: int = MAX_DIGITS) -> int | None:
    """A whole number written in plain digits; None for anything else."""
    if text.isascii() and text.isdigit() and len(text) <= digits:
        return int(text)
    return None


def between(field: str, since: date | None, until: date | None, zone: moments.Zone) -> Q:
    """Instants of ``field`` on the brand's days from ``since`` up to and including ``until``."""
    wanted = Q()
    if since:
        wanted &= Q(**{f"{field}__gte": moments.start_of(since, zone)})
    if until:
        wanted &= Q(**{f"{field}__lt": moments.start_of(until + timedelta(days=1), zone)})
    return wanted


@dataclass(frozen=True)
class Chip:
    """One filter chip; ``url`` is where it leads."""

    label: str
    url: str
    active: bool
    count: int | None = None


def link(request: HttpRequest, **changes: object) -> str:
    """This page with some parameters changed (None removes one), from its first page on."""
    params = request.GET.copy()
    for name in PAGING:
        params.pop(name, None)
    for name, value in changes.items():
        params.pop(name, None)
        if value not in (None, ""):
            params[name] = str(value)
    return f"?{params.urlencode()}" if params else request.path


def paged(request: HttpRequest, rows: QuerySet[M], order: Sequence[str]) -> Page[M]:
    """The page that the URL asks for."""
    params = Params(request.GET)
    return page(rows, order, after=params.after, before=params.before)


def pager(request: HttpRequest, shown: Paged) -> dict[str, str]:
    """What components/pager.html asks for."""
    return {
        "older_url": link(request, after=shown.older) if shown.older else "",
        "newer_url": link(request, before=shown.newer) if shown.newer else "",
    }

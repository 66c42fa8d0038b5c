"""What every list page shares: filters read from the URL, chips, pager links."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, QueryDict

from core.paging import Page, page

PAGING = ("after", "before", "entry")
MAX_TEXT = 120

M = TypeVar("M", bound=Model)


class Params:
    """The query string of a list. What cannot be read is left out and named in ``errors``."""

    def __init__(self, params: QueryDict) -> None:
        self._params = params
        self.errors: dict[str, str] = {}

    def text(self, name: str) -> str:
        """Free text, blanks collapsed, at most ``MAX_TEXT`` characters."""
        return " ".join(self._params.get(name, "").replace("\x00", "").split())[:MAX_TEXT]

    def choice(self, name: str, known: Mapping[str, object] | list[str], default: str = "") -> str:
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


def between(field: str, since: date | None, until: date | None, zone: ZoneInfo) -> Q:
    """Instants of ``field`` on the brand's days from ``since`` up to and including ``until``."""
    wanted = Q()
    if since:
        wanted &= Q(**{f"{field}__gte": datetime.combine(since, time(), zone)})
    if until:
        wanted &= Q(**{f"{field}__lt": datetime.combine(until + timedelta(days=1), time(), zone)})
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


def paged(request: HttpRequest, rows: QuerySet[M], order: list[str]) -> Page[M]:
    """The page that the URL asks for."""
    return page(
        rows, order, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )


def pager(request: HttpRequest, found: Page[Any]) -> dict[str, str]:
    """What components/pager.html asks for."""
    return {
        "older_url": link(request, after=found.older) if found.older else "",
        "newer_url": link(request, before=found.newer) if found.newer else "",
    }

"""Days and times in the brand's zone, as sentences, pages and files show them.

A zone is given by name or as a ``tzinfo``. None is the zone of the brand whose page is being
shown: the request activates it. Outside a request that is UTC.
"""

import re
from datetime import date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

from django.utils import timezone

from core import clock

Zone = tzinfo | str | None
# An instant as programs write it: with its seconds or without, with its offset always.
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?([Zz]|[+-]\d\d(:?\d\d)?)", re.ASCII
)


def zone_of(zone: Zone = None) -> tzinfo:
    """The zone itself. ``ZoneInfoNotFoundError`` for a name that is none."""
    if isinstance(zone, str) and zone:
        return ZoneInfo(zone)
    return zone if isinstance(zone, tzinfo) else timezone.get_current_timezone()


def local(at: datetime, zone: Zone = None) -> datetime:
    """The same instant on the brand's clock."""
    return at.astimezone(zone_of(zone))


def day_of(at: datetime, zone: Zone = None) -> date:
    """The date of an instant by the brand's calendar."""
    return local(at, zone).date()


def today(zone: Zone = None) -> date:
    """The date where the brand is."""
    return day_of(clock.now(), zone)


def start_of(day: date, zone: Zone = None) -> datetime:
    """The first instant of a day of the brand."""
    return datetime.combine(day, time(), zone_of(zone))


def instant_of(day: date, zone: Zone = None) -> datetime:
    """A day that somebody typed, as an instant: now for today, else noon where the brand is.

    Noon, because no change of the clock moves it to another day.
    """
    if day == today(zone):
        return clock.now()
    return datetime.combine(day, time(12), zone_of(zone))


def day_text(day: date, *, weekday: bool = False, year: bool = True) -> str:
    """``9 Nov 2026``; with its weekday ``Mon 9 Nov 2026``; without its year ``9 Nov``.

    An instant is read by the clock that it carries: ask ``local`` first.
    """
    text = f"{day.day} {day:%b %Y}" if year else f"{day.day} {day:%b}"
    return f"{day:%a} {text}" if weekday else text


def time_text(at: datetime, zone: Zone = None) -> str:
    """The time of day alone: ``3:42 PM``."""
    there = local(at, zone)
    return f"{there.hour % 12 or 12}:{there:%M} {'AM' if there.hour < 12 else 'PM'}"


def moment_text(at: datetime, zone: Zone = None, *, seconds: bool = True) -> str:
    """An exact instant for details: ``2 Mar 2026 09:15:00 MST``.

    Without ``seconds`` they are shown only where they are not zero.
    """
    there = local(at, zone)
    form = "%H:%M:%S" if seconds or there.second else "%H:%M"
    return f"{day_text(there)} {there:{form}} {there:%Z}"


def stored_day_text(value: object) -> str:
    """A day as a change stored it, in words: "2026-04-09" is ``9 Apr 2026``.

    ``ValueError`` where it is none.
    """
    return day_text(date.fromisoformat(str(value)))


def stored_moment_text(value: object, *, seconds: bool = True) -> str:
    """An instant as a change stored it, in words; the text itself where it is none.

    A psql session stores its own zone's offset: only the instant counts.
    """
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return moment_text(at, seconds=seconds)


def in_words(value: object) -> str:
    """A stored value as text; an instant, whatever it is called, by the brand's clock.

    Providers name their nested fields as they like, and write instants in UTC.
    """
    text = str(value)
    return stored_moment_text(text) if _INSTANT.fullmatch(text) else text

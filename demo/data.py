"""Every line of the demo as of a given moment; the same moment gives the same lines."""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from demo import (
    attempts,
    cancelled,
    credits_voids,
    items,
    missing_fee,
    reference_jobs,
    todays_jobs,
    volume,
)
from demo.brands import BRANDS
from demo.build import NEWEST, Calendar, Line, until


def calendars(now: datetime) -> dict[str, Calendar]:
    """The calendar of each brand in its own time zone, by slug."""
    return {brand.slug: Calendar(now, brand.zone) for brand in BRANDS}


def reference(now: datetime) -> Iterator[Line]:
    """The reference jobs and the jobs like them; ``staff_actions`` follow their import."""
    at = calendars(now)
    made = (
        reference_jobs.lines(at["fhi"], at["ria"]),
        credits_voids.lines(at["fhi"]),
        cancelled.lines(at["fhi"]),
        items.lines(at["fhi"]),
        missing_fee.lines(at["ria"]),
    )
    yield from (until(line, now - NEWEST) for line in chain(*made))


def jobs(now: datetime) -> Iterator[Line]:
    """All jobs of the demo as of a few minutes before ``now``."""
    at = calendars(now)
    made = (
        attempts.lines(at["fhi"]),
        todays_jobs.lines(at["fhi"]),
        volume.cedar(at["cedar"]),
        volume.northlight(at["northlight"]),
    )
    yield from reference(now)
    yield from (until(line, now - NEWEST) for line in chain(*made))


def as_json(line: Line) -> bytes:
    """A line as ``import_jobs`` reads it."""
    return json.dumps(line, ensure_ascii=False).encode()


def lines(now: datetime) -> Iterator[bytes]:
    """All jobs of the demo as JSON Lines."""
    return (as_json(job) for job in jobs(now))

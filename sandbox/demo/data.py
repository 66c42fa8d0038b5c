"""Every line of the demo, for a given now. No network, no chance: the same now, the same lines."""

import json
from collections.abc import Iterator
from datetime import datetime

from sandbox.demo import attempts, stories, today, volume
from sandbox.demo.brands import BRANDS
from sandbox.demo.build import NEWEST, Calendar, Line, until


def jobs(now: datetime) -> Iterator[Line]:
    """All jobs of the demo as they stood a few minutes before ``now``."""
    at = {brand.slug: Calendar(now, brand.zone) for brand in BRANDS}
    cutoff = now - NEWEST
    for line in stories.lines(at["fhi"], at["ria"]):
        yield until(line, cutoff)
    for line in attempts.lines(at["fhi"]):
        yield until(line, cutoff)
    for line in today.lines(at["fhi"]):
        yield until(line, cutoff)
    for line in volume.cedar(at["cedar"]):
        yield until(line, cutoff)
    for line in volume.northlight(at["northlight"]):
        yield until(line, cutoff)


def lines(now: datetime) -> Iterator[bytes]:
    """The same as JSON Lines, as ``import_jobs`` reads them."""
    for job in jobs(now):
        yield json.dumps(job, ensure_ascii=False).encode()

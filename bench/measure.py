"""Timing, and the figures that come of it. Milliseconds are floats: no money is near."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


@dataclass(frozen=True)
class Figure:
    """One measured value. ``limit`` is what ``--check`` calls a gross regression."""

    group: str
    name: str
    value: float
    unit: str
    yardstick: str = ""
    queries: int | None = None
    spread: float | None = None
    limit: float | None = None
    at_least: bool = False  # the limit is a floor (throughput), not a ceiling

    @property
    def is_gross(self) -> bool:
        """Whether it is far from what it was when the limit was written down."""
        if self.limit is None:
            return False
        return self.value < self.limit if self.at_least else self.value > self.limit

    def as_dict(self) -> dict[str, Any]:
        """For the record: what is set."""
        return {k: v for k, v in asdict(self).items() if v not in (None, "", False)}


@dataclass(frozen=True)
class Times:
    """Milliseconds of several rounds."""

    rounds: list[float]

    @property
    def median(self) -> float:
        """The middle round: one that met a checkpoint does not count."""
        return statistics.median(self.rounds)

    @property
    def spread(self) -> float:
        """The 90th percentile: what an unlucky one takes."""
        return sorted(self.rounds)[int(0.9 * (len(self.rounds) - 1) + 0.5)]


def once(work: Callable[[], object]) -> float:
    """Milliseconds of one call, without a garbage collection inside."""
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        work()
        return (time.perf_counter() - start) * 1000
    finally:
        gc.enable()


def times(work: Callable[[], object], rounds: int, *, warm: int = 2) -> Times:
    """``work`` several times, after it ran ``warm`` times unmeasured."""
    for _ in range(warm):
        work()
    return Times([once(work) for _ in range(rounds)])


def queries(work: Callable[[], object]) -> int:
    """How many statements ``work`` sends; counted apart from the timing, which it slows."""
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def table(figures: list[Figure]) -> str:
    """The figures as people read them."""
    rows = [("", "", "", "90th", "queries", "yardstick")]
    last = ""
    for figure in figures:
        if figure.group != last:
            rows.append((figure.group, "", "", "", "", ""))
            last = figure.group
        rows.append(
            (
                "  " + figure.name + (" (!)" if figure.is_gross else ""),
                _number(figure.value),
                figure.unit,
                "" if figure.spread is None else _number(figure.spread),
                "" if figure.queries is None else str(figure.queries),
                figure.yardstick,
            )
        )
    widths = [max(len(row[n]) for row in rows) for n in range(5)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    name, value, unit, spread, count, yardstick = row
    return (
        f"{name:<{widths[0]}}  {value:>{widths[1]}} {unit:<{widths[2]}}  "
        f"{spread:>{widths[3]}}  {count:>{widths[4]}}  {yardstick}"
    ).rstrip()


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"

"""A fault costs the part of a page that it is in, never the page.

Whatever shows data that somebody wrote (a row of a feed, a box of a page) is built through
``guarded``: a plain line takes the part's place, and an alarm is logged (``page.part_failed``, with
its traceback). The database's own trouble passes through: then no part of a page is right.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from django.db import InterfaceError, OperationalError

log = structlog.get_logger()

COULD_NOT_SHOW = "This could not be shown."
NOTHING_LOST = "An alarm was raised. What happened is recorded, and nothing is lost."

T = TypeVar("T")


def guarded(build: Callable[[], T], instead: Callable[[], T], *, part: str, **about: Any) -> T:
    """What ``build`` answers; what ``instead`` answers where it fails, after an alarm.

    ``part`` names the part of the page and ``about`` what it shows (ids), for the log.
    """
    try:
        return build()
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # whatever the data did: the rest of the page is shown
        log.exception("page.part_failed", part=part, **about)
        return instead()

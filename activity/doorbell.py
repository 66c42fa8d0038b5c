"""The doorbell: tells workers that something was written. Losing a ring costs seconds, never data.

The sweep finds what no ring announced, and a page reads what is pending for its own work order
before it shows a feed. So a ring may be dropped whenever it would cost the caller time, and the
caller never waits for the broker: a stopped Redis would hold every commit up for seconds.
"""

import atexit
import threading
import time
from typing import Any

import structlog
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

log = structlog.get_logger()

COALESCE_SECONDS = 0.25
QUIET_AFTER_FAILURE_SECONDS = 5.0


EXIT_SECONDS = 0.5


class _State:
    """When this process last rang, and until when it will not try (Redis did not answer)."""

    last_ring = 0.0
    quiet_until = 0.0
    ringing: threading.Thread | None = None


def ring_on_commit(connection: BaseDatabaseWrapper) -> None:
    """Ring once the current transaction is in."""
    connection.on_commit(ring, robust=True)


def ring() -> None:
    """Ask workers to project soon; at most once per quarter second and process, never raising."""
    if not getattr(settings, "PAYSTORY_DOORBELL", True):
        return
    now = time.monotonic()
    if now < _State.quiet_until or now - _State.last_ring < COALESCE_SECONDS:
        return
    if _State.ringing is not None and _State.ringing.is_alive():
        return  # the one that is on its way is heard after this commit, too
    _State.last_ring = now
    thread = threading.Thread(target=_ring_now, name="doorbell", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # the interpreter is going down, or out of threads
        return
    _State.ringing = thread


def _ring_now() -> None:
    try:
        _send()
    except Exception as error:  # whatever the broker's client raises: the sweep will find it
        _State.quiet_until = time.monotonic() + QUIET_AFTER_FAILURE_SECONDS
        log.warning("doorbell.unheard", error=str(error))


@atexit.register
def _finish() -> None:
    """A command that ends right after its last write is still heard, if Redis is there."""
    if _State.ringing is not None:
        _State.ringing.join(EXIT_SECONDS)


def _send() -> Any:
    from activity.tasks import project_pending

    # A little later than now: the writer that rang is often still writing, and rings that were
    # coalesced into this one are covered by it.
    return project_pending.apply_async(countdown=COALESCE_SECONDS, retry=False, ignore_result=True)

"""Trying again, for a while."""

import time
from collections.abc import Callable


def try_for(action: Callable[[], object], *, seconds: float) -> bool:
    """Call ``action`` until it is not blocked; tell whether it went through in time."""

    def attempt() -> bool:
        try:
            action()
        except BlockingIOError:
            return False
        return True

    return try_until(attempt, seconds=seconds)


def try_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until ``condition`` holds; tell whether it came to hold in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True

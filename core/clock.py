"""The one place that asks what time it is, so that tests and replays can answer."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)

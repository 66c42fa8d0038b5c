"""The Celery app, and everything that happens by the clock.

A task finds its own work in PostgreSQL and may run twice or late, so the schedule below needs no
catching up: whatever a missed tick should have done, the next one does.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("paystory")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

SECONDS: float = 1.0
MINUTES: float = 60.0

# Task name → every how many seconds. One line per sweep, kept in one place, so that everything
# that runs by itself can be read at a glance.
EVERY: dict[str, float] = {
    "activity.tasks.sweep": 5 * SECONDS,
    "payments.tasks.sweep": 1 * MINUTES,
}

app.conf.beat_schedule = {
    # A tick that waited in the queue longer than its own period is not worth running.
    task: {"task": task, "schedule": seconds, "options": {"expires": seconds * 2}}
    for task, seconds in EVERY.items()
}


@setup_logging.connect
def _logging(**_: Any) -> None:
    """Keep Django's LOGGING, which Celery would otherwise replace."""
    from logging.config import dictConfig

    from django.conf import settings

    dictConfig(settings.LOGGING)


@before_task_publish.connect
def _send_request_id(headers: dict[str, Any] | None = None, **_: Any) -> None:
    """Let a task carry the id of the request that asked for it."""
    from core.logs import current_request_id

    if headers is not None and current_request_id():
        headers.setdefault("paystory_request_id", current_request_id())


@task_prerun.connect
def _take_request_id(task_id: str = "", task: Any = None, **_: Any) -> None:
    """Log with that id, or with the task's own when nobody asked (beat)."""
    import structlog

    from core.logs import set_request_id

    structlog.contextvars.clear_contextvars()
    request = getattr(task, "request", None)
    carried = getattr(request, "paystory_request_id", None) if request else None
    set_request_id(carried or task_id)
    structlog.contextvars.bind_contextvars(task=getattr(task, "name", ""))


@task_postrun.connect
def _forget_request_id(**_: Any) -> None:
    import structlog

    from core.logs import set_request_id

    set_request_id("")
    structlog.contextvars.clear_contextvars()

"""The Celery app, and everything that happens by the clock.

A task finds its own work in PostgreSQL and may run twice or late, so the schedule below needs no
catching up: whatever a missed tick should have done, the next one does.
"""

from __future__ import annotations

import os
from typing import Any

import structlog
from celery import Celery
from celery.signals import setup_logging
from django.dispatch import receiver
from django_structlog.celery.signals import bind_extra_task_metadata
from django_structlog.celery.steps import DjangoStructLogInitStep

from core.logs import current_request_id

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("paystory")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# A task carries the id of the request that asked for it.
app.steps["worker"].add(DjangoStructLogInitStep)

SECONDS: float = 1.0
MINUTES: float = 60.0
HOURS: float = 3600.0

# Task name → every how many seconds. One line per sweep, kept in one place, so that everything
# that runs by itself can be read at a glance.
EVERY: dict[str, float] = {
    "activity.tasks.sweep": 5 * SECONDS,
    "payments.tasks.sweep": 1 * MINUTES,
    "accounts.tasks.sweep": 1 * HOURS,
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


@receiver(bind_extra_task_metadata)
def _name_the_task(task: Any = None, **_: Any) -> None:
    """Log with the task's name; and with its own id where no request asked for it (beat)."""
    structlog.contextvars.bind_contextvars(
        task=getattr(task, "name", ""),
        request_id=current_request_id() or getattr(getattr(task, "request", None), "id", ""),
    )

"""What runs by the clock, and what a task logs with."""

from types import SimpleNamespace
from typing import Any

import structlog
from django_structlog.celery.receivers import CeleryReceiver

from config.celery import EVERY, app
from core.logs import current_request_id


def run_task(headers: dict[str, Any]) -> str:
    """The id that a worker logs with while it runs a task that came with ``headers``."""
    request = SimpleNamespace(id="task-7", **headers)
    task = SimpleNamespace(name="activity.tasks.sweep", request=request)
    CeleryReceiver().receiver_task_prerun("task-7", task)
    assert structlog.contextvars.get_contextvars()["task"] == "activity.tasks.sweep"
    return current_request_id()


def test_a_task_carries_the_id_of_the_request_that_asked_for_it() -> None:
    headers: dict[str, Any] = {}
    with structlog.contextvars.bound_contextvars(request_id="req-1"):
        CeleryReceiver().receiver_before_task_publish(headers=headers, properties={})

    with structlog.contextvars.bound_contextvars():
        assert run_task(headers) == "req-1"
        assert run_task({}) == "task-7"
    structlog.contextvars.clear_contextvars()


def test_every_tick_runs_a_task_that_exists() -> None:
    app.loader.import_default_modules()

    assert set(EVERY) <= set(app.tasks)


def test_a_tick_that_waited_longer_than_its_period_is_dropped() -> None:
    for name, seconds in EVERY.items():
        entry = app.conf.beat_schedule[name]
        assert (entry["task"], entry["schedule"]) == (name, seconds)
        assert entry["options"]["expires"] == 2 * seconds

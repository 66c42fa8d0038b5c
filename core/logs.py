"""Structured logs, and the id that ties a request's lines, tasks and changes together."""

from __future__ import annotations

import logging
import re
import time
import uuid
from typing import Any, cast

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django_structlog import middlewares

HEADER = "X-Request-ID"
STARTED = "paystory.started"
# An id from outside is written to logs and to the database: only harmless ones are kept.
ACCEPTABLE = re.compile(r"[A-Za-z0-9_.:-]{8,64}")
QUIET_PATHS = ("/healthz", "/readyz", "/static/")


def current_request_id() -> str:
    """The id of the request (or of the request behind the task) at work, or ''."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


class RequestMiddleware(middlewares.RequestMiddleware):
    """Gives each request an id (a proxy's own, where it sent one), and logs its end once."""

    def prepare(self, request: HttpRequest) -> None:
        """Bind the id, and log nothing yet: an address that is not resolved may hold a token."""
        structlog.contextvars.clear_contextvars()
        given = request.headers.get(HEADER, "")
        request_id = given if ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=request_id)
        request.META[STARTED] = time.perf_counter()

    def handle_response(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """Answer with the id, and say how long it took."""
        response.headers[HEADER] = current_request_id()
        if request.path.startswith(QUIET_PATHS):
            structlog.contextvars.clear_contextvars()
            return
        elapsed = time.perf_counter() - request.META[STARTED]
        structlog.contextvars.bind_contextvars(ms=round(elapsed * 1000, 1))
        super().handle_response(request, cast(HttpResponse, response))

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """``GET /b/fhi/``, without what may not be in a log."""
        return f"{request.method} {loggable_path(request)}"


# Arguments of addresses that let whoever has them in: never in a log.
SECRET_ARGUMENTS = ("token", "key")


def loggable_path(request: HttpRequest) -> str:
    """The path without its query (it may hold what somebody typed) and without credentials."""
    match = request.resolver_match
    path = request.path
    for name in SECRET_ARGUMENTS:
        value = str(match.kwargs.get(name, "")) if match else ""
        if value:
            path = path.replace(value, "…")
    return path


def _shared_processors() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def logging_config(*, json: bool, level: str = "INFO") -> dict[str, Any]:
    """Return Django's ``LOGGING``: everything, ours or a library's, in one format on stderr."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if json
        # Plain: a traceback with local variables would print what people typed.
        else structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    )
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if json:
        last.append(structlog.processors.format_exc_info)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _shared_processors(),
                "processors": [*last, renderer],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own lines would say twice what the middleware says about requests,
            "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            # and about its exceptions, with the traceback.
            "django.request": {"level": "CRITICAL"},
            "django": {"level": "INFO"},
            # django_structlog says what became of a task.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "CRITICAL"},
            "stripe": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
        },
    }


def structlog_settings(*, json: bool) -> dict[str, Any]:
    """Settings of django_structlog: one line for the end of a request, one for that of a task.

    Every sweep comes by every few seconds, so a task that went well is only logged where
    machines read it.
    """
    values = {
        "CELERY_ENABLED": True,
        "CELERY_TASK_START_LOG_LEVEL": logging.DEBUG,
        "CELERY_TASK_SUCCESS_LOG_LEVEL": logging.INFO if json else logging.DEBUG,
        "STATUS_4XX_LOG_LEVEL": logging.INFO,
    }
    return {f"DJANGO_STRUCTLOG_{name}": value for name, value in values.items()}


def configure_structlog() -> None:
    """Send structlog's lines through the standard library, so that both look the same."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.captureWarnings(True)

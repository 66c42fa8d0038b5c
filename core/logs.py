"""Structured logs, and the id that ties a request's lines, tasks and changes together."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER = "X-Request-ID"
# An id from outside is written to logs and to the database: only harmless ones are kept.
ACCEPTABLE = re.compile(r"[A-Za-z0-9_.:-]{8,64}")
QUIET_PATHS = ("/healthz", "/readyz", "/static/")

_request_id: ContextVar[str] = ContextVar("paystory_request_id", default="")
log = structlog.get_logger("paystory.request")


def current_request_id() -> str:
    """Return the id of the request (or of the request behind the task) at work, or ''."""
    return _request_id.get()


def new_request_id() -> str:
    """Return a fresh id."""
    return uuid.uuid4().hex


def set_request_id(value: str) -> None:
    """Put an id on everything that is logged from here on in this context (tasks)."""
    _request_id.set(value)
    structlog.contextvars.bind_contextvars(request_id=value)


class RequestIdMiddleware:
    """Gives each request an id (a proxy's own, where it sent one), and logs its end once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        request_id = given if ACCEPTABLE.fullmatch(given) else new_request_id()
        token = _request_id.set(request_id)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        request.request_id = request_id  # type: ignore[attr-defined]
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            response.headers[HEADER] = request_id
            if not request.path.startswith(QUIET_PATHS):
                user = getattr(request, "user", None)
                log.info(
                    "request",
                    method=request.method,
                    path=loggable_path(request),
                    status=response.status_code,
                    ms=round((time.perf_counter() - started) * 1000, 1),
                    user_id=getattr(user, "pk", None),
                )
            return response
        finally:
            structlog.contextvars.clear_contextvars()
            _request_id.reset(token)


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
            # Django's own lines about requests would say twice what the middleware says.
            "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "django.request": {"level": "ERROR"},
            "django": {"level": "INFO"},
            # Every sweep comes by every few seconds: told in production, where machines read it.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "INFO" if json else "WARNING"},
            "stripe": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
        },
    }


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

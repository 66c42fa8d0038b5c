"""How long a web request may wait for the database, and the page that it gets instead.

A visitor who waits for a lock holds a thread of the web server, so a few of them would stop the
whole site. Workers and commands have time: they keep whatever the database role says.
"""

from collections.abc import Callable
from typing import Any

import structlog
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from psycopg import errors

log = structlog.get_logger("paystory.timeouts")

RETRY_AFTER_SECONDS = 5


def limit(database: dict[str, Any], *, lock_ms: int, statement_ms: int) -> None:
    """Let every connection that is opened with ``database`` give up after so many milliseconds.

    0 sets no limit. Behind PgBouncer a connection is shared with workers, so nothing is set
    there; the database role of the web processes carries the limits instead.
    """
    limits = {"lock_timeout": lock_ms, "statement_timeout": statement_ms}
    wanted = [f"-c {name}={value}" for name, value in limits.items() if value]
    if not wanted or database.get("DISABLE_SERVER_SIDE_CURSORS"):
        return
    options = database.setdefault("OPTIONS", {})
    # What DATABASE_URL says itself stands last, and so it counts.
    options["options"] = " ".join([*wanted, options.get("options", "")]).strip()


class TimeoutMiddleware:
    """Answers 503 with a page that says what to do when the database gave up waiting."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page for a lock or a statement that took too long; None for any other error."""
        cause = error.__cause__ if isinstance(error, OperationalError) else None
        if not isinstance(cause, errors.LockNotAvailable | errors.QueryCanceled):
            return None
        locked = isinstance(cause, errors.LockNotAvailable)
        log.warning("database_timeout", lock=locked, view=_view_of(request))
        # Without the request: its context processors would ask the database again.
        page = render_to_string("503.html", {"locked": locked, "sent": request.method == "POST"})
        return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def _view_of(request: HttpRequest) -> str:
    """The view's name and not its address, which may hold a credential."""
    return request.resolver_match.view_name if request.resolver_match else ""

"""``/healthz`` and ``/readyz``, answered before anything else can get in the way.

They are a middleware and not views, so that a load balancer needs no allowed host name, no HTTPS
and no session.

*Healthy* means that the process answers. *Ready* means that requests can be served here: the
database answers and has every migration. Redis and the projector are reported but do not make a
host unready: pages work without either, and taking every host out of service would only turn a
slow afternoon into an outage. Alarms should watch ``status``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import redis
import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

log = structlog.get_logger("paystory.health")


class HealthMiddleware:
    """Answers the two probes; passes everything else on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/healthz":
            return HttpResponse("ok\n", content_type="text/plain")
        if request.path_info == "/readyz":
            report = readiness()
            return JsonResponse(report, status=503 if report["status"] == "unready" else 200)
        return self.get_response(request)


def readiness() -> dict[str, Any]:
    """Look at everything that this process needs."""
    checks: dict[str, Any] = {}
    ready = _database(checks)
    healthy = _redis(checks)
    if ready:
        healthy = _backlog(checks) and healthy
    status = "unready" if not ready else "ok" if healthy else "degraded"
    if status != "ok":
        log.warning("readiness", status=status, **checks)
    return {"status": status, "checks": checks}


class _Seen:
    """Migrations that were complete once stay complete while this process lives."""

    migrated = False


def _database(checks: dict[str, Any]) -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        checks["database"] = "ok"
        if not _Seen.migrated:
            executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
            missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
            checks["migrations"] = f"{len(missing)} missing" if missing else "ok"
            _Seen.migrated = not missing
        else:
            checks["migrations"] = "ok"
    except DatabaseError:
        # The message would name hosts and users to whoever asks.
        checks["database"] = "unreachable"
        return False
    return _Seen.migrated


def _redis(checks: dict[str, Any]) -> bool:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5
    )
    try:
        client.ping()
    except redis.RedisError:
        checks["redis"] = "unreachable"
        return False
    finally:
        client.close()
    checks["redis"] = "ok"
    return True


def _backlog(checks: dict[str, Any]) -> bool:
    """Age of the oldest change that no feed shows yet."""
    from activity.models import Change

    try:
        oldest = Change.objects.filter(projected_at=None).aggregate(at=Min("recorded_at"))["at"]
    except DatabaseError:
        checks["backlog_seconds"] = None
        return False
    age = max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0
    checks["backlog_seconds"] = round(age, 1)
    return bool(age <= settings.READY_MAX_BACKLOG_SECONDS)

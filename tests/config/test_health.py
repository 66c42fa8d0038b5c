"""The two probes, and the id that every answer carries."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from config import health


def test_healthy_needs_nothing(client: Client) -> None:
    # No database fixture: touching one would fail this test.
    response = client.get("/healthz", headers={"host": "10.0.0.7"})
    assert response.status_code == 200
    assert response.content == b"ok\n"


@pytest.mark.django_db
def test_ready(client: Client) -> None:
    response = client.get("/readyz", headers={"host": "10.0.0.7"})
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "redis": "ok", "backlog_seconds": 0},
    }


@pytest.mark.django_db
def test_redis_down_is_reported_but_the_pages_go_on(client: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["checks"]["redis"] == "unreachable"


@pytest.mark.django_db
def test_an_old_backlog_is_reported(client: Client) -> None:
    from activity.models import Change

    Change.objects.create(
        occurred_at=timezone.now(),
        recorded_at=timezone.now() - timedelta(hours=1),
        txid=1,
        entity="test",
        op="I",
        object_id=1,
        imported=False,
    )
    report = client.get("/readyz").json()
    assert report["status"] == "degraded"
    assert report["checks"]["backlog_seconds"] > 3500


@pytest.mark.django_db
def test_a_missing_migration_is_unready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health._Seen, "migrated", False)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'activity'")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "missing" in response.json()["checks"]["migrations"]


@pytest.mark.django_db
def test_every_answer_carries_a_request_id(client: Client) -> None:
    given = client.get("/accounts/login/", headers={"x-request-id": "from-the-proxy-1"})
    assert given.headers["X-Request-ID"] == "from-the-proxy-1"
    for hostile in ("short", "has space in it", "x" * 65, "line\nbreak-here"):
        own = client.get("/accounts/login/", headers={"x-request-id": hostile})
        assert own.headers["X-Request-ID"] != hostile
        assert len(own.headers["X-Request-ID"]) == 32

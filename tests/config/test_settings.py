"""Headers, rate limits, the cache without Redis, and what may not be committed."""

import re
import subprocess
import time

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from config import checks
from config.cache import ForgivingRedisCache


@pytest.mark.django_db
def test_pages_may_load_nothing_from_elsewhere(client: Client) -> None:
    policy = client.get(reverse("account_login")).headers["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == "'self'"
    assert directives["style-src"] == "'self'"
    assert directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.django_db
def test_nobody_signs_up(client: Client) -> None:
    for method in (client.get, client.post):
        response = method(reverse("account_signup"))
        assert response.status_code == 302
        assert response.headers["Location"] == reverse("account_login")


@pytest.mark.django_db
def test_guessing_a_password_is_slowed_down(client: Client) -> None:
    from django.contrib.auth import get_user_model

    user = get_user_model().objects.create_user(email="csr@example.com", password="right-horse")
    guess = {"login": user.email, "password": "wrong-horse"}
    for _ in range(6):
        client.post(reverse("account_login"), guess)
    client.post(reverse("account_login"), guess | {"password": "right-horse"})
    assert "_auth_user_id" not in client.session


def test_the_cache_goes_on_without_redis() -> None:
    cache = ForgivingRedisCache(
        "redis://127.0.0.1:1/0", {"OPTIONS": {"socket_connect_timeout": 0.2}}
    )
    started = time.monotonic()
    assert cache.add("key", 1, 10)
    assert not cache.add("key", 2, 10)
    assert cache.incr("key") == 2
    assert cache.get_many(["key", "none"]) == {"key": 2}
    assert "key" in cache
    cache.delete("key")
    assert cache.get("key", "gone") == "gone"
    assert time.monotonic() - started < 1, "one attempt in five seconds, not one per call"


def test_the_demo_listens_to_loopback_names_only() -> None:
    assert "*" not in settings.ALLOWED_HOSTS


def test_requirements_are_hashed_and_name_no_registry() -> None:
    for name in ("runtime", "dev"):
        text = (checks.BASE_DIR / "requirements" / f"{name}.txt").read_text()
        assert not re.search(r"https?:|file:|--(extra-)?index|--find-links|/", text)
        logical = text.replace("\\\n", " ").splitlines()
        pins = [line for line in logical if line and not line.startswith("#")]
        assert pins
        assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)


def test_no_file_names_a_registry_by_address() -> None:
    mirror = re.compile(r"(index-url|find-links|trusted-host|registry)\s*[=:]\s*\S+://")
    found = [
        path
        for path in checks.tracked_files()
        if mirror.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_help_lists_the_targets() -> None:
    shown = subprocess.run(
        ["make"], cwd=checks.BASE_DIR, capture_output=True, text=True, check=True
    ).stdout
    for target in ("demo", "test", "check", "bench", "reset"):
        assert f"make {target}" in shown

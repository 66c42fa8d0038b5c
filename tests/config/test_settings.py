"""Headers, rate limits, the cache without Redis, and what may not be committed."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse


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
def test_guessing_a_password_is_slowed_down(client: Client) -> None:
    from django.contrib.auth import get_user_model

    user = get_user_model().objects.create_user(email="csr@example.com", password="right-horse")
    guess = {"login": user.email, "password": "wrong-horse"}
    for _ in range(6):
        client.post(reverse("account_login"), guess)
    client.post(reverse("account_login"), guess | {"password": "right-horse"})
    assert "_auth_user_id" not in client.session


def test_the_demo_listens_to_loopback_names_only() -> None:
    assert "*" not in settings.ALLOWED_HOSTS

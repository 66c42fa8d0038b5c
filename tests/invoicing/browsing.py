"""Addresses of brand "fhi" and pages as text, for tests that use a browser."""

from collections.abc import Callable
from typing import Any

from django.test import Client as Browser
from django.urls import reverse

from tests.html import one_line

SignIn = Callable[..., Browser]


def url(name: str, *args: Any) -> str:
    return reverse(name, args=["fhi", *args])


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return one_line(answer.content.decode())

"""Addresses of pages, and what a form of rows sends."""

import re
from collections.abc import Mapping

from django.test import Client as Browser
from django.urls import reverse


def url(name: str, *args: object) -> str:
    return reverse(name, args=["fhi", *args])


def seen(browser: Browser, address: str) -> str:
    page = browser.get(address).content.decode()
    match = re.search(r'name="fingerprint" value="(\w+)"', page)
    assert match
    return match[1]


def rows(fingerprint: str, *lines: Mapping[str, object], initial: int = 0) -> dict[str, str]:
    data = {
        "fingerprint": fingerprint,
        "form-TOTAL_FORMS": str(len(lines)),
        "form-INITIAL_FORMS": str(initial),
    }
    for index, line in enumerate(lines):
        data |= {f"form-{index}-{name}": str(value) for name, value in line.items()}
    return data

"""Addresses that exist, and those that lead nowhere on purpose."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse


@pytest.mark.django_db
def test_nobody_signs_up(client: Client) -> None:
    for method in (client.get, client.post):
        response = method(reverse("account_signup"))
        assert response.status_code == 302
        assert response.headers["Location"] == reverse("account_login")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["account_email", "account_email_verification_sent", "account_signup"]
)
def test_addresses_that_allauth_reverses_lead_to_the_sign_in_page(
    client: Client, name: str
) -> None:
    answer = client.get(reverse(name))

    assert answer.headers["Location"] == reverse("account_login")


def test_no_two_addresses_share_a_name() -> None:
    names = [p.name for p in urlpatterns_of(get_resolver()) if p.name]

    assert sorted(names) == sorted(set(names))


def urlpatterns_of(resolver: URLResolver) -> Iterator[URLPattern]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from urlpatterns_of(pattern)
        else:
            yield pattern

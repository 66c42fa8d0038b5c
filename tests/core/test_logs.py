"""What a request leaves in the logs."""

import pytest
from django.test import Client
from django.urls import resolve

from core.logs import loggable_path


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/invitations/SECRETTOKEN123/", "/invitations/…/"),
        (
            "/accounts/password/reset/key/1-abcdef-0123/",
            "/accounts/password/reset/key/1-…/",
        ),
        ("/b/fhi/work-orders/FHI624/", "/b/fhi/work-orders/FHI624/"),
    ],
)
def test_credentials_in_addresses_stay_out_of_the_log(path: str, logged: str) -> None:
    request = Client().get("/healthz").wsgi_request
    request.path = path
    request.resolver_match = resolve(path)

    assert loggable_path(request) == logged


def test_an_address_that_leads_nowhere_is_logged_as_it_is() -> None:
    request = Client().get("/healthz").wsgi_request
    request.path, request.resolver_match = "/nothing/here/", None

    assert loggable_path(request) == "/nothing/here/"

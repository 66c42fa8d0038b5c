"""What a request leaves in the logs."""

import logging
from collections.abc import Callable
from typing import Any, cast

import pytest
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import resolve

from core.logs import RequestMiddleware, current_request_id, loggable_path
from tests.factories import UserFactory


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


# --- one line for each request ------------------------------------------------------------------

LINES = "django_structlog.middlewares.request"


Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Lines:
    """What a request logged, even at the most talkative level; structlog's records are dicts."""
    caplog.set_level(logging.DEBUG, logger=LINES)
    return lambda: [cast(Any, record.msg) for record in caplog.records if record.name == LINES]


@pytest.mark.django_db
def test_a_request_is_one_line_at_its_end(client: Client, lines: Lines) -> None:
    user = UserFactory()
    client.force_login(user)

    client.get("/nothing/here/?q=typed", headers={"x-request-id": "from-the-proxy-1"})

    (line,) = lines()
    assert (line["request"], line["code"]) == ("GET /nothing/here/", 404)
    assert (line["request_id"], line["user_id"], line["level"]) == (
        "from-the-proxy-1",
        user.pk,
        "info",
    )
    assert line["ms"] >= 0


@pytest.mark.django_db
def test_no_line_holds_a_credential(client: Client, lines: Lines) -> None:
    client.get("/invitations/SECRETTOKEN123/")

    (line,) = lines()
    assert line["request"] == "GET /invitations/…/"
    assert "SECRETTOKEN123" not in str(line)


@pytest.mark.django_db
def test_probes_are_not_logged_and_nothing_stays_for_the_next(client: Client, lines: Lines) -> None:
    client.get("/healthz")
    client.get("/static/css/base.css")

    assert lines() == []
    assert current_request_id() == ""


def test_an_exception_is_one_line_with_its_traceback(lines: Lines) -> None:
    def broken(_: HttpRequest) -> HttpResponse:
        raise ArithmeticError("no such sum")

    middleware = RequestMiddleware(cast(Any, convert_exception_to_response(broken)))
    request = RequestFactory().get("/somewhere/?q=typed")
    request.resolver_match = None
    with override_settings(DEBUG_PROPAGATE_EXCEPTIONS=False):
        answer = middleware(request)

    (line,) = lines()
    assert (line["event"], line["code"], line["request"]) == (
        "request_failed",
        500,
        "GET /somewhere/",
    )
    assert isinstance(answer, HttpResponse)
    assert answer.headers["X-Request-ID"] == line["request_id"]

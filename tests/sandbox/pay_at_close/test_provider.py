"""Orders of the sandbox provider, which has an address, a secret and a number; no server."""

import urllib.request
from decimal import Decimal
from typing import Any

import pytest

from payments.providers import signed_json
from payments.providers.statuses import COMMON
from sandbox.pay_at_close import provider

ACCOUNT = provider.Account("http://127.0.0.1:8000/", "flexfund", "fhi", "secret")
AMOUNT = Decimal("329.00")


def test_every_step_is_one_that_the_provider_has() -> None:
    assert all(COMMON.ranks.knows(status) for status, _, _ in provider.STEPS)


def test_an_order_ends_paid() -> None:
    paid = [status for status, _, _ in provider.STEPS if COMMON.ranks.pac[status].paid]

    assert paid == ["funded", "collected_at_closing"]
    assert set(paid) <= set(provider.WITH_AMOUNT)


def test_events_are_of_one_order_with_ids_of_their_own() -> None:
    events = list(provider.events("FHI624", AMOUNT, "pac_1"))

    assert {(e["order_id"], e["work_order"]) for e in events} == {("pac_1", "FHI624")}
    assert len({e["event_id"] for e in events}) == len(provider.STEPS)
    assert {e["amount"] for e in events if "amount" in e} == {"329.00"}


def test_each_order_has_another_number() -> None:
    assert len({provider.order_number() for _ in range(50)}) == 50


def test_what_is_sent_is_signed_and_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    requests: list[Any] = []

    class Response:
        status = 200

        def __enter__(self) -> "Response":
            return self

        def __exit__(self, *error: object) -> None:
            pass

        def read(self, *size: int) -> bytes:
            return b'{"result": "folded"}'

    def open_(request: Any, timeout: int) -> Response:
        requests.append(request)
        return Response()

    monkeypatch.setattr(urllib.request, "urlopen", open_)
    answers: list[provider.Answer] = []

    order_id = provider.send_order(ACCOUNT, "FHI624", AMOUNT, delay=0, report=answers.append)

    assert [a.status for a in answers] == [status for status, _, _ in provider.STEPS]
    assert {r.full_url for r in requests} == {"http://127.0.0.1:8000/webhooks/pac/flexfund/fhi/"}
    facts = [signed_json.read(r.data) for r in requests]
    assert {f.order_id for f in facts} == {order_id}
    assert [f.at for f in facts] == sorted(f.at for f in facts)
    for request in requests:
        assert signed_json.is_signed("secret", request.data, request.get_header("X-signature"))

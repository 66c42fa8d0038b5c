"""The webhook over HTTP: its signature, its answers, and that no request makes it fail."""

import hashlib
import hmac
import json
import threading
import urllib.request
from typing import Any

import pytest
from django.test import Client as Browser
from pytest_django.live_server_helper import LiveServer

from accounts.models import Brand
from core.secrets import seal
from payments.ingest import receive
from payments.models import Payment, PaymentException, ProviderAccount, ProviderEvent
from payments.providers import webhook
from workorders.models import WorkOrder

SECRET = "whsec-of-fhi"
URL = "/webhooks/pac/flexfund/fhi/"
GOOD = {
    "event_id": "ev-1",
    "order_id": "ord-1",
    "work_order": "FHI624",
    "status": "funded",
    "at": "2026-03-02T16:00:00Z",
    "amount": 329.00,
}


@pytest.fixture
def account(brand: Brand) -> ProviderAccount:
    return ProviderAccount.objects.create(
        brand=brand, provider="flexfund", webhook_secret=seal(SECRET)
    )


def signature(raw: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def post(client: Browser, content: Any, url: str = URL, sign: str | None = None) -> Any:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return client.post(
        url,
        data=raw,
        content_type="application/json",
        headers={"X-Signature": signature(raw) if sign is None else sign},
    )


def test_a_signed_fact_is_folded(client: Browser, account: ProviderAccount, job: WorkOrder) -> None:
    response = post(client, GOOD)

    assert (response.status_code, response.json()) == (200, {"result": "folded"})
    assert str(Payment.objects.get().amount) == "329.000"
    assert ProviderEvent.objects.get().payload == json.dumps(GOOD)


def test_it_may_name_another_currency(
    client: Browser, account: ProviderAccount, job: WorkOrder
) -> None:
    post(client, GOOD | {"currency": "cad"})

    assert ProviderEvent.objects.get().currency == Payment.objects.get().currency == "CAD"


def test_it_needs_no_csrf_token(account: ProviderAccount, job: WorkOrder) -> None:
    assert post(Browser(enforce_csrf_checks=True), GOOD).status_code == 200


def test_the_same_again_is_a_duplicate(
    client: Browser, account: ProviderAccount, job: WorkOrder
) -> None:
    post(client, GOOD)

    response = post(client, GOOD)

    assert (response.status_code, response.json()) == (200, {"result": "duplicate"})
    assert ProviderEvent.objects.count() == 1


def test_the_same_id_with_other_content_waits_for_a_person(
    client: Browser, account: ProviderAccount, job: WorkOrder
) -> None:
    post(client, GOOD)

    response = post(client, GOOD | {"amount": 1})

    assert (response.status_code, response.json()) == (202, {"result": "conflict"})
    assert PaymentException.objects.get().kind == "conflict"


def test_an_unknown_order_waits_for_a_person(client: Browser, account: ProviderAccount) -> None:
    response = post(client, GOOD)

    assert (response.status_code, response.json()) == (202, {"result": "unmatched"})
    assert ProviderEvent.objects.get().work_order is None


@pytest.mark.parametrize("sign", ["", "0" * 64, signature(b"{}"), "é", "x" * 5000])
def test_a_bad_signature_stores_nothing_but_a_counter(
    sign: str, client: Browser, account: ProviderAccount, job: WorkOrder
) -> None:
    raw = json.dumps(GOOD).encode()

    response = client.post(
        URL, data=raw, content_type="application/json", headers={"X-Signature": sign}
    )

    account.refresh_from_db()
    assert response.status_code == 400
    assert response.json()["field"] == "X-Signature"
    assert account.refused_count == 1
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "/webhooks/pac/flexfund/other/",
        "/webhooks/pac/guardian/fhi/",
        "/webhooks/pac/manual/fhi/",
        "/webhooks/pac/nobody/fhi/",
    ],
)
def test_an_unknown_account_answers_404(
    url: str, client: Browser, account: ProviderAccount
) -> None:
    assert post(client, GOOD, url).status_code == 404


def test_only_post(client: Browser, account: ProviderAccount) -> None:
    assert client.get(URL).status_code == 405


def test_64_kib_and_not_more(client: Browser, account: ProviderAccount, job: WorkOrder) -> None:
    room = webhook.MAX_BYTES - len(json.dumps(GOOD | {"data": {"pad": ""}}))
    full, over = (GOOD | {"data": {"pad": "x" * n}} for n in (room, room + 1))

    assert post(client, over).status_code == 413
    assert not ProviderEvent.objects.exists()
    assert post(client, full).status_code == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"text"',
        b"NaN",
        b'{"amount": NaN}',
        b'{"detail": "\x00"}',
        b'{"amount": ' + b"9" * 5000 + b"}",
        b'{"amount": 1e99999999999999999999}',
        b"[" * 30000,
        b'{"data": ' + b"[" * 500 + b"]" * 500 + b"}",
    ],
)
def test_what_is_no_json_object_is_400(
    raw: bytes, client: Browser, account: ProviderAccount
) -> None:
    response = post(client, raw)

    assert response.status_code == 400
    assert response.json()["error"]
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"event_id": None}, "event_id"),
        ({"event_id": 7}, "event_id"),
        ({"event_id": ""}, "event_id"),
        ({"event_id": "x" * 121}, "event_id"),
        ({"event_id": "a\x00b"}, "event_id"),
        ({"order_id": ["a"]}, "order_id"),
        ({"order_id": "\ud800"}, "order_id"),
        ({"status": ""}, "status"),
        ({"status": "s" * 81}, "status"),
        ({"work_order": 624}, "work_order"),
        ({"at": None}, "at"),
        ({"at": "yesterday"}, "at"),
        ({"at": "2026-03-02"}, "at"),
        ({"at": "2026-03-02T16:00:00"}, "at"),
        ({"at": 1772467200}, "at"),
        ({"at": "2199-01-01T00:00:00Z"}, "at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({"amount": -1}, "amount"),
        ({"amount": "1.005"}, "amount"),
        ({"amount": "lots"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": 1e30}, "amount"),
        ({"amount": 10**14}, "amount"),
        ({"fee": "x"}, "fee"),
        ({"currency": "XQQ"}, "currency"),
        ({"currency": 840}, "currency"),
        ({"currency": "JPY", "amount": "1.5"}, "amount"),
        ({"data": []}, "data"),
        ({"method": {}}, "method"),
    ],
)
def test_a_wrong_field_is_named(
    change: dict[str, Any], field: str, client: Browser, account: ProviderAccount, job: WorkOrder
) -> None:
    response = post(client, GOOD | change)

    assert (response.status_code, response.json()["field"]) == (422, field)
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize("name", ["event_id", "order_id", "status", "at"])
def test_a_missing_field_is_named(
    name: str, client: Browser, account: ProviderAccount, job: WorkOrder
) -> None:
    response = post(client, {k: v for k, v in GOOD.items() if k != name})

    assert (response.status_code, response.json()["field"]) == (422, name)


def test_what_postgres_cannot_hold_is_replaced_in_free_text(
    client: Browser, account: ProviderAccount, job: WorkOrder
) -> None:
    response = post(client, GOOD | {"detail": "a\x00b", "data": {"k\x00": ["\x00", 1.25, None]}})

    event = ProviderEvent.objects.get()
    assert response.status_code == 200
    assert event.detail == "a\ufffdb"
    assert event.data == {"k\ufffd": ["\ufffd", "1.25", None]}


def test_new_fields_of_the_provider_are_stored(
    client: Browser, account: ProviderAccount, job: WorkOrder
) -> None:
    post(client, GOOD | {"closing_date": "2026-04-01", "data": {"escrow": "E-1"}})

    assert ProviderEvent.objects.get().data == {"closing_date": "2026-04-01", "escrow": "E-1"}


def test_our_own_fault_asks_to_come_again(
    client: Browser, account: ProviderAccount, job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr(receive, "_receive", broken)
        assert post(client, GOOD).status_code == 503

    assert post(client, GOOD).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_over_a_real_server(
    live_server: LiveServer, account: ProviderAccount, job: WorkOrder
) -> None:
    raw = json.dumps(GOOD, indent=2).encode()
    request = urllib.request.Request(
        live_server.url + URL,
        data=raw,
        headers={"X-Signature": signature(raw), "Content-Type": "application/json"},
    )

    with urllib.request.urlopen(request) as response:
        answer = json.load(response)

    assert answer == {"result": "folded"}
    assert Payment.objects.get().status == "completed"


@pytest.mark.django_db(transaction=True)
def test_the_same_event_at_the_same_moment(
    live_server: LiveServer, account: ProviderAccount, job: WorkOrder
) -> None:
    raw = json.dumps(GOOD).encode()
    answers: list[str] = []
    gate = threading.Barrier(4)

    def send() -> None:
        request = urllib.request.Request(
            live_server.url + URL, data=raw, headers={"X-Signature": signature(raw)}
        )
        gate.wait()
        with urllib.request.urlopen(request) as response:
            answers.append(json.load(response)["result"])

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(answers) == ["duplicate", "duplicate", "duplicate", "folded"]
    assert (ProviderEvent.objects.count(), Payment.objects.count()) == (1, 1)

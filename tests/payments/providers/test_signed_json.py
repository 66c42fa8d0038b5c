"""Paystory's own webhook format, without a server: signature, exact numbers, named faults."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from payments.providers import signed_json
from payments.providers.base import Refused

GOOD = {
    "event_id": "ev-1",
    "order_id": "ord-1",
    "status": "funded",
    "at": "2026-03-02T09:00:00-07:00",
}


def body(**changes: Any) -> bytes:
    return json.dumps(GOOD | changes).encode()


def test_only_the_secrets_own_signature_proves_a_body() -> None:
    raw = body()
    signature = signed_json.sign("secret", raw)

    assert signed_json.is_signed("secret", raw, signature)
    assert signed_json.is_signed("secret", raw, f" {signature.upper()} ")
    assert not signed_json.is_signed("other", raw, signature)
    assert not signed_json.is_signed("secret", raw + b" ", signature)
    assert not signed_json.is_signed("secret", raw, "é")
    assert not signed_json.is_signed("secret", raw, "")


def test_the_signature_is_the_documented_one() -> None:
    assert signed_json.sign("key", b"The quick brown fox jumps over the lazy dog") == (
        "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    )


def test_amounts_are_exact() -> None:
    raw = body().replace(b"}", b', "amount": 340.52, "fee": "11.52"}')

    fact = signed_json.read(raw)

    assert (fact.amount, fact.fee) == (Decimal("340.52"), Decimal("11.52"))


def test_times_keep_their_instant() -> None:
    assert signed_json.read(body()).at == datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    assert signed_json.read(body(at="2026-03-02T16:00:00z")).at.utcoffset() is not None


def test_fields_that_may_be_missing_are_empty() -> None:
    fact = signed_json.read(body(work_order=None, currency=None, method=None, data=None))

    assert (fact.work_order, fact.currency, fact.method, fact.detail) == ("", "", "", "")
    assert (fact.amount, fact.fee, fact.data) == (None, None, {})


def test_what_is_not_documented_is_stored_with_the_data() -> None:
    fact = signed_json.read(body(closing_date="2026-04-01", data={"escrow": "E-1"}))

    assert fact.data == {"closing_date": "2026-04-01", "escrow": "E-1"}


@pytest.mark.parametrize(
    ("raw", "status", "field"),
    [
        (b"not json", 400, ""),
        (b"[]", 400, ""),
        (b'{"data": ' + b"[" * 40 + b"]" * 40 + b"}", 400, ""),
        (body(at="tomorrow"), 422, "at"),
        (body(amount=True), 422, "amount"),
        (body(order_id=7), 422, "order_id"),
    ],
)
def test_a_fault_says_what_is_wrong(raw: bytes, status: int, field: str) -> None:
    with pytest.raises(Refused) as refused:
        signed_json.read(raw)

    assert (refused.value.status, refused.value.field) == (status, field)

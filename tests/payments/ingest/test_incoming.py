"""A fact on its way in: exact, storable, and the same for the same content."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from core.refusal import field_of
from payments.ingest.incoming import (
    IncomingFact,
    actor_of,
    as_fact,
    checked,
    clean,
    content_hash,
    odd_fees,
)
from payments.models import ProviderEvent

D = Decimal
T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
FACT = IncomingFact("e-1", "ord-1", "captured", T0, amount=D("5"), data={"fee": "0.25"})


def test_amounts_are_exact_in_the_currency_of_the_fact() -> None:
    fact = checked(FACT, "USD")

    assert (fact.currency, str(fact.amount), str(fact.fee)) == ("USD", "5.00", "0.25")
    assert str(checked(replace(FACT, currency=" jpy ", data={}), "USD").amount) == "5"


@pytest.mark.parametrize("odd", ["a lot", "-1", {"a": 1}, 0.25, True])
def test_an_odd_fee_among_the_free_fields_is_no_money_and_no_refusal(odd: Any) -> None:
    fact = checked(replace(FACT, data={"fee": odd}), "USD")

    assert fact.fee is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"event_id": ""}, "event_id"),
        ({"order_id": " "}, "order_id"),
        ({"status": "s" * 81}, "status"),
        ({"work_order": "FHI\ud800"}, "work_order"),
        ({"at": T0.replace(tzinfo=None)}, "at"),
        ({"currency": "dollars"}, "currency"),
        ({"amount": D("-1")}, "amount"),
        ({"fee": D("0.001")}, "fee"),
    ],
)
def test_what_cannot_be_stored_names_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        checked(replace(FACT, **change), "USD")

    assert field_of(refused.value) == field


def test_the_same_content_has_the_same_hash_however_it_is_written() -> None:
    fact = checked(replace(FACT, data={"a": 1, "b": 2}), "USD")
    elsewhere = T0.astimezone(timezone(timedelta(hours=-7)))

    assert content_hash(fact, "USD") == content_hash(
        replace(fact, at=elsewhere, data={"b": 2, "a": 1}), "USD"
    )
    hashes = {
        content_hash(changed, "USD")
        for changed in (
            fact,
            replace(fact, amount=D("5.01")),
            replace(fact, currency="CAD"),
            replace(fact, at=T0 + timedelta(seconds=1)),
            replace(fact, data={"a": 1}),
        )
    }
    assert len(hashes) == 5


def test_what_the_database_cannot_hold_is_replaced_everywhere() -> None:
    assert clean({"a\x00": ["b\ud800", 1, {"c": "d"}]}) == {"a\ufffd": ["b\ufffd", 1, {"c": "d"}]}
    assert clean("plain") == "plain"


@pytest.mark.parametrize(
    ("given", "refund_id"),
    [(" re_1 ", "re_1"), (7, "7"), (True, ""), (None, ""), (["re_1"], ""), ("r" * 120, "r" * 100)],
)
def test_a_stored_event_names_its_refund(given: Any, refund_id: str) -> None:
    event = ProviderEvent(event_id="e-1", status="refunded", happened_at=T0)
    event.data = {"refund_id": given}

    assert as_fact(event).refund_id == refund_id


def test_an_odd_fee_is_shown_to_a_person() -> None:
    def event(number: int, fee: Any, amount: Decimal | None = None) -> ProviderEvent:
        return ProviderEvent(
            event_id=f"e-{number}", currency="USD", fee_amount=amount, data={"fee": fee}
        )

    problems = odd_fees([event(1, "a lot"), event(2, ""), event(3, "1.00", D("1.00"))])

    assert [(p.key, p.event_id) for p in problems] == [("data.fee:e-1", "e-1")]
    assert "“a lot”" in problems[0].summary(str)


def test_an_unknown_provider_is_named_by_its_own_word() -> None:
    assert (actor_of("guardian").label, actor_of("guardian").id) == ("Guardian", "guardian")

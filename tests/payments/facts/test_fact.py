"""Nested fields of a provider's facts: of each the highest-ranked fact that has it counts."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from payments.facts.fact import Fact, card_of, code_of, message_of, references_of, text_of

T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


def fact(detail: str = "", **data: Any) -> Fact:
    return Fact("e-1", "captured", T0, detail=detail, data=data)


@pytest.mark.parametrize("value", ["Ana", " Ana ", {"Ana": 1}, ["Ana"], None, 7, Decimal("7.0")])
def test_only_words_and_numbers_are_a_text(value: Any) -> None:
    expected = "" if value is None or isinstance(value, dict | list) else str(value).strip()

    assert text_of([fact(payer=value)], "payer") == expected


def test_the_last_fact_that_says_it_counts_also_inside_its_card() -> None:
    facts = [fact(last4="1111"), fact(card={"last4": "4242"}), fact(payer="Ana")]

    assert text_of(facts, "card_last4", "last4") == "4242"
    assert text_of(facts, "brand") == ""
    assert text_of([fact(card="Visa")], "brand") == ""


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"decline_code": "lost_card", "code": "card_declined"}, "lost_card"),
        ({"return_code": "R01"}, "R01"),
        ({"code": "x" * 70}, "x" * 60),
        ({}, ""),
    ],
)
def test_the_most_specific_code_is_the_reason(data: dict[str, Any], code: str) -> None:
    assert code_of([fact(**data)]) == code


def test_the_reason_is_the_detail_of_a_fact_before_its_fields() -> None:
    assert message_of([fact(message="Earlier"), fact("Do not honor", message="Field")]) == (
        "Do not honor"
    )
    assert message_of([fact(reason="Fraud"), fact()]) == "Fraud"
    assert message_of([fact("x" * 400)]) == "x" * 300


def test_a_card_is_known_as_far_as_any_fact_says() -> None:
    facts = [
        fact(card={"brand": "Visa", "last4": "4242", "funding": "Credit"}),
        fact(funding="whatever"),
    ]

    assert card_of(facts) == {"card_brand": "Visa", "last4": "4242", "funding": "credit"}
    assert card_of([fact()]) == {"card_brand": "", "last4": "", "funding": ""}
    assert card_of([fact(account_last4="0123456789", bank_name="First")])["last4"] == "6789"


def test_every_other_id_is_a_reference_once() -> None:
    facts = [fact(charge_id="ch_1", reference="r"), fact(charge_id="ch_1", auth_code=" ")]

    assert references_of(facts) == ("ch_1", "r")

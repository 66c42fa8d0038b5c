"""The phrases that sentences about money share."""

from typing import Any

import pytest

from payments.providers.base import ProviderKind
from payments.providers.registry import registered
from payments.timeline import phrases
from payments.timeline.shapes import (
    EventEntry,
    EventRow,
    ExceptionEntry,
    Means,
    Parts,
    PaymentEntry,
    PaymentRow,
)

ROW = {"amount": "12.00", "status": "completed"}
DATA = PaymentEntry.model_validate({"currency": "USD", "row": ROW})


def paid(**row: Any) -> Means:
    return Means.model_validate(row)


def step(**row: Any) -> EventRow:
    return EventRow.model_validate(row)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"method": "card", "card_brand": "Visa", "last4": "4242"}, "Visa •4242"),
        ({"method": "card"}, "card"),
        ({"method": "ach", "last4": "6789"}, "bank debit •6789"),
        ({"method": "check", "reference": "1234"}, "check 1234"),
        ({"method": "pac", "reference": "ord-1"}, "pay-at-close"),
        ({"method": "other"}, "other means"),
        ({"method": "shells"}, "shells"),
    ],
)
def test_what_was_paid_with(row: dict[str, str], words: str) -> None:
    assert phrases.means(paid(**row)) == words


def test_sentences_follow_each_other_with_full_stops() -> None:
    assert phrases.prose("No funds", "", " Call them. ", "Then wait") == (
        "No funds. Call them. Then wait"
    )
    assert phrases.prose("", "") == ""


def test_an_amount_is_in_its_rows_own_currency() -> None:
    ours = PaymentRow.model_validate(ROW)
    foreign = PaymentRow.model_validate(ROW | {"currency": "CAD"})

    assert phrases.amount(ours, DATA) == "$12.00"
    assert phrases.amount(foreign, DATA) == "CA$12.00"


@pytest.mark.parametrize("fee", [None, "0", "0.00", "-0.000"])
def test_without_a_fee_there_are_no_parts(fee: str | None) -> None:
    row = {"services_amount": "329.00", "fee_amount": fee}
    whole = row | {"fee_amount": "11.52"}

    assert phrases.parts(Parts.model_validate(row), DATA) == ""
    assert phrases.parts(Parts.model_validate(whole), DATA) == (
        "Services $329.00 + technology fee $11.52."
    )


@pytest.mark.parametrize(
    ("row", "status", "text"),
    [
        ({"method": "check"}, "pending", "Pending until the check clears."),
        ({"provider": "manual"}, "pending", "Pending until somebody confirms it."),
        ({"provider": "guardian"}, "pending", ""),
        ({}, "processing", "Processing is not paid yet."),
        ({"failure_message": "No luck"}, "failed", "No luck"),
        ({}, "completed", ""),
    ],
)
def test_why_a_payment_has_its_status(row: dict[str, str], status: str, text: str) -> None:
    assert phrases.why(paid(**row), status) == text


def test_the_finer_code_is_the_one_that_is_explained() -> None:
    row = paid(failure_code="card_declined", decline_code="insufficient_funds")

    assert phrases.decline_words(row) == (
        "Bank said: insufficient funds. Client may retry or use another card."
    )
    assert phrases.reason(row) == "insufficient funds"
    assert phrases.reason(paid(failure_code="X99")) == ""


def test_a_providers_own_code_is_explained_in_its_words_only() -> None:
    kind = ProviderKind("odd_pay", "Odd Pay", decline_codes={"X99": ("odd", "Odd.", "Wait.")})
    with registered(kind):
        own = phrases.reason(paid(failure_code="X99", provider="odd_pay"))
        other = phrases.reason(paid(failure_code="X99", provider="guardian"))

    assert (own, other) == ("odd", "")


@pytest.mark.parametrize(
    ("row", "tone"),
    [
        ({"status": "captured", "method": "card", "known": True}, "succeeded"),
        ({"status": "offered", "known": True}, "neutral"),
        ({"status": "levitated", "known": False}, "attention"),
        ({"status": "captured", "known": True, "processing_error": "odd"}, "attention"),
    ],
)
def test_the_tone_of_a_step(row: dict[str, Any], tone: str) -> None:
    assert phrases.event_state(step(**row, provider="guardian")) == tone


def test_a_status_belongs_to_its_provider() -> None:
    row = {"status": "captured", "known": True, "method": "card"}

    assert phrases.status_of(step(**row, provider="guardian"))
    assert phrases.status_of(step(**row, provider="nuvei")) is None


def test_changes_name_column_before_and_after() -> None:
    diff = {"amount": ("300.00", "310.00"), "services_amount": ("300.00", "310.00")}

    assert phrases.changes(diff, DATA) == "Amount: $300.00 → $310.00"
    both = {**diff, "reference": ("1234", "1235")}
    assert phrases.changes(both, DATA, "amount", "services_amount") == "Reference: 1234 → 1235"


def test_details_show_everything_but_our_own_row_numbers() -> None:
    event = {
        "provider": "guardian",
        "status": "captured",
        "amount": "12.00",
        "event_id": "ev-1",
        "payment_id": 3,
        "data": {"escrow_no": "E-1"},
    }
    payment = {"op": "U", "row": ROW, "diff": {"status": ["pending", "completed"]}}
    data = EventEntry.model_validate(
        {
            "currency": "USD",
            "row": event,
            "diff": {"detail": ["", "Called"]},
            "beside": {"payment": payment},
        }
    )

    assert list(phrases.details(data)) == [
        ("Provider", "Guardian", "text"),
        ("Status", "captured", "text"),
        ("Amount", "$12.00", "text"),
        ("Event", "ev-1", "ref"),
        ("escrow no", "E-1", "text"),
        ("Detail before", "nothing", "text"),
        ("Detail now", "Called", "text"),
        ("Payment", "Status: Pending → Received", "text"),
    ]


def test_each_reference_is_a_detail_and_the_number_of_an_event_is_none() -> None:
    payment = PaymentEntry.model_validate(
        {"currency": "USD", "row": ROW | {"references": ["pi_1", "ch_1"]}}
    )
    exception = ExceptionEntry.model_validate({"row": {"kind": "unmatched", "event_id": 12}})

    assert ("Reference", "pi_1", "ref") in phrases.details(payment)
    assert ("Reference", "ch_1", "ref") in phrases.details(payment)
    assert [label for label, _, _ in phrases.details(exception)] == ["Kind"]

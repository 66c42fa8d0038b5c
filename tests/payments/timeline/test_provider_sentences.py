"""How a provider's steps, orders and accounts read."""

from typing import Any

import pytest

from activity.describe import headline, render
from payments.timeline.provider_sentences import flatten, nested_words
from payments.timeline.shapes import EventEntry

STEP = {
    "provider": "guardian",
    "status": "captured",
    "method": "card",
    "known": True,
    "amount": "340.52",
    "order_id": "ord-1",
}


def step(beside: dict[str, Any] | None = None, **changes: Any) -> Any:
    row = STEP | changes
    data = {"row": row, "diff": {}, "beside": beside or {}, "currency": "USD"}
    return render("provider.added", data)


def test_a_step_reads_in_its_providers_words() -> None:
    payment = {"op": "I", "row": {"method": "card", "last4": "4242", "amount": "340.52"}}

    sentence = step({"payment": payment})

    assert sentence.headline == "Captured · $340.52 received by card •4242"
    assert sentence.state_word == "received"


def test_the_same_status_reads_by_the_kind_of_order() -> None:
    assert step(status="failed").headline == "$340.52 by card"
    assert step(status="failed", method="").headline == "Pay-at-close failed"


@pytest.mark.parametrize("change", [{"known": False}, {"status": "levitated"}])
def test_an_unknown_status_is_shown_as_it_came(change: dict[str, Any]) -> None:
    sentence = step(**change, detail="Up it goes")

    assert sentence.headline.startswith("Guardian reports “")
    assert "no money changed. Up it goes" in sentence.second
    assert sentence.state_word == "unknown status"


def test_a_decline_says_why_and_what_next() -> None:
    sentence = step(status="failed", data={"decline_code": "insufficient_funds"})

    assert sentence.second == "Bank said: insufficient funds. Client may retry or use another card."


def test_a_step_without_an_amount_has_that_of_what_it_changed() -> None:
    refund = {"op": "U", "diff": {}, "row": {"amount": "20.00"}}

    assert step({"refund": refund}, status="refunded", amount=None).headline == "$20.00 refunded"
    assert step(status="refunded", amount=None).headline == "the amount refunded"


def test_a_lost_dispute_says_how_much_is_due_again() -> None:
    dispute = {"op": "I", "diff": {}, "row": {"amount": "100.00", "status": "lost"}}

    assert "Dispute lost: $100.00 is owed again." in step({"dispute": dispute}).second


def test_a_step_that_could_not_be_processed_says_so() -> None:
    assert "it will be tried again" in step(processing_error="odd").second


def test_nested_fields_are_named_by_their_path() -> None:
    nested = {"docs": {"agreement": "signed"}, "last4": "4242", "line_no": 3}

    assert flatten(nested) == {"docs agreement": "signed", "line no": 3}


def test_only_nested_fields_that_changed_are_shown() -> None:
    row = {"data": {"docs": {"agreement": "signed", "deed": "sent"}, "line": 3}}
    before = {"docs": {"agreement": "sent"}, "line": 3}

    alone = EventEntry.model_validate({"row": row})
    later = EventEntry.model_validate({"row": row, "previous": before})

    assert nested_words(alone) == "docs agreement: signed; docs deed: sent; line: 3"
    assert nested_words(later) == ("docs agreement: sent → signed; docs deed: sent")


@pytest.mark.parametrize(
    ("data", "title", "subtitle"),
    [
        ({"work_order_id": 1}, "FlexFund order ord-1", ""),
        (
            {"work_order_number": "FHI9"},
            "FlexFund order ord-1 belongs to no job yet",
            "It names job “FHI9”, which does not exist here. Attach it to the right one.",
        ),
        (
            {},
            "FlexFund order ord-1 belongs to no job yet",
            "It names no job. Attach it to the right one.",
        ),
    ],
)
def test_an_order_without_a_job_says_what_to_do(
    data: dict[str, Any], title: str, subtitle: str
) -> None:
    result = headline("order", {"provider": "flexfund", "order_id": "ord-1", **data}, "unmatched")

    assert result is not None
    assert (result.title, result.subtitle) == (title, subtitle)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"op": "I", "diff": {}}, "Guardian connected"),
        ({"op": "D", "diff": {}}, "Guardian removed"),
        ({"diff": {"is_active": [True, False]}, "is_active": False}, "Guardian switched off"),
        ({"diff": {"secret_set_at": [None, "x"]}}, "Guardian has a new webhook secret"),
    ],
)
def test_an_account_reads_by_what_was_done(data: dict[str, Any], text: str) -> None:
    sentence = render("provider_account.changed", {"provider": "guardian", **data})

    assert sentence.headline == text


def test_attached_steps_are_counted() -> None:
    data = {"row": STEP, "diff": {}, "beside": {}, "currency": "USD"}

    assert render("provider.attached", data).second == "1 step that had arrived without a job."
    assert render("provider.attached", data | {"attached": 3}).second.startswith("3 steps")


def test_an_exception_says_when_it_is_resolved_or_open_again() -> None:
    row = {"kind": "unmatched", "summary": "No job.", "resolution": "Attached by Ruth"}
    base = {"beside": {}, "currency": "USD"}

    opened = render("exception.added", base | {"row": row, "diff": {}})
    done = render(
        "exception.changed",
        base | {"row": row | {"resolved_at": "x"}, "diff": {"resolved_at": ["", "x"]}},
    )
    again = render("exception.changed", base | {"row": row, "diff": {"resolved_at": ["x", ""]}})

    assert (opened.headline, opened.second) == ("No job found", "No job.")
    assert (done.headline, done.second) == ("Resolved: no job found", "Attached by Ruth")
    assert again.second == "It does not match after all. No job."

"""What one step did to one payment is one line; and starting the program loads its sentences."""

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from activity.describe import ChangeRow, Line, ThreadKey
from payments.timeline.describe import (
    ATTEMPT,
    EVENT,
    EXCEPTION,
    PAYMENT,
    REFUND,
    describe_account,
    describe_money,
    order_thread,
)

ROOT = Path(__file__).parents[3]
# A process of its own: in this one another test may have loaded the sentences.
SCRIPT = """
import django
django.setup()
from activity.describe import _headliners, _renderers
codes = {"payment.added", "attempt.added", "refund.added", "dispute.added", "provider.added"}
assert codes <= set(_renderers), codes - set(_renderers)
assert {"payment", "order"} <= set(_headliners), set(_headliners)
"""


def test_starting_the_program_loads_the_sentences() -> None:
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "PAYSTORY_NO_EMBEDDED": "1"}

    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=env, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr


# --- lines ----------------------------------------------------------------------------------------

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PAID = {"status": "completed", "amount": "340.52", "provider": "guardian", "number": 1}
STEP = {
    "provider": "guardian",
    "order_id": "ord-1",
    "event_id": "ev-1",
    "status": "captured",
    "method": "card",
    "known": True,
}


def change(
    number: int,
    entity: str,
    after: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
    object_id: int = 7,
) -> ChangeRow:
    """An insert, or an update where ``before`` is given."""
    op = "I" if before is None else "U"
    return ChangeRow(number, entity, op, object_id, 1, NOON, before or {}, after)


def lines(*changes: ChangeRow) -> list[Line]:
    return list(describe_money(changes))


def test_a_webhook_that_brings_a_payment_is_one_line_about_the_event() -> None:
    (line,) = lines(
        change(1, PAYMENT, PAID),
        change(2, EVENT, STEP | {"payment_id": 7}, object_id=3),
        change(3, ATTEMPT, {"payment_id": 7, "status": "succeeded", "number": 1}, object_id=4),
    )

    assert (line.code, line.kind, line.state) == ("provider.added", "provider", "succeeded")
    assert line.thread == ThreadKey("payment", 7)
    assert line.shows[0] == 2 and sorted(line.shows) == [1, 2, 3]
    assert set(line.data["beside"]) == {"payment", "attempt"}
    assert line.money_moved and not line.problem


def test_the_same_thing_twice_is_two_lines() -> None:
    first = change(1, PAYMENT, PAID | {"amount": "1.00"}, PAID)
    second = change(2, PAYMENT, PAID | {"amount": "2.00"}, PAID | {"amount": "1.00"})

    assert [line.shows for line in lines(first, second)] == [(1,), (2,)]


def test_a_fee_quote_joins_what_brought_the_money() -> None:
    quoted = change(2, PAYMENT, PAID | {"fee_expected": "11.52"}, PAID)

    (line,) = lines(change(1, PAYMENT, PAID), quoted)
    (alone,) = lines(quoted)

    assert "fee_quote" in line.data["beside"]
    assert (alone.code, alone.state, alone.money_moved) == ("payment.changed", "neutral", False)


def test_a_declined_order_and_its_attempt_are_one_line() -> None:
    (line,) = lines(
        change(1, EVENT, STEP | {"status": "failed"}, object_id=3),
        change(2, ATTEMPT, {"status": "failed", "number": 1}, object_id=4),
    )

    assert line.thread == ThreadKey("attempt", 4)
    assert (line.state, line.problem) == ("failed", True)


def test_a_refund_has_a_thread_below_its_payment() -> None:
    refunded = {"payment_id": 7, "status": "completed", "amount": "5.00", "number": 1}

    (line,) = lines(change(1, REFUND, refunded, object_id=9))

    assert (line.thread, line.parent) == (ThreadKey("refund", 9), ThreadKey("payment", 7))
    assert (line.state, line.money_moved) == ("refunded", True)


def test_an_order_without_a_job_has_a_thread_of_its_own_and_moves_when_it_gets_a_payment() -> None:
    unmatched = change(1, EVENT, STEP, object_id=3)
    attached = change(2, EVENT, STEP | {"work_order_id": 1, "payment_id": 7}, STEP, object_id=3)

    (before,) = lines(unmatched)
    (after,) = lines(attached)

    assert before.thread == order_thread(STEP)
    assert after.code == "provider.attached"
    assert after.thread == ThreadKey("payment", 7)
    assert after.moves == (order_thread(STEP),)


def test_orders_of_two_providers_with_one_id_are_two_threads() -> None:
    assert order_thread(STEP) != order_thread(STEP | {"provider": "flexfund"})


def test_a_note_on_a_failed_payment_is_no_new_failure() -> None:
    failed = PAID | {"status": "failed"}

    (line,) = lines(change(1, PAYMENT, failed | {"note": "Called them"}, failed))

    assert (line.state, line.problem) == ("neutral", False)


def test_an_exception_asks_for_attention_until_it_is_resolved() -> None:
    opened = {"kind": "amount", "summary": "Odd", "payment_id": 7}

    (asks,) = lines(change(1, EXCEPTION, opened))
    (done,) = lines(change(2, EXCEPTION, opened | {"resolved_at": "2026-03-02"}, opened))

    assert (asks.state, asks.problem) == ("attention", True)
    assert (done.state, done.problem) == ("succeeded", False)


def test_references_can_be_searched_for() -> None:
    payment = PAID | {"reference": "1234", "references": ["pi_1", "ch_1"], "last4": "4242"}

    (line,) = lines(change(1, PAYMENT, payment))

    assert set(line.references) == {"1234", "pi_1", "ch_1", "4242"}


def test_an_account_has_a_line_and_never_its_secret() -> None:
    row = {"provider": "guardian", "is_active": True}

    (line,) = describe_account([change(1, "payments.provider_account", row)])

    assert line.code == "provider_account.changed"
    assert line.data == {"op": "I", **row, "diff": line.data["diff"]}

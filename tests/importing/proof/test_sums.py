"""The plain sum of a line's steps, and that it agrees with the fold where nothing is odd."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importing.proof.sums import STEPS, Counts, Fact, Refund, Sums, of_status, of_steps
from payments.facts import fold
from payments.providers.registry import with_steps
from payments.providers.statuses import COMMON

D = Decimal
T0 = datetime(2026, 5, 4, 8, tzinfo=UTC)
WHOLE = D("310.50")


def step(status: str, hour: int, amount: str | None = None, **changes: Any) -> Fact:
    return Fact(status, T0 + timedelta(hours=hour), D(amount) if amount else None, **changes)


def sums(*facts: Fact, **options: Any) -> tuple[Decimal, Decimal]:
    answers = {of_steps(order, WHOLE, **options) for order in (facts, facts[::-1])}
    answer = answers.pop()
    assert not answers  # the order of the steps in the file is nothing
    return answer.received, answer.refunded


def test_every_status_of_every_provider_is_in_the_table() -> None:
    for kind in with_steps():
        names = {*kind.statuses.pay_at_close, *kind.statuses.card}
        assert names <= STEPS.keys(), kind.slug


def test_the_table_says_the_same_of_money_as_the_ranks() -> None:
    came = {Counts.RECEIVED, Counts.SETTLED, Counts.CLOSED}
    for name, status in {**COMMON.pay_at_close, **COMMON.card}.items():
        assert (STEPS[name] in came) == status.rank.paid, name


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([step("captured", 1)], ("310.50", "0")),
        ([step("captured", 1), step("risk_review", 2, "5.00")], ("310.50", "0")),
        ([step("authorised", 1), step("levitated", 2)], ("0", "0")),
        ([step("captured", 1), step("settled", 2), step("voided", 3)], ("310.50", "0")),
        ([step("captured", 1), step("refund_queued", 2), step("voided", 3)], ("0", "0")),
        ([step("captured", 1, "100.00"), step("captured", 2, "210.50")], ("310.50", "0")),
        ([step("captured", 1, "310.50"), step("captured", 2, "300.00")], ("300.00", "0")),
        ([step("captured", 1, "300.00"), step("settled", 2, "310.50")], ("300.00", "0")),
        (
            [step("captured", 1), step("refund_queued", 2, "50.00"), step("refunded", 3, "50.00")],
            ("310.50", "50.00"),
        ),
        (
            [
                step("captured", 1),
                step("refund_queued", 2, "50.00"),
                step("refunded", 3, "50.00", refund_id="rf-7"),
            ],
            ("310.50", "50.00"),
        ),
        (
            [
                step("refunded", 2, "50.00", refund_id="a"),
                step("refunded", 3, "50.00", refund_id="b"),
                step("failed", 4, refund_id="a"),
            ],
            ("310.50", "50.00"),
        ),
        (
            [
                step("captured", 1),
                step("chargeback", 2, "100.00", dispute_id="dp-A"),
                step("chargeback", 3, "150.00", dispute_id="dp-B"),
                step("chargeback", 4, "110.50", dispute_id="dp-A"),
            ],
            ("50.00", "0"),
        ),
        ([step("chargeback", 3)], ("0.00", "0")),
    ],
)
def test_what_steps_come_to(facts: list[Fact], expected: tuple[str, str]) -> None:
    assert sums(*facts) == (D(expected[0]), D(expected[1]))


def test_a_bank_debit_that_failed_after_it_came_is_gone_until_it_comes_again() -> None:
    came, returned, again = step("captured", 1), step("failed", 2), step("settled", 3)

    assert sums(came, returned, is_debit=True) == (D(0), D(0))
    assert sums(came, returned, again, is_debit=True) == (WHOLE, D(0))
    assert sums(came, returned) == (WHOLE, D(0))  # a card that was declined first


def test_a_refund_that_the_file_lists_is_the_one_of_the_steps() -> None:
    listed = Refund(D("40.00"), "completed", "rf-1")

    assert sums(step("captured", 1), refunds=[listed])[1] == D("40.00")
    done = step("refunded", 2, "40.00", refund_id="rf-1")
    assert sums(step("captured", 1), done, refunds=[listed])[1] == D("40.00")
    failed = step("refund_failed", 3, refund_id="rf-1")
    assert sums(step("captured", 1), failed, refunds=[listed])[1] == D(0)


def test_a_payment_with_a_status() -> None:
    refunds = [Refund(D("10"), "queued"), Refund(D("5"), "failed"), Refund(D("7"), "completed")]

    assert of_status("completed", D("100"), None, [D("20")], refunds) == Sums(D("80"), D("17"))
    assert of_status("charged_back", D("100"), None, [D("100")], []) == Sums()
    assert of_status("pending", D("100"), D("3"), [], []) == Sums()


# Against the fold --------------------------------------------------------------------------------

AMOUNT = st.sampled_from([None, "310.50"])
PART = st.sampled_from(["10.00", "25.00", "310.50"])
ONE_STEP = st.one_of(
    st.tuples(st.sampled_from(["authorised", "captured", "settled", "failed", "voided"]), AMOUNT),
    st.tuples(st.sampled_from(["funded", "approved", "cancelled", "backup_charged"]), AMOUNT),
    st.tuples(st.sampled_from(["risk_review", "levitated"]), PART),
    st.tuples(st.sampled_from(["refund_queued", "refunded", "refund_failed"]), PART),
)


@settings(max_examples=300, deadline=None)
@given(
    given_steps=st.lists(ONE_STEP, min_size=1, max_size=6),
    charged_back=st.sampled_from([None, None, "40.00", "310.50"]),
    method=st.sampled_from(["card", "ach"]),
    named=st.booleans(),
)
def test_where_the_fold_sees_nothing_odd_both_agree(
    given_steps: list[tuple[str, str | None]], charged_back: str | None, method: str, named: bool
) -> None:
    # Of several captures the fold may know better which are parts.
    came = ("captured", "settled", "funded", "backup_charged")
    steps: list[tuple[str, str | None]] = []
    for one in given_steps:
        if one[0] not in came or all(one[0] != status for status, _ in steps):
            steps.append(one)
    steps += [("chargeback", charged_back)] if charged_back else []
    facts, theirs = [], []
    for n, (status, text) in enumerate(steps):
        amount = D(text) if text else None
        is_refund = STEPS.get(status) in (
            Counts.REFUND_QUEUED,
            Counts.REFUNDED,
            Counts.REFUND_FAILED,
        )
        refund = f"rf-{text}" if named and is_refund else ""
        at = T0 + timedelta(hours=n)
        facts.append(Fact(status, at, amount, None, refund))
        is_of_payment = not is_refund and status != "chargeback" and status in STEPS
        filled = WHOLE if amount is None and is_of_payment else amount
        data = {} if is_of_payment else {"order_amount": str(WHOLE)}
        theirs.append(fold.Fact(f"e{n}", status, at, filled, None, method, "", data, refund, "USD"))
    state = fold.fold(theirs, COMMON.ranks, home="USD")
    if state.problems:
        return

    ours = of_steps(facts, WHOLE, is_debit=method == "ach")

    assert (ours.received, ours.refunded) == _folded(state)


def _folded(state: Any) -> tuple[Decimal, Decimal]:
    refunded = sum((r.amount for r in state.refunds if r.counts), D(0))
    if state.payment_status != "completed":
        return D(0), refunded
    disputes = state.disputes if hasattr(state, "disputes") else (state.dispute,)
    lost = sum((d.amount for d in disputes if d is not None and d.status == "lost"), D(0))
    return state.amount - lost, refunded

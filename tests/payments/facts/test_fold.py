"""The fold commutes: whatever comes, in any order and any number of times, ends the same."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.facts.fold import Fact, OrderState
from payments.facts.fold import fold as fold_with
from payments.providers.statuses import COMMON

D = Decimal
T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


def fact(status: str, minute: int = 0, amount: str | None = None, **rest: object) -> Fact:
    return Fact(
        event_id=str(rest.pop("event_id", f"e-{status}-{minute}")),
        status=status,
        at=T0 + timedelta(minutes=minute),
        amount=D(amount) if amount else None,
        **rest,  # type: ignore[arg-type]  # a test's shorthand
    )


def fold(facts: Iterable[Fact]) -> OrderState:
    """The state of an order whose provider has the common statuses."""
    return fold_with(facts, COMMON.ranks)


def pac(*statuses: str, amount: str = "329.00") -> OrderState:
    return fold([fact(s, i, amount) for i, s in enumerate(statuses)])


def card(*statuses: str, method: str = "card", amount: str = "340.52") -> OrderState:
    return fold([fact(s, i, amount, method=method) for i, s in enumerate(statuses)])


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["offered"], "requires_action"),
        (["offered", "selected"], "requires_action"),
        (["selected", "agreement_signed"], "pending"),
        (["agreement_signed", "info_needed"], "pending"),
        (["info_needed", "submitted"], "processing"),
        (["submitted", "approved"], "processing"),
        (["approved", "funded"], "completed"),
        (["funded", "approved"], "completed"),
        (["funded", "collected_at_closing"], "completed"),
        (["funded", "failed"], "completed"),
        (["approved", "failed"], "failed"),
        (["failed", "backup_charged"], "completed"),
        (["cancelled", "submitted"], "voided"),
        (["funded", "voided"], "voided"),
        (["funded", "charged_back"], "charged_back"),
        (["charged_back", "backup_charged"], "charged_back"),
        (["funded", "levitated"], "completed"),
    ],
)
def test_pay_at_close_has_the_status_of_its_highest_fact(
    statuses: list[str], expected: str
) -> None:
    assert pac(*statuses).payment_status == expected


@pytest.mark.parametrize(
    ("statuses", "payment", "attempt"),
    [
        (["authorised"], "pending", "processing"),
        (["authorised", "captured"], "completed", "succeeded"),
        (["settled"], "completed", "succeeded"),
        (["captured", "settled", "voided"], "completed", "succeeded"),
        (["authorised", "voided"], "voided", "abandoned"),
        (["captured", "voided"], "voided", "succeeded"),
        (["failed"], None, "failed"),
        (["failed", "failed"], None, "failed"),
        (["authorised", "failed"], "failed", "failed"),
        (["failed", "captured"], "completed", "succeeded"),
        (["captured", "failed"], "completed", "succeeded"),
        (["captured", "chargeback"], "charged_back", "succeeded"),
        (["levitated"], None, None),
    ],
)
def test_card_has_the_status_of_its_highest_fact(
    statuses: list[str], payment: str | None, attempt: str | None
) -> None:
    state = card(*statuses)

    assert (state.payment_status, state.attempt_status) == (payment, attempt)


def test_a_bank_debit_that_fails_after_it_was_paid_is_a_late_return() -> None:
    paid = fact("captured", 1, "400.00", method="ach")
    returned = fact("failed", 30000, None, method="ach", data={"return_code": "R10"})

    state = fold([returned, paid])

    assert state.payment_status == "charged_back"
    assert state.disputes
    assert (state.disputes[0].status, state.disputes[0].amount) == ("lost", D("400.00"))
    assert (state.disputes[0].reason_code, state.failure_code) == ("R10", "R10")


def test_a_bank_debit_that_fails_before_it_is_paid_failed() -> None:
    state = fold(
        [
            fact("authorised", 0, "400.00", method="ach"),
            fact("failed", 9, method="ach", data={"return_code": "R01"}, detail="No funds"),
        ]
    )

    assert (state.payment_status, state.attempt_status) == ("failed", "failed")
    assert (state.failure_code, state.failure_message) == ("R01", "No funds")
    assert not state.disputes


def test_fhi624_card_payment_with_its_fee_and_refund() -> None:
    state = fold(
        [
            fact("captured", 1, "340.52", method="card", fee=D("11.52"), data={"last4": "4242"}),
            fact("refund_queued", 50, "211.14", method="card"),
            fact("settled", 60, "340.52", method="card"),
            fact("refunded", 90, "211.14", method="card"),
        ]
    )

    assert (state.amount, state.fee, state.last4) == (D("340.52"), D("11.52"), "4242")
    assert state.paid_at == T0 + timedelta(minutes=1)
    (refund,) = state.refunds
    assert (refund.amount, refund.status, refund.key) == (D("211.14"), "completed", "211.14#1")
    assert refund.at == T0 + timedelta(minutes=50)
    assert refund.completed_at == T0 + timedelta(minutes=90)
    assert state.problems == ()


def test_captured_amount_beats_what_was_authorised() -> None:
    state = fold(
        [
            fact("authorised", 0, "500.00", method="card", fee=D("17.95")),
            fact("captured", 1, "412.30", method="card", fee=D("14.30")),
        ]
    )

    assert (state.amount, state.fee) == (D("412.30"), D("14.30"))


def test_what_the_title_company_sends_is_not_the_payment() -> None:
    state = fold([fact("funded", 0, "329.00"), fact("collected_at_closing", 9, "351.00")])

    assert state.amount == D("329.00")


def test_refunds_of_one_amount_pair_in_their_order() -> None:
    state = fold(
        [
            fact("captured", 0, "300.00", method="card"),
            fact("refund_queued", 1, "50.00"),
            fact("refund_queued", 2, "50.00"),
            fact("refunded", 3, "50.00"),
        ]
    )

    assert [(r.status, r.amount) for r in state.refunds] == [
        ("completed", D("50.00")),
        ("queued", D("50.00")),
    ]


def test_a_refund_without_an_amount_is_the_whole_payment() -> None:
    state = fold([fact("funded", 0, "329.00"), fact("refund_queued", 1), fact("refunded", 2)])

    (refund,) = state.refunds
    assert (refund.amount, refund.status) == (D("329.00"), "completed")


def test_a_refund_that_fails_days_later_comes_back() -> None:
    state = fold(
        [
            fact("captured", 0, "300.00", method="card"),
            fact("refunded", 1, "50.00", refund_id="re_1"),
            fact("failed", 5000, "50.00", refund_id="re_1", detail="Account closed"),
        ]
    )

    (refund,) = state.refunds
    assert state.payment_status == "completed"
    assert (refund.status, refund.counts) == ("failed", False)
    assert (refund.failure_reason, refund.completed_at) == ("Account closed", None)


def test_what_cannot_be_refunded_is_a_problem_and_no_money() -> None:
    state = fold(
        [
            fact("captured", 0, "100.00", method="card"),
            fact("refunded", 1, "80.00", refund_id="a"),
            fact("refunded", 2, "30.00", refund_id="b"),
        ]
    )

    assert [(r.key, r.amount) for r in state.refunds] == [("a", D("80.00")), ("b", D("20.00"))]
    assert [p.key for p in state.problems] == ["refund:b"]
    assert "10.00 of it is not recorded" in state.problems[0].summary("{:.2f}".format)


def test_a_queued_refund_is_cancelled_when_the_payment_is_voided_instead() -> None:
    state = card("captured", "refund_queued", "voided")

    assert state.payment_status == "voided"
    assert [r.status for r in state.refunds] == ["cancelled"]


def test_money_without_an_amount_is_a_problem_until_one_comes() -> None:
    silent = [fact("funded", 3)]

    assert fold(silent).payment_status is None
    assert [p.key for p in fold(silent).problems] == ["no-amount"]
    assert fold([*silent, fact("approved", 2, "90.00")]).problems == ()


def test_a_fee_larger_than_the_payment_is_a_problem() -> None:
    state = fold([fact("captured", 0, "10.00", method="card", fee=D("11.00"))])

    assert (state.amount, state.fee) == (D("10.00"), D(0))
    assert [p.key for p in state.problems] == ["fee"]


def test_an_unknown_status_is_passed_on_verbatim_and_moves_no_money() -> None:
    known = [fact("funded", 0, "329.00")]

    before, after = fold(known), fold([*known, fact("Escrow Wobble", 1, "1.00")])

    assert (after.payment_status, after.amount, after.refunds) == ("completed", D("329.00"), ())
    assert after.provider_status == before.provider_status == "funded"
    assert fold([fact("Escrow Wobble", 1)]).provider_status == "Escrow Wobble"


STATUSES = sorted({*COMMON.pay_at_close, *COMMON.card, "levitated"})
DISPUTE_IDS = st.sampled_from([{}, {}, {"dispute_id": "dp-A"}, {"dispute_id": "dp-B"}])
AMOUNTS = st.none() | st.sampled_from(["10.00", "50.00", "329.00", "340.52"])


@st.composite
def orders(draw: st.DrawFn) -> list[Fact]:
    count = draw(st.integers(1, 9))
    method = draw(st.sampled_from(["", "card", "ach"]))
    return [
        fact(
            draw(st.sampled_from(STATUSES)),
            draw(st.integers(0, 5)),
            draw(AMOUNTS),
            event_id=f"e{number}",
            method=method,
            fee=draw(st.none() | st.sampled_from([D("1.00"), D("11.52")])),
            refund_id=draw(st.sampled_from(["", "", "re_1", "re_2"])),
            data={"last4": str(1000 + number)} | draw(DISPUTE_IDS),
        )
        for number in range(count)
    ]


@settings(max_examples=400, deadline=None)
@given(orders(), st.randoms(use_true_random=False))
def test_any_order_and_any_number_of_times_is_the_same(facts: list[Fact], random: object) -> None:
    again = facts + facts[:3]
    random.shuffle(again)  # type: ignore[attr-defined]  # hypothesis types it as Random

    assert fold(again) == fold(facts)


@settings(max_examples=400, deadline=None)
@given(orders())
def test_money_is_never_negative_nor_more_than_there_is(facts: list[Fact]) -> None:
    state = fold(facts)

    if state.amount is None:
        assert state.refunds == () and state.payment_status is None
        return
    counted = sum((r.amount for r in state.refunds if r.counts), D(0))
    assert D(0) <= state.fee <= state.amount
    assert counted <= state.amount
    assert all(r.amount > 0 for r in state.refunds)
    assert all(d.amount > 0 for d in state.disputes)
    assert sum((d.amount for d in state.disputes if d.is_lost), D(0)) <= state.amount


@settings(max_examples=200, deadline=None)
@given(orders(), st.integers(0, 9))
def test_an_unknown_status_never_changes_money(facts: list[Fact], minute: int) -> None:
    odd = fact("invented tomorrow", minute, "77.77", event_id="odd", method=facts[0].method)

    before, after = fold(facts), fold([*facts, odd])

    assert (before.payment_status, before.amount, before.fee, before.refunds) == (
        after.payment_status,
        after.amount,
        after.fee,
        after.refunds,
    )


@settings(max_examples=200, deadline=None)
@given(orders())
def test_paid_never_regresses_but_by_void_or_chargeback(facts: list[Fact]) -> None:
    state = fold([*facts, fact("funded", 3, "329.00", event_id="paid")])

    assert state.payment_status in ("completed", "voided", "charged_back", None) or any(
        f.method or f.status in ("authorised", "captured", "settled", "chargeback") for f in facts
    )


def test_refund_and_dispute_that_are_together_too_much_are_for_a_person() -> None:
    state = fold(
        [
            fact("captured", 0, "100.00", method="card"),
            fact("refunded", 1, "60.00", method="card"),
            fact("chargeback", 2, "60.00", method="card"),
        ]
    )

    assert [problem.key for problem in state.problems] == ["back"]

"""Facts of a refund that we asked for are matched to it in any order, and never add a second."""

import itertools
import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from payments.facts.fold import Fact, OurRefund, fold
from payments.ingest.incoming import IncomingFact
from payments.models import Payment, PaymentException, ProviderMatch, Refund
from payments.providers.statuses import COMMON
from payments.refunds.verbs import complete_refund, fail_refund, refundable
from tests.factories import RefundFactory
from tests.payments.conftest import T0, Tell, incoming
from tests.payments.ingest.test_apply import rows
from tests.payments.refund_requests import queue
from workorders.models import WorkOrder

D = Decimal


def refund_fact(status: str, minute: int, amount: str = "50.00", refund: str = "") -> IncomingFact:
    """A fact of a refund of order ord-1; without an id, where ``refund`` is empty."""
    data = {"refund_id": refund} if refund else {}
    event_id = f"ev-{status}-{minute}-{refund}"
    return incoming(status, minute, amount, method="card", data=data, event_id=event_id)


@pytest.fixture
def payment(tell: Tell, job: WorkOrder) -> Payment:
    """100.00 and a fee of 3.50, taken by card."""
    tell(incoming("captured", 1, "103.50", method="card", fee=D("3.50")))
    return Payment.objects.get()


def refunds() -> list[tuple[int, str, Decimal, str]]:
    """All refunds but the cancelled: number, status, amount, the provider's id."""
    current = Refund.objects.exclude(status="cancelled").order_by("number")
    return [(r.number, r.status, r.amount, r.provider_refund_id) for r in current]


class _Undo(Exception):
    """Take everything back."""


def outcome(tell: Tell, facts: Sequence[IncomingFact], arrange: Callable[[], object]) -> Any:
    """What ``facts`` come to in this order, and every refund of ours; the rows are rolled back."""
    result: Any = None
    try:
        with transaction.atomic():
            arrange()
            Refund.objects.update(happened_at=T0)
            Refund.objects.filter(status="completed").update(completed_at=T0)
            for fact in facts:
                tell(fact)
            names = ("number", "status", "amount", "fee_amount", "provider_refund_id", "reason")
            ours = list(Refund.objects.exclude(reason="").order_by("number").values_list(*names))
            result = rows(), ours, refunds()
            raise _Undo
    except _Undo:
        return result


def in_every_order(tell: Tell, arrange: Callable[[], object], *facts: IncomingFact) -> Any:
    """The refunds after ``facts``: every permutation, its first two repeated, has this outcome."""
    outcomes = [
        outcome(tell, [*order, *order[:2]], arrange) for order in itertools.permutations(facts)
    ]
    assert all(other[:2] == outcomes[0][:2] for other in outcomes)
    return outcomes[0][2]


# --- one refund -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "re_1"])
def test_the_events_of_a_queued_refund_move_it(name: str, tell: Tell, payment: Payment) -> None:
    refund = queue(payment, "48.31")
    asked = (refund.services_amount, refund.fee_amount, refund.reason, refund.happened_at)
    assert refund.amount == D("50.00")

    tell(refund_fact("refund_queued", 5, refund=name))
    assert refunds() == [(1, "queued", D("50.00"), name)]
    tell(refund_fact("refunded", 6, refund=name))
    assert refunds() == [(1, "completed", D("50.00"), name)]
    tell(refund_fact("refund_failed", 7, refund=name))

    assert refunds() == [(1, "failed", D("50.00"), name)]
    refund.refresh_from_db()
    stored = (refund.services_amount, refund.fee_amount, refund.reason, refund.happened_at)
    assert stored == asked
    assert refund.provider_match == ProviderMatch.FOLLOWS
    assert refund.provider_events.count() == 3
    assert refundable(payment).total == D("103.50")


def test_one_done_by_hand_is_the_one_that_the_events_name(tell: Tell, payment: Payment) -> None:
    refund = complete_refund(queue(payment, "48.31"), reference="re_1")

    result = in_every_order(
        tell,
        list,
        refund_fact("refund_queued", 5, refund="re_1"),
        refund_fact("refunded", 6, refund="re_1"),
    )
    assert result == [(1, "completed", D("50.00"), "re_1")]
    tell(refund_fact("refund_queued", 5, refund="re_1"))

    refund.refresh_from_db()
    assert (refund.status, refund.provider_match) == ("completed", ProviderMatch.NAMED)
    tell(refund_fact("refund_failed", 9, refund="re_1"))
    assert refunds() == [(1, "failed", D("50.00"), "re_1")]


def test_one_done_by_hand_may_be_reported_without_an_id(tell: Tell, payment: Payment) -> None:
    complete_refund(queue(payment, "48.31"), reference="receipt 7")

    tell(refund_fact("refunded", 6))

    assert refunds() == [(1, "completed", D("50.00"), "receipt 7")]


def test_another_id_or_another_amount_is_another_refund(tell: Tell, payment: Payment) -> None:
    complete_refund(queue(payment, "20.00"), reference="re_1")
    queue(payment, "10.00")

    tell(refund_fact("refunded", 6, "20.70", refund="re_2"))
    tell(refund_fact("refunded", 7, "10.34", refund="re_3"))

    assert refunds() == [
        (1, "completed", D("20.70"), "re_1"),
        (2, "queued", D("10.35"), ""),
        (3, "completed", D("20.70"), "re_2"),
        (4, "completed", D("10.34"), "re_3"),
    ]


def test_under_the_same_id_the_provider_knows_how_much(tell: Tell, payment: Payment) -> None:
    complete_refund(queue(payment, "48.31"), reference="re_1")

    tell(refund_fact("refunded", 6, "40.00", refund="re_1"))

    assert refunds() == [(1, "completed", D("40.00"), "re_1")]
    refund = Refund.objects.get()
    assert (refund.services_amount, refund.fee_amount) == (D("38.65"), D("1.35"))


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_what_was_given_up_is_not_what_a_provider_tells_of(
    end: str, tell: Tell, payment: Payment
) -> None:
    RefundFactory(payment=payment, status=end, amount=D("50.00"))

    tell(refund_fact("refunded", 6, refund="re_1"))

    assert Refund.objects.get(number=2).status == "completed"


def test_one_known_before_it_was_asked_for_is_not_it(tell: Tell, payment: Payment) -> None:
    tell(refund_fact("refunded", 5, "20.70", refund="re_old"))
    queue(payment, "20.00")

    tell(incoming("settled", 6, "103.50", method="card", fee=D("3.50")))
    assert [r[1] for r in refunds()] == ["completed", "queued"]
    tell(refund_fact("refunded", 7, "20.70", refund="re_new"))

    assert refunds() == [
        (1, "completed", D("20.70"), "re_old"),
        (2, "completed", D("20.70"), "re_new"),
    ]


def test_a_whole_refund_of_ours_leaves_no_room_for_a_second(tell: Tell, payment: Payment) -> None:
    queue(payment, "100.00")

    tell(refund_fact("refund_queued", 5, "103.50", refund="re_1"))

    assert refunds() == [(1, "queued", D("103.50"), "re_1")]
    assert not PaymentException.objects.exists()
    tell(refund_fact("refunded", 6, "20.00", refund="re_2"))
    assert len(refunds()) == 1
    assert PaymentException.objects.get().kind == "amount"


def test_a_voided_payment_calls_off_what_was_only_queued(tell: Tell, payment: Payment) -> None:
    refund = queue(payment, "48.31")

    tell(incoming("voided", 5, method="card"))
    refund.refresh_from_db()
    assert (refund.status, refund.failure_reason) == (
        "cancelled",
        "The payment was voided instead.",
    )

    tell(incoming("settled", 6, "103.50", method="card", fee=D("3.50")))
    assert refunds() == [(1, "queued", D("50.00"), "")]


# --- several, in any order --------------------------------------------------------------------


def test_two_of_one_amount_are_two_in_any_order(tell: Tell, payment: Payment) -> None:
    def arrange() -> None:
        queue(payment, "30.00", reason="First")
        queue(payment, "30.00", reason="Second")

    result = in_every_order(
        tell,
        arrange,
        refund_fact("refund_queued", 5, "31.05", refund="re_a"),
        refund_fact("refunded", 8, "31.05", refund="re_a"),
        refund_fact("refund_queued", 6, "31.05", refund="re_b"),
        refund_fact("refund_failed", 9, "31.05", refund="re_b"),
    )

    assert result == [(1, "completed", D("31.05"), "re_a"), (2, "failed", D("31.05"), "re_b")]


def test_two_without_ids_are_two_in_any_order(tell: Tell, payment: Payment) -> None:
    def arrange() -> None:
        queue(payment, "30.00", reason="First")
        queue(payment, "30.00", reason="Second")

    result = in_every_order(
        tell,
        arrange,
        refund_fact("refund_queued", 5, "31.05"),
        refund_fact("refund_queued", 6, "31.05"),
        refund_fact("refunded", 7, "31.05"),
    )

    assert [r[1] for r in result] == ["completed", "queued"]


def test_one_by_hand_and_one_queued_of_the_same_amount(tell: Tell, payment: Payment) -> None:
    def arrange() -> None:
        queue(payment, "30.00", reason="First")
        complete_refund(queue(payment, "30.00", reason="Second"), reference="re_a")

    result = in_every_order(
        tell,
        arrange,
        refund_fact("refunded", 5, "31.05", refund="re_a"),
        refund_fact("refund_queued", 6, "31.05", refund="re_b"),
        refund_fact("refund_failed", 8, "31.05", refund="re_a"),
    )

    assert result == [(1, "queued", D("31.05"), "re_b"), (2, "failed", D("31.05"), "re_a")]


def test_an_amount_that_turns_out_other_frees_ours_in_any_order(
    tell: Tell, payment: Payment
) -> None:
    result = in_every_order(
        tell,
        lambda: queue(payment, "30.00"),
        refund_fact("refund_queued", 5, "31.05", refund="re_a"),
        refund_fact("refunded", 7, "20.00", refund="re_a"),
    )

    assert sorted(r[1:] for r in result) == [
        ("completed", D("20.00"), "re_a"),
        ("queued", D("31.05"), ""),
    ]


@st.composite
def refund_facts(draw: st.DrawFn) -> list[IncomingFact]:
    """Steps of up to three refunds, with and without ids, some of the amounts asked for."""
    return [
        incoming(
            draw(st.sampled_from(["refund_queued", "refunded", "refund_failed", "failed"])),
            draw(st.integers(2, 6)),
            draw(st.sampled_from(["31.05", "31.05", "10.35", "20.00"])),
            event_id=f"e{number}",
            method="card",
            data={"refund_id": name}
            if (name := draw(st.sampled_from(["", "re_1", "re_2"])))
            else {},
        )
        for number in range(draw(st.integers(1, 5)))
    ]


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # each try writes to a database
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    facts=refund_facts(),
    asked=st.lists(st.sampled_from(["30.00", "30.00", "10.00"]), max_size=3),
    by_hand=st.booleans(),
    seed=st.integers(0, 9999),
)
def test_rows_are_the_same_in_any_order(
    facts: list[IncomingFact],
    asked: list[str],
    by_hand: bool,
    seed: int,
    tell: Tell,
    payment: Payment,
) -> None:
    shuffled = random.Random(seed)
    orders = [[*facts, *facts[:2]] for _ in range(2)]
    for order in orders:
        shuffled.shuffle(order)

    def arrange() -> None:
        for n, services in enumerate(asked):
            refund = queue(payment, services, reason=f"No. {n}")
            if by_hand and n == 0:
                complete_refund(refund, reference="re_1")

    first, second = (outcome(tell, order, arrange)[:2] for order in orders)

    assert first == second


def test_one_failed_by_hand_and_reported_later_is_still_one(tell: Tell, payment: Payment) -> None:
    done = complete_refund(queue(payment, "48.31"), reference="re_1")
    fail_refund(done, why="Account closed")

    tell(refund_fact("refund_queued", 5, refund="re_1"))
    assert refunds() == [(1, "failed", D("50.00"), "re_1")]
    tell(refund_fact("refunded", 6, refund="re_1"))

    assert [r[1] for r in refunds()] == ["completed"]


# --- the question itself ----------------------------------------------------------------------


def test_the_fold_reserves_what_was_asked_for_and_not_reported_yet() -> None:
    facts = [
        Fact("e1", "captured", T0, D(100), method="card"),
        Fact("e2", "refunded", T0 + timedelta(minutes=1), D(80), refund_id="re_1"),
    ]

    state = fold(facts, COMMON.ranks, ours=[OurRefund(7, D(40))])

    assert [(r.key, r.amount, r.ours) for r in state.refunds] == [("re_1", D(60), None)]
    assert len(state.problems) == 1

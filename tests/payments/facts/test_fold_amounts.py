"""Captures in parts, captures told again, and settlements that differ from them."""

from decimal import Decimal
from itertools import permutations

import pytest

from payments.facts.fold import Fact, OrderState
from tests.payments.facts.test_fold import fact, fold

D = Decimal


def folded(*facts: Fact) -> OrderState:
    """The one state of all orders in which ``facts`` may come."""
    states = [fold(order) for order in permutations(facts)]
    assert all(state == states[0] for state in states)
    return states[0]


def card(status: str, minute: int, amount: str, **rest: object) -> Fact:
    return fact(status, minute, amount, method="card", **rest)


def keys(state: OrderState) -> list[str]:
    return [problem.key for problem in state.problems]


@pytest.mark.parametrize(
    "proof",
    [("authorised", ["329.00"]), ("settled", ["329.00"]), ("settled", ["100.00", "229.00"])],
)
def test_captures_that_come_to_what_was_authorised_or_settled_are_parts(
    proof: tuple[str, list[str]],
) -> None:
    status, sums = proof
    others = [card(status, 50 + n, amount) for n, amount in enumerate(sums)]

    state = folded(card("captured", 1, "100.00"), card("captured", 2, "229.00"), *others)

    assert (state.amount, keys(state)) == (D("329.00"), [])


def test_the_fees_of_parts_add_up() -> None:
    state = folded(
        card("authorised", 0, "329.00"),
        card("captured", 1, "100.00", fee=D("3.50")),
        card("captured", 2, "229.00", fee=D("8.02")),
    )

    assert (state.amount, state.fee) == (D("329.00"), D("11.52"))


def test_captures_that_nothing_proves_to_be_parts_are_for_a_person() -> None:
    state = folded(card("captured", 1, "100.00"), card("captured", 2, "229.00"))

    assert (state.amount, keys(state)) == (D("229.00"), ["captures"])


def test_a_capture_that_is_told_again_is_one() -> None:
    state = folded(
        card("authorised", 0, "100.00"),
        card("captured", 1, "100.00", event_id="a"),
        card("captured", 2, "100.00", event_id="b"),
    )

    assert (state.amount, keys(state)) == (D("100.00"), [])


def test_two_equal_captures_of_twice_as_much_are_two() -> None:
    state = folded(
        card("authorised", 0, "200.00"),
        card("captured", 1, "100.00", event_id="a"),
        card("captured", 2, "100.00", event_id="b"),
    )

    assert (state.amount, keys(state)) == (D("200.00"), [])


def test_less_settled_than_captured_is_for_a_person_and_the_capture_counts() -> None:
    state = folded(card("captured", 1, "340.52"), card("settled", 50, "330.00"))

    assert (state.amount, keys(state)) == (D("340.52"), ["settled"])


def test_a_settlement_in_parts_fits_once_all_are_there() -> None:
    facts = [card("captured", 1, "340.52"), card("settled", 50, "300.00")]

    assert keys(folded(*facts)) == ["settled"]
    assert keys(folded(*facts, card("settled", 60, "40.52"))) == []


def test_an_import_is_no_part_of_what_events_report() -> None:
    state = folded(
        card("captured", 0, "329.00", event_id=""),
        card("captured", 1, "100.00"),
        card("captured", 2, "229.00"),
        card("authorised", 0, "329.00"),
    )

    assert (state.amount, keys(state)) == (D("329.00"), [])

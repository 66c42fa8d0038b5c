"""Steps of refunds with and without an id: one refund while amounts and order allow it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.facts.fact import Fact
from payments.facts.group_refunds import IMPORTED, RefundFacts, group_refunds, stage_of, unclear

D = Decimal
T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
WHOLE = D("340.52")


def step(
    status: str, minute: int, amount: str | None = "50.00", refund: str = "", event: str = ""
) -> Fact:
    return Fact(
        event or f"{status}-{minute}-{refund}",
        status,
        T0 + timedelta(minutes=minute),
        D(amount) if amount else None,
        refund_id=refund,
    )


def keys(*facts: Fact) -> list[str]:
    """The keys of the refunds that ``facts`` are, the same in every order."""
    results = {
        tuple((g.key, tuple(f.event_id for f in sorted(g.facts, key=lambda f: f.key))) for g in gs)
        for gs in (group_refunds(order, WHOLE) for order in permutations(facts))
    }
    assert len(results) == 1
    return [key for key, _ in results.pop()]


def is_unclear(*facts: Fact) -> bool:
    return bool(unclear(group_refunds(facts, WHOLE)))


STEPS = ["refund_queued", "refunded", "refund_failed"]


@pytest.mark.parametrize("named", [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)])
@pytest.mark.parametrize("steps", [(0, 1), (1, 2), (0, 2), (0, 1, 2)])
def test_an_id_that_comes_late_or_not_again_is_the_same_refund(
    named: tuple[int, ...], steps: tuple[int, ...]
) -> None:
    facts = [step(STEPS[n], n, refund="rf-7" if n in named else "") for n in steps]
    with_id = any(n in named for n in steps)

    assert keys(*facts) == (["rf-7"] if with_id else ["50#1"])
    assert not is_unclear(*facts)


def test_a_step_without_an_amount_is_of_the_refund_that_waits_for_it() -> None:
    assert keys(step("refund_queued", 1), step("refunded", 2, None, "rf-7")) == ["rf-7"]
    assert keys(step("refund_queued", 1), step("refunded", 2, None)) == ["50#1"]
    assert keys(step("refund_queued", 1, None), step("refunded", 2, None)) == ["whole#1"]


def test_two_that_are_queued_without_an_id_are_the_two_that_are_done() -> None:
    facts = [
        step("refund_queued", 1),
        step("refund_queued", 2),
        step("refunded", 3, refund="rf-1"),
        step("refunded", 4, refund="rf-2"),
    ]

    assert keys(*facts) == ["rf-1", "rf-2"]
    assert not is_unclear(*facts)


@pytest.mark.parametrize(
    "facts",
    [
        (step("refund_queued", 1), step("refunded", 2, "40.00", "rf-7")),
        (step("refund_queued", 1), step("refunded", 2, "40.00")),
        (step("refunded", 1, refund="rf-7"), step("refund_queued", 2)),
        (step("refunded", 1, refund="rf-7"), step("refunded", 2)),
        (step("refunded", 1, refund="rf-7"), step("refund_failed", 2, "40.00")),
    ],
)
def test_what_does_not_fit_together_is_two_and_unclear(facts: tuple[Fact, Fact]) -> None:
    assert len(keys(*facts)) == 2
    assert is_unclear(*facts)


@pytest.mark.parametrize(
    "facts",
    [
        # The second waits; the first is done.
        (step("refund_queued", 1), step("refunded", 2, refund="rf-1"), step("refund_queued", 3)),
        (step("refund_queued", 1, "30.00"), step("refund_queued", 2, "50.00")),
        (step("refund_queued", 1, refund="a"), step("refunded", 2, "40.00", "b")),
    ],
)
def test_a_second_refund_is_clear(facts: tuple[Fact, ...]) -> None:
    assert len(keys(*facts)) == 2
    assert not is_unclear(*facts)


def imported(fact: Fact, row: int = 7) -> Fact:
    return replace(fact, event_id=f"{IMPORTED}{row}")


def test_an_imported_refund_goes_on_with_the_events() -> None:
    queued, done = imported(step("refund_queued", 1)), step("refunded", 5, refund="rf-7")

    (one,) = group_refunds([done, queued], WHOLE)
    assert (one.key, one.row, sorted(one.stages)) == ("rf-7", 7, ["completed", "queued"])


def test_all_steps_of_an_imported_refund_stay_together() -> None:
    both = [imported(step("refund_queued", 1)), imported(step("refunded", 3))]

    (one,) = group_refunds([*both, step("refund_failed", 9)], WHOLE)
    assert (one.row, sorted(one.stages)) == (7, ["completed", "failed", "queued"])


def test_two_imported_refunds_are_never_one() -> None:
    facts = [imported(step("refund_queued", 1)), imported(step("refunded", 3), row=8)]

    assert sorted(g.row or 0 for g in group_refunds(facts, WHOLE)) == [7, 8]


FACTS = st.lists(
    st.builds(
        step,
        st.sampled_from([*STEPS, "failed"]),
        st.integers(1, 6),
        st.sampled_from(["50.00", "50.00", "40.00", None]),
        st.sampled_from(["", "", "rf-1", "rf-2"]),
        st.uuids().map(str),
    ).filter(lambda f: f.status != "failed" or f.refund_id),
    max_size=6,
)


def shape(groups: list[RefundFacts]) -> list[tuple[str, list[str]]]:
    return [(g.key, sorted(f.event_id for f in g.facts)) for g in groups]


@settings(max_examples=400, deadline=None)
@given(FACTS, st.randoms(use_true_random=False))
def test_each_fact_is_of_one_refund_whatever_the_order(facts: list[Fact], random: object) -> None:
    groups = group_refunds(facts, WHOLE)
    other = list(facts)
    random.shuffle(other)  # type: ignore[attr-defined]  # hypothesis types it as Random

    assert shape(group_refunds(other, WHOLE)) == shape(groups)
    assert sorted(f.event_id for g in groups for f in g.facts) == sorted(f.event_id for f in facts)
    assert len({g.key for g in groups}) == len(groups)
    for group in groups:
        assert {f.refund_id for f in group.facts} - {""} <= {group.refund_id}
        without = [stage_of(f) for f in group.facts if not f.refund_id]
        assert len(without) == len(set(without))

"""Refunds among the facts of an order: which facts are one, which is ours, and how much fits."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from payments.facts.fact import Fact
from payments.facts.fold_refunds import OurRefund, Problem, RefundState, of_refund, refunds_of
from payments.facts.group_refunds import IMPORTED

D = Decimal
T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
WHOLE = D("100.00")


def fact(status: str, minute: int = 0, amount: str | None = None, refund: str = "") -> Fact:
    return Fact(
        f"{status}-{minute}",
        status,
        T0 + timedelta(minutes=minute),
        amount=D(amount) if amount else None,
        refund_id=refund,
    )


def states(
    *facts: Fact,
    ours: tuple[OurRefund, ...] = (),
    imported: tuple[Fact, ...] = (),
    status: str = "completed",
) -> tuple[tuple[RefundState, ...], list[Problem]]:
    """The refunds of a payment of 100.00."""
    return refunds_of(facts, WHOLE, status, ours, imported)


@pytest.mark.parametrize(
    ("status", "refund", "is_one"),
    [
        ("refunded", "", True),
        ("refund_queued", "", True),
        ("failed", "re_1", True),
        ("failed", "", False),
        ("captured", "re_1", False),
    ],
)
def test_a_failure_speaks_of_a_refund_where_it_names_one(
    status: str, refund: str, is_one: bool
) -> None:
    assert of_refund(fact(status, refund=refund)) == is_one


def test_without_a_payment_there_is_nothing_to_refund() -> None:
    assert refunds_of([fact("refunded", 1, "5.00")], None, None) == ((), [])


def test_facts_of_one_id_are_one_refund_in_whatever_order() -> None:
    facts = [fact("refund_queued", 1, "40.00", "re_1"), fact("refunded", 2, "40.00", "re_1")]

    for order in itertools.permutations(facts):
        ((one,), problems) = states(*order)
        assert (one.key, one.is_derived, one.status, one.amount) == (
            "re_1",
            False,
            "completed",
            D("40.00"),
        )
        assert (one.at, one.completed_at) == (T0 + timedelta(minutes=1), facts[1].at)
        assert problems == []


def test_without_ids_the_nth_of_an_amount_is_the_nth() -> None:
    refunds, _ = states(
        fact("refund_queued", 1, "20.00"),
        fact("refund_queued", 2, "20.00"),
        fact("refunded", 3, "20.00"),
        fact("refunded", 4, "30.00"),
    )

    assert [(r.key, r.status) for r in refunds] == [
        ("20#1", "completed"),
        ("20#2", "queued"),
        ("30#1", "completed"),
    ]


def test_what_does_not_fit_is_a_problem_and_not_stored() -> None:
    refunds, problems = states(
        fact("refunded", 1, "80.00", "re_1"), fact("refunded", 2, "50.00", "re_2")
    )

    assert [(r.key, r.amount) for r in refunds] == [("re_1", D("80.00")), ("re_2", D("20.00"))]
    (problem,) = problems
    assert problem.amounts == (D("50.00"), D("20.00"), WHOLE, D("30.00"))
    assert problem.identity == "refund:re_2:50:20:100:30"
    assert problem.summary(str).startswith("A refund of 50.00 is more than")


def test_what_an_import_knew_leaves_less() -> None:
    known = replace(fact("refunded", 0, "70.00"), event_id=f"{IMPORTED}7")
    refunds, problems = states(fact("refunded", 1, "80.00", "re_1"), imported=(known,))

    assert [(r.row, r.amount) for r in refunds] == [(7, D("70.00")), (None, D("30.00"))]
    assert [p.key for p in problems] == ["refund:re_1"]


def test_a_void_leaves_nothing_queued() -> None:
    (one,), _ = states(fact("refund_queued", 1, "40.00", "re_1"), status="voided")

    assert (one.status, one.counts) == ("cancelled", False)


def test_the_same_id_is_ours_before_an_equal_amount_is() -> None:
    ours = (OurRefund(1, D("40.00")), OurRefund(2, D("10.00"), reference="re_1"))

    refunds, _ = states(
        fact("refunded", 1, "40.00", "re_1"), fact("refunded", 2, "40.00", "re_2"), ours=ours
    )

    assert {r.key: r.ours.id for r in refunds if r.ours} == {"re_1": 2, "re_2": 1}
    assert {r.key: r.is_as_asked for r in refunds} == {"re_1": False, "re_2": True}


@pytest.mark.parametrize(
    "ours",
    [
        OurRefund(1, D("30.00")),
        OurRefund(1, D("40.00"), counts=False),
        OurRefund(1, D("40.00"), older=frozenset({"re_1"})),
    ],
)
def test_another_amount_one_given_up_and_one_known_before_are_not_ours(ours: OurRefund) -> None:
    (one,), _ = states(fact("refunded", 1, "40.00", "re_1"), ours=(ours,))

    assert one.ours is None


def test_what_was_asked_for_here_comes_before_what_was_not() -> None:
    refunds, problems = states(
        fact("refunded", 1, "70.00", "re_1"),
        ours=(OurRefund(1, D("60.00")),),
    )

    assert [r.amount for r in refunds] == [D("40.00")]
    assert problems[0].amounts[1] == D("40.00")

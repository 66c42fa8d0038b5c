"""Several disputes of one order, told twice, in parts, without ids, and next to an import."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from payments.facts.fact import Fact
from payments.facts.fold_disputes import DisputeState, disputes_of

D = Decimal
T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
PAID = [Fact("paid", "captured", T0, D("500.00"))]


def back(event_id: str, amount: str | None, dispute_id: str = "", minute: int = 9) -> Fact:
    return Fact(
        event_id,
        "chargeback",
        T0 + timedelta(minutes=minute),
        D(amount) if amount else None,
        data={"dispute_id": dispute_id} if dispute_id else {},
    )


def imported(amount: str, dispute_id: str = "", status: str = "open") -> DisputeState:
    return DisputeState("#7", status, D(amount), T0, dispute_id=dispute_id, row=7)


def amounts(*facts: Fact, known: tuple[DisputeState, ...] = ()) -> dict[str, Decimal]:
    states, _ = disputes_of(facts, PAID, D("500.00"), known)
    return {state.key: state.amount for state in states}


def problems(*facts: Fact) -> list[str]:
    return [p.key for p in disputes_of(facts, PAID, D("500.00"))[1]]


def test_two_disputes_are_two() -> None:
    two = back("a", "100.00", "dp-A"), back("b", "150.00", "dp-B")

    assert amounts(*two) == {"dp-A": D("100.00"), "dp-B": D("150.00")}
    assert problems(*two) == []


def test_the_same_id_with_another_amount_replaces() -> None:
    again = back("a", "100.00", "dp-A"), back("b", "150.00", "dp-A", 20)

    assert amounts(*again) == {"dp-A": D("150.00")}


def test_a_fact_without_an_id_is_about_the_dispute_of_its_amount() -> None:
    facts = back("a", "100.00", "dp-A"), back("b", "150.00", "dp-B"), back("c", "150.00")

    assert amounts(*facts) == {"dp-A": D("100.00"), "dp-B": D("150.00")}
    assert problems(*facts) == []


def test_one_without_id_and_amount_is_about_the_only_dispute() -> None:
    assert amounts(back("a", "100.00", "dp-A"), back("b", None)) == {"dp-A": D("100.00")}
    assert amounts(back("b", None)) == {"unnamed": D("500.00")}


def test_one_without_id_and_amount_next_to_two_is_a_problem() -> None:
    facts = back("a", "100.00", "dp-A"), back("b", "150.00", "dp-B"), back("c", None)

    assert sum(amounts(*facts).values()) == D("250.00")
    assert problems(*facts) == ["dispute:c"]


def test_what_no_id_tells_apart_is_one_and_a_problem() -> None:
    facts = back("a", "100.00"), back("b", "150.00", minute=20)

    assert amounts(*facts) == {"unnamed": D("150.00")}
    assert problems(*facts) == ["dispute:unnamed"]


def test_an_unnamed_one_next_to_others_counts_and_is_a_problem() -> None:
    facts = back("a", "100.00", "dp-A"), back("b", "150.00")

    assert amounts(*facts) == {"dp-A": D("100.00"), "unnamed": D("150.00")}
    assert problems(*facts) == ["dispute:unnamed"]


def test_a_dispute_of_nothing_takes_nothing() -> None:
    facts = back("a", "100.00", "dp-A"), back("b", "0.00", "dp-B", 20)

    assert amounts(*facts) == {"dp-A": D("100.00")}
    assert problems(*facts) == []


def test_together_they_never_take_more_than_was_paid() -> None:
    facts = back("a", "400.00", "dp-A"), back("b", "150.00", "dp-B", 20)

    assert amounts(*facts) == {"dp-A": D("400.00"), "dp-B": D("100.00")}
    assert problems(*facts) == ["dispute:dp-B"]


def test_an_imported_dispute_without_its_id_is_the_one_that_events_name() -> None:
    (state,), _ = disputes_of(
        [back("a", "120.00", "dp-A")], PAID, D("500.00"), [imported("100.00")]
    )

    assert (state.row, state.dispute_id, state.status) == (7, "dp-A", "lost")
    assert (state.amount, state.at) == (D("120.00"), T0)


def test_an_imported_dispute_with_another_id_is_another_one() -> None:
    known = (imported("100.00", "dp-0"),)

    assert amounts(back("a", "120.00", "dp-A"), known=known) == {
        "dp-0": D("100.00"),
        "dp-A": D("120.00"),
    }


def test_an_imported_dispute_that_no_event_reports_is_as_imported() -> None:
    (state,), _ = disputes_of([], PAID, D("500.00"), [imported("100.00", "dp-0")])

    assert (state.key, state.status, state.row) == ("dp-0", "open", 7)


FACTS = st.lists(
    st.builds(
        back,
        st.uuids().map(str),
        st.sampled_from([None, "50.00", "100.00", "150.00", "500.00"]),
        st.sampled_from(["", "dp-A", "dp-B"]),
        st.integers(1, 5),
    ),
    min_size=1,
    max_size=6,
)
KNOWN = st.sampled_from([(), (imported("100.00"),), (imported("150.00", "dp-B", "lost"),)])


@settings(max_examples=300, deadline=None)
@given(FACTS, KNOWN, st.randoms(use_true_random=False))
def test_the_order_of_facts_changes_nothing(
    facts: list[Fact], known: tuple[DisputeState, ...], random: object
) -> None:
    other = list(facts)
    random.shuffle(other)  # type: ignore[attr-defined]  # hypothesis types it as Random

    assert disputes_of(other, PAID, D("500.00"), known) == disputes_of(
        facts, PAID, D("500.00"), known
    )


@settings(max_examples=300, deadline=None)
@given(FACTS, KNOWN)
def test_each_fact_counts_once_or_is_a_problem(
    facts: list[Fact], known: tuple[DisputeState, ...]
) -> None:
    states, found = disputes_of(facts, PAID, D("500.00"), known)
    in_a_dispute = [event for state in states for event in state.event_ids]

    assert len(in_a_dispute) == len(set(in_a_dispute))
    assert {f.event_id for f in facts} - set(in_a_dispute) <= {p.event_id for p in found} or found
    assert sum((s.amount for s in states if s.is_lost), D(0)) <= D("500.00")
    assert len({state.key for state in states}) == len(states)

"""Quotes commute: facts that come in any order owe the same fee."""

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from invoicing.models import FeePolicy, JobBalance
from payments.ingest.incoming import IncomingFact
from payments.models import Payment
from tests.payments.card_fees import CREDIT, DEBIT, captured, whole
from tests.payments.conftest import Tell, incoming, with_policy
from workorders.models import WorkOrder

D = Decimal


class _Undo(Exception):
    """Take everything back."""


def outcome(job: WorkOrder, tell: Tell, facts: Sequence[IncomingFact]) -> Any:
    """What these facts come to in this order; their rows are rolled back."""
    result: Any = None
    try:
        with transaction.atomic():
            for fact in facts:
                tell(fact)
            quotes = Payment.objects.order_by("provider_order_id").values_list(
                "status", "method", "services_amount", "fee_amount", "fee_expected", "uncollected"
            )
            s = whole(job) if JobBalance.objects.filter(work_order=job).exists() else None
            result = (
                list(quotes),
                s and (s.billed, s.received, s.refunded, s.balance, s.fee, s.word),
            )
            raise _Undo
    except _Undo:
        return result


def in_every_order(job: WorkOrder, tell: Tell, *facts: IncomingFact) -> Any:
    outcomes = [outcome(job, tell, order) for order in itertools.permutations(facts)]
    assert all(other == outcomes[0] for other in outcomes), outcomes
    return outcomes[0]


@pytest.mark.parametrize("uncollected", ["absorb", "bill"])
@pytest.mark.parametrize(("data", "fee"), [(CREDIT, "17.95"), (DEBIT, None)])
def test_the_funding_may_come_late(
    data: Any, fee: str | None, uncollected: str, brand: Brand, bill: WorkOrder, tell: Tell
) -> None:
    with_policy(brand, uncollected=uncollected)

    quotes, _ = in_every_order(
        bill,
        tell,
        incoming("authorised", 0, "500.00", method="card"),
        captured("500.00", data={"last4": "4242"}),
        incoming("settled", 9, "500.00", method="card", data=data),
    )

    expected = None if fee is None else D(fee)
    assert quotes[0][-2:] == (expected, uncollected if fee else "")


def test_a_fee_of_unknown_funding_is_dropped_once_the_funding_is_known(
    brand: Brand, bill: WorkOrder, tell: Tell
) -> None:
    with_policy(brand, fundings=["unknown"], uncollected="bill")

    quotes, settled = in_every_order(
        bill,
        tell,
        captured("500.00", data={"last4": "4242"}),
        incoming("settled", 9, "500.00", method="card", data=DEBIT),
    )

    assert quotes[0][-2:] == (None, "")
    assert settled[3] == 0


def test_the_services_may_change_between_authorised_and_captured(
    policy: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    quotes, settled = in_every_order(
        bill,
        tell,
        incoming("authorised", 0, "500.00", method="card", data=CREDIT),
        captured("480.00", data={}),
        captured("400.00", minute=5, data={}),
    )

    assert quotes[0][-2] == D("14.36")
    assert settled[4].uncollected == D("14.36")


def test_the_fee_may_come_late(policy: FeePolicy, bill: WorkOrder, tell: Tell) -> None:
    _, settled = in_every_order(
        bill,
        tell,
        captured("517.95"),
        incoming("settled", 9, "517.95", method="card", fee=D("17.95")),
        incoming("refunded", 12, "103.59", method="card"),
    )

    assert (settled[3], settled[4].uncollected) == (D("100.00"), D(0))


def test_a_bank_debit_that_first_looked_like_a_card_owes_none(
    policy: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    quotes, _ = in_every_order(
        bill,
        tell,
        captured("500.00"),
        incoming("settled", 9, "500.00", method="ach"),
    )

    assert quotes[0][-2] is None


@pytest.fixture
def billing(brand: Brand) -> FeePolicy:
    return with_policy(brand, fundings=["credit", "unknown"], uncollected="bill")


facts = st.lists(
    st.builds(
        lambda status, minute, amount, fee, data, order: incoming(
            status, minute, amount, method="card", fee=fee, data=data, order_id=order
        ),
        st.sampled_from(["authorised", "captured", "settled", "refunded", "voided", "chargeback"]),
        st.integers(0, 4),
        st.sampled_from(["50.00", "500.00", "517.95"]),
        st.sampled_from([None, D("0.00"), D("17.95")]),
        st.sampled_from([{}, CREDIT, DEBIT, {"funding": "prepaid"}]),
        st.just("ord-1"),
    ),
    min_size=2,
    max_size=5,
    unique_by=lambda fact: fact.event_id,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(reported=facts, shuffled=st.randoms(use_true_random=False))
def test_quotes_are_the_same_in_any_order(
    reported: list[IncomingFact], shuffled: Any, billing: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    other = [*reported, *reported[:1]]
    shuffled.shuffle(other)

    assert outcome(bill, tell, reported) == outcome(bill, tell, other)

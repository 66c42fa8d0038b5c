"""Card payments over all policies, amounts and orders of facts, from the webhook to the bill."""

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from audit.run import Count, audit
from core.money import ZERO
from invoicing.queries.prices import prices
from invoicing.settlement.types import Settlement, Word
from payments.ingest.incoming import IncomingFact
from payments.models import Payment
from tests.payments.card_fees import captured, whole
from tests.payments.conftest import Tell, with_policy
from workorders.models import WorkOrder

D = Decimal
SLOW = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
terms = st.fixed_dictionaries(
    {
        "percent": st.sampled_from([D("2.9"), D("3.59")]),
        "fixed": st.sampled_from([D(0), D("0.30")]),
        "cap": st.sampled_from([None, D("5.00")]),
        "fundings": st.sampled_from([["credit"], ["debit"]]),
        "uncollected": st.sampled_from(["absorb", "bill"]),
    }
)


class _Undo(Exception):
    """Take everything back."""


def card(n: int, amount: Decimal, fee: Decimal | None) -> IncomingFact:
    told = None if fee is None else str(fee)
    return captured(str(amount), told, minute=n, order_id=f"ord-{n}", event_id=f"ev-{n}")


def outcome(
    job: WorkOrder, tell: Tell, facts: Sequence[IncomingFact], policy: dict[str, Any]
) -> tuple[list[Any], Settlement]:
    """The parts and quotes of every payment, and the settlement; the rows are rolled back."""
    rows: list[Any] = []
    try:
        with transaction.atomic():
            with_policy(job.brand, **policy)
            for fact in facts:
                tell(fact)
            assert [str(finding) for finding in audit([job.brand], Count())] == []
            columns = "services_amount", "fee_amount", "fee_base", "fee_expected", "uncollected"
            found = Payment.objects.order_by("provider_order_id").values_list("amount", *columns)
            rows, settlement = list(found), whole(job)
            raise _Undo
    except _Undo:
        return rows, settlement


@SLOW
@given(
    policy=terms,
    sums=st.lists(
        st.tuples(
            st.integers(1, 60_000).map(lambda n: D(n).scaleb(-2)),
            st.sampled_from([None, None, D(0), D("0.01")]),
        ),
        min_size=1,
        max_size=4,
    ),
    rng=st.randoms(use_true_random=False),
)
def test_any_cards_in_any_order_come_to_the_same(
    policy: dict[str, Any],
    sums: list[tuple[Decimal, Decimal | None]],
    rng: random.Random,
    bill: WorkOrder,
    tell: Tell,
) -> None:
    facts = [card(n, *one) for n, one in enumerate(sums, start=1)]

    rows, s = outcome(bill, tell, facts, policy)

    assert outcome(bill, tell, rng.sample(facts, len(facts)), policy)[0] == rows
    assert all(services + fee == amount for amount, services, fee, *_ in rows)
    assert sum((base or ZERO for *_, base, _, _ in rows), ZERO) <= D("500.00")
    assert s.received == sum((amount for amount, _ in sums), ZERO)
    assert s.billed == D("500.00") + s.fee.kept + s.fee.due
    assert s.balance == s.billed - s.received
    assert s.fee.due == (s.fee.open if policy["uncollected"] == "bill" else 0)


@SLOW
@given(
    policy=terms,
    first=st.integers(0, 49_999).map(lambda n: D(n).scaleb(-2)),
    is_reported=st.booleans(),
)
def test_the_price_that_a_page_shows_is_paid_by_exactly_that(
    policy: dict[str, Any],
    first: Decimal,
    is_reported: bool,
    brand: Brand,
    bill: WorkOrder,
    tell: Tell,
) -> None:
    """Also after a card payment without its fee, which is billed or absorbed."""
    with transaction.atomic():
        with_policy(brand, **policy)
        if first:
            tell(card(1, first, None))
        before = whole(bill)
        price = prices(brand, before.amount_due, False, fee_due=before.fee.due)
        gross = price.by_card or price.plain
        fee = gross - (before.amount_due - before.fee.due)

        tell(card(2, gross, fee if is_reported else None))

        s = whole(bill)
        assert (s.word, s.balance, s.fee.due) == (Word.PAID, ZERO, ZERO)
        assert s.fee.open == (before.fee.open if policy["uncollected"] == "absorb" else 0)
        assert Payment.objects.get(provider_order_id="ord-2").fee_amount == fee
        transaction.set_rollback(True)

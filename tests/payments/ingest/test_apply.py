"""Facts commute down to the rows: any order, any number of times, with or without an import."""

import itertools
import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.ingest.incoming import IncomingFact
from payments.models import (
    Dispute,
    Payment,
    PaymentAllocation,
    PaymentAttempt,
    PaymentException,
    ProviderEvent,
    Refund,
)
from payments.providers.statuses import COMMON
from tests.factories import PaymentFactory
from tests.payments.conftest import T0, Tell, frozen, incoming
from workorders.models import WorkOrder

D = Decimal
# Given by arrival, not by what the facts report.
BY_ARRIVAL = {
    *("id", "number", "created_at", "received_at", "folded_at", "provider_key"),
    *("payment_id", "refund_id", "imported_fact"),
}


def rows() -> dict[str, list[str]]:
    """All rows that the facts lead to, without refunds and disputes that turned out to be none."""
    models: dict[str, Any] = {
        model.__name__: model.objects.values()
        for model in (Payment, PaymentAllocation, PaymentAttempt, ProviderEvent)
    }
    gone = Refund.objects.filter(status="cancelled", provider_events=None).values("pk")
    models["Refund"] = Refund.objects.exclude(pk__in=gone).values()
    models["Dispute"] = Dispute.objects.exclude(status="withdrawn").values()
    by_model = {
        name: sorted(str({k: v for k, v in r.items() if k not in BY_ARRIVAL}) for r in queryset)
        for name, queryset in models.items()
    }
    unresolved = PaymentException.objects.filter(resolved_at=None)
    return by_model | {"open": sorted(f"{e.kind}: {e.summary}" for e in unresolved)}


def imported(job: WorkOrder, status: str = "completed") -> Payment:
    """A payment of order ord-1 that an import left."""
    return frozen(
        PaymentFactory(
            work_order=job,
            method="card",
            provider="guardian",
            provider_order_id="ord-1",
            external_id="legacy-7",
            amount=D("100.00"),
            status=status,
            happened_at=T0,
            paid_at=T0 if status in ("completed", "disputed") else None,
        )
    )


class _Undo(Exception):
    """Take everything back."""


def outcome(tell: Tell, facts: Sequence[IncomingFact], arrange: Callable[[], object] = list) -> Any:
    """What ``facts`` come to in this order; their rows are rolled back."""
    result: Any = None
    try:
        with transaction.atomic():
            arrange()
            for fact in facts:
                tell(fact)
            result = rows()
            raise _Undo
    except _Undo:
        return result


def in_every_order(tell: Tell, *facts: IncomingFact, **rest: Any) -> Any:
    """The one outcome of all permutations of ``facts``."""
    outcomes = [outcome(tell, order, **rest) for order in itertools.permutations(facts)]
    assert all(other == outcomes[0] for other in outcomes)
    return outcomes[0]


def test_events_after_an_import_come_to_the_same_in_any_order(tell: Tell, job: WorkOrder) -> None:
    result = in_every_order(
        tell,
        incoming("voided", 10, method="card"),
        incoming("authorised", 5, "120.00", method="card"),
        incoming("captured", 20, "80.00", method="card"),
        incoming("settled", 30, "80.00", method="card"),
        arrange=lambda: imported(job),
    )

    assert "'status': 'completed'" in result["Payment"][0]
    assert "'amount': Decimal('80.000')" in result["Payment"][0]


@pytest.mark.parametrize("status", ["unknown", "failed", "pending", "completed", "voided"])
def test_an_imported_payment_always_has_a_status(status: str, tell: Tell, job: WorkOrder) -> None:
    payment = imported(job, status)

    tell(incoming("levitated", 5, method="card"))

    payment.refresh_from_db()
    assert payment.status == status


STATUSES = sorted({*COMMON.pay_at_close, *COMMON.card, "levitated"})
NESTED = {
    "refund_id": st.sampled_from(["re_1", 77, ["odd"]]),
    "fee": st.sampled_from(["1.00", "60.00", "a lot", {}]),
    "funding": st.sampled_from(["credit", "debit", "magic", 3]),
    "last4": st.sampled_from(["4242", "", 7]),
    "dispute_id": st.sampled_from(["d1", "d2", 9]),
}


@st.composite
def fact_lists(draw: st.DrawFn) -> list[IncomingFact]:
    return [
        incoming(
            draw(st.sampled_from(STATUSES)),
            draw(st.integers(0, 4)),
            draw(st.sampled_from([None, "50.00", "100.00", "120.00"])),
            event_id=f"e{number}",
            method=draw(st.sampled_from(["", "", "card", "ach"])),
            detail=draw(st.sampled_from(["", "No funds"])),
            currency=draw(st.sampled_from(["", "", "", "USD", "CAD"])),
            data=draw(st.fixed_dictionaries({}, optional=NESTED)),
        )
        for number in range(draw(st.integers(1, 6)))
    ]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    facts=fact_lists(),
    status=st.sampled_from([None, None, "completed", "unknown", "failed", "disputed"]),
    seed=st.integers(0, 9999),
)
def test_rows_are_the_same_in_any_order(
    facts: list[IncomingFact], status: str | None, seed: int, tell: Tell, job: WorkOrder
) -> None:
    shuffled = random.Random(seed)
    orders = [[*facts, *facts[:2]] for _ in range(2)]
    for order in orders:
        shuffled.shuffle(order)

    def arrange() -> None:
        if status:
            imported(job, status)

    first, second = (outcome(tell, order, arrange) for order in orders)

    assert first == second


def test_the_reason_of_a_dispute_does_not_depend_on_what_failed_before(
    tell: Tell, job: WorkOrder
) -> None:
    in_every_order(
        tell,
        incoming("chargeback", 0, event_id="e0", data={"dispute_id": "d1"}),
        incoming("settled", 0, event_id="e1", data={"dispute_id": "d1"}),
        incoming("failed", 1, event_id="e2", detail="No funds"),
        incoming("agreement_signed", 0, "120.00", event_id="e4", method="ach"),
    )


def test_a_decline_with_and_without_its_method(tell: Tell, job: WorkOrder) -> None:
    result = in_every_order(
        tell, incoming("failed", 0, "100.00"), incoming("failed", 1, "100.00", method="card")
    )

    assert "'status': 'failed'" in result["Payment"][0]


def test_a_pay_at_close_step_keeps_its_money_when_a_card_step_follows(
    tell: Tell, job: WorkOrder
) -> None:
    result = in_every_order(
        tell, incoming("funded", 0, "100.00"), incoming("authorised", 1, method="card")
    )

    assert "'status': 'completed'" in result["Payment"][0]


def test_a_debit_that_is_paid_after_its_return_is_no_loss(tell: Tell, job: WorkOrder) -> None:
    result = in_every_order(
        tell,
        incoming("captured", 0, "100.00", method="ach"),
        incoming("failed", 5, "100.00", method="ach"),
        incoming("settled", 9, "100.00", method="ach"),
    )

    assert "'status': 'completed'" in result["Payment"][0]
    assert "'status': 'won'" in result["Dispute"][0]


def test_a_status_learnt_since_is_known_from_the_next_fold_on(tell: Tell, job: WorkOrder) -> None:
    tell(incoming("captured", 0, "100.00", method="card"))
    ProviderEvent.objects.update(known=False)

    tell(incoming("settled", 1, "100.00", method="card"))

    assert not ProviderEvent.objects.filter(known=False).exists()


def test_a_refund_of_what_was_never_captured_tells_when_it_was_paid(
    tell: Tell, job: WorkOrder
) -> None:
    tell(incoming("authorised", 0, "100.00", method="card"))
    tell(incoming("refund_queued", 5, "20.00", method="card"))

    payment = Payment.objects.get()
    assert (payment.status, payment.paid_at) == ("completed", T0 + timedelta(minutes=5))


def test_currencies_in_any_order(tell: Tell, job: WorkOrder) -> None:
    result = in_every_order(
        tell,
        incoming("authorised", 0, "60.00", method="card"),
        incoming("captured", 1, "80.00", method="card", currency="CAD"),
        incoming("refunded", 2, "20.00", method="card"),
        incoming("chargeback", 3, "80.00", method="card", currency="CAD"),
    )

    assert "'currency': 'CAD'" in result["Payment"][0]
    assert result["Refund"] == []
    assert len(result["open"]) == 2

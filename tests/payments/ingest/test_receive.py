"""Facts come in: once, in any order, and never lost."""

import itertools
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Brand
from activity.models import Change
from core import clock
from core.refusal import field_of
from payments.ingest import apply, waiting
from payments.ingest.incoming import IncomingFact
from payments.ingest.receive import Outcome
from payments.models import (
    Dispute,
    ExceptionKind,
    Payment,
    PaymentAllocation,
    PaymentAttempt,
    PaymentException,
    ProviderEvent,
    Refund,
)
from tests.factories import PaymentFactory
from tests.payments.conftest import T0, Tell, frozen, incoming, together
from tests.payments.provider_histories import CARD_HISTORY, PAC_HISTORY
from tests.tripwire import unsettled
from workorders.models import WorkOrder

D = Decimal


def picture() -> dict[str, Any]:
    """All rows that the facts lead to, without ids."""
    skip = {"id", "created_at", "received_at", "folded_at", "payment_id", "refund_id", "brand_id"}
    models = (Payment, PaymentAllocation, PaymentAttempt, Refund, Dispute, ProviderEvent)
    return {
        model.__name__: sorted(
            str({k: v for k, v in row.items() if k not in skip}) for row in model.objects.values()
        )
        for model in models
    }


def test_a_fact_finds_its_job_in_any_case(tell: Tell, job: WorkOrder) -> None:
    WorkOrder.objects.filter(pk=job.pk).update(number="fhi624")

    assert tell(incoming("captured", 1, "100.00", method="card")).outcome == Outcome.FOLDED

    assert Payment.objects.get().work_order == job


def test_pay_at_close_becomes_one_payment_with_its_history(tell: Tell, job: WorkOrder) -> None:
    for fact in PAC_HISTORY:
        assert tell(fact, provider="flexfund").outcome == Outcome.FOLDED

    payment = Payment.objects.get()
    assert (payment.method, payment.provider, payment.status) == ("pac", "flexfund", "completed")
    assert (payment.amount, payment.fee_amount) == (D("329.00"), D(0))
    assert (payment.happened_at, payment.paid_at) == (T0, T0 + timedelta(minutes=6))
    assert payment.allocations.get().status == "completed"
    assert ProviderEvent.objects.filter(payment=payment, work_order=job).count() == 8
    assert not PaymentAttempt.objects.exists()


def test_card_has_an_attempt_its_fee_and_the_parts_of_its_refund(
    tell: Tell, job: WorkOrder
) -> None:
    for fact in CARD_HISTORY:
        tell(fact)

    payment, attempt, refund = (
        Payment.objects.get(),
        PaymentAttempt.objects.get(),
        Refund.objects.get(),
    )
    assert (payment.amount, payment.services_amount, payment.fee_amount) == (
        D("340.52"),
        D("329.00"),
        D("11.52"),
    )
    assert (attempt.status, attempt.payment, attempt.last4) == ("succeeded", payment, "4242")
    assert (refund.amount, refund.services_amount, refund.fee_amount) == (
        D("211.14"),
        D("204.00"),
        D("7.14"),
    )
    assert (refund.status, refund.destination) == ("completed", "Visa •4242")
    assert payment.allocations.get().payment_label == "FHI624-P-1 · Visa •4242 · $340.52"
    linked = ProviderEvent.objects.filter(refund=refund).values_list("status", flat=True)
    assert sorted(linked) == ["refund_queued", "refunded"]


@pytest.mark.parametrize("story", [PAC_HISTORY, CARD_HISTORY])
def test_reversed_and_five_times_is_the_same(
    story: list[IncomingFact], brand: Brand, job: WorkOrder, tell: Tell
) -> None:
    for fact in story:
        tell(fact)
    straight = picture()
    with unsettled():
        for model in (PaymentException, ProviderEvent, Dispute, Refund, PaymentAttempt):
            model.objects.all().delete()
        Payment.objects.all().delete()

    for fact in itertools.chain(reversed(story), *[story] * 4):
        tell(fact)

    assert picture() == straight
    assert not PaymentException.objects.filter(resolved_at=None).exists()


def test_every_fact_is_one_step(tell: Tell, job: WorkOrder) -> None:
    for fact in CARD_HISTORY:
        tell(fact)

    steps = Change.objects.filter(entity__startswith="payments.").values("txid", "step").distinct()
    events = Change.objects.filter(entity="payments.provider_event")
    assert len(steps) == 5
    assert [c.op for c in events] == ["I"] * 5
    assert {(c.actor_kind, c.actor_id, c.actor_label) for c in events} == {
        ("provider", "guardian", "Guardian")
    }
    assert [c.occurred_at for c in events.order_by("id")] == [f.at for f in CARD_HISTORY]


def test_a_duplicate_writes_nothing_at_all(tell: Tell, job: WorkOrder) -> None:
    tell(CARD_HISTORY[0])
    before = Change.objects.count()

    again = tell(CARD_HISTORY[0], payload="{ }")

    assert again.outcome == Outcome.DUPLICATE
    assert Change.objects.count() == before


def test_the_same_id_with_other_content_is_one_exception(tell: Tell, job: WorkOrder) -> None:
    tell(CARD_HISTORY[1])
    other = incoming("captured", 1, "999.00", method="card")

    outcomes = [tell(other, payload="other").outcome for _ in range(3)]

    assert outcomes == [Outcome.CONFLICT] * 3
    exception = PaymentException.objects.get()
    assert (exception.kind, exception.payload) == (ExceptionKind.CONFLICT, "other")
    assert exception.work_order == job
    assert Payment.objects.get().amount == D("340.52")
    change = Change.objects.get(entity="payments.exception")
    assert (change.actor_label, change.occurred_at) == ("Guardian", exception.happened_at)
    assert clock.now() - change.occurred_at < timedelta(minutes=5)


def test_only_declines_make_an_attempt_and_no_payment(tell: Tell, job: WorkOrder) -> None:
    tell(
        incoming(
            "failed",
            0,
            "340.52",
            method="card",
            detail="Insufficient funds",
            data={"decline_code": "insufficient_funds", "last4": "0002", "brand": "Visa"},
        )
    )

    attempt = PaymentAttempt.objects.get()
    assert not Payment.objects.exists()
    assert (attempt.status, attempt.amount, attempt.payment) == ("failed", D("340.52"), None)
    assert (attempt.failure_code, attempt.last4) == ("insufficient_funds", "0002")


def test_a_chargeback_is_a_lost_dispute(tell: Tell, job: WorkOrder) -> None:
    tell(CARD_HISTORY[1])
    tell(incoming("chargeback", 9, "340.52", method="card", data={"reason_code": "10.4"}))

    dispute = Dispute.objects.get()
    assert Payment.objects.get().status == "charged_back"
    assert PaymentAllocation.objects.get().status == "charged_back"
    assert (dispute.status, dispute.amount, dispute.reason_code) == ("lost", D("340.52"), "10.4")


def test_an_unknown_status_is_stored_and_changes_no_money(tell: Tell, job: WorkOrder) -> None:
    tell(PAC_HISTORY[6], provider="flexfund")
    before = Payment.objects.values().get()

    tell(incoming("escrow_wobble", 30, "1.00"), provider="flexfund")

    event = ProviderEvent.objects.get(status="escrow_wobble")
    assert (event.known, event.work_order) == (False, job)
    assert Payment.objects.values().get() == before


def test_too_large_a_refund_is_reported_and_resolves_when_explained(
    tell: Tell, job: WorkOrder
) -> None:
    tell(incoming("authorised", 0, "100.00", method="card"))
    tell(incoming("refunded", 5, "150.00", method="card"))

    exception = PaymentException.objects.get()
    assert (exception.kind, Refund.objects.get().amount) == (ExceptionKind.AMOUNT, D("100.00"))

    tell(incoming("captured", 1, "200.00", method="card"))

    exception.refresh_from_db()
    assert exception.resolved_at is not None
    assert Refund.objects.get().amount == D("150.00")


# --- trouble ----------------------------------------------------------------------------------


def test_what_cannot_be_folded_is_stored_and_tried_again(
    tell: Tell, job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(CARD_HISTORY[0])

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise ArithmeticError("no such sum")

    with monkeypatch.context() as patch:
        patch.setattr(apply, "fold", broken)
        outcomes = [tell(f).outcome for f in CARD_HISTORY[1:3]]
        assert waiting.retry_unfolded() == 0

    assert outcomes == [Outcome.UNFOLDABLE] * 2
    assert Payment.objects.get().status == "pending"
    assert ProviderEvent.objects.filter(folded_at=None).count() == 2
    assert PaymentException.objects.filter(kind=ExceptionKind.UNFOLDABLE).count() == 2

    assert waiting.retry_unfolded() == 1

    assert Payment.objects.get().status == "completed"
    assert Refund.objects.get().status == "queued"
    assert not ProviderEvent.objects.exclude(processing_error="").exists()
    assert not PaymentException.objects.filter(resolved_at=None).exists()


def test_events_after_an_import_never_set_its_payment_back(
    tell: Tell, brand: Brand, job: WorkOrder
) -> None:
    imported = PaymentFactory(
        work_order=job,
        brand=brand,
        method="card",
        provider="guardian",
        provider_order_id="ord-1",
        external_id="legacy-7",
        amount=D("340.52"),
        fee_amount=D("11.52"),
        last4="4242",
        paid_at=T0,
    )
    frozen(imported)

    tell(incoming("authorised", -5, "340.52", method="card", work_order=""))
    tell(incoming("refunded", 60, "211.14", method="card", work_order=""))

    payment = Payment.objects.get()
    assert (payment.status, payment.fee_amount, payment.last4) == ("completed", D("11.52"), "4242")
    assert Refund.objects.get().fee_amount == D("7.14")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": D("1.005")}, "amount"),
        ({"amount": D("-1.00")}, "amount"),
        ({"amount": D("NaN")}, "amount"),
        ({"amount": D("1e400")}, "amount"),
        ({"fee": D("0.001")}, "fee"),
        ({"event_id": " "}, "event_id"),
        ({"order_id": "x" * 121}, "order_id"),
        ({"status": "pa\x00id"}, "status"),
        ({"at": T0.replace(tzinfo=None)}, "at"),
    ],
)
def test_what_cannot_be_stored_names_its_field(
    change: dict[str, Any], field: str, tell: Tell, job: WorkOrder
) -> None:
    with pytest.raises(ValidationError) as caught:
        tell(replace(incoming("captured", 1, "1.00", method="card"), **change))

    assert field_of(caught.value) == field
    assert not ProviderEvent.objects.exists()


# --- at the same moment -----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_all_events_of_an_order_at_once_come_to_the_same(
    tell: Tell, brand: Brand, job: WorkOrder
) -> None:
    results = together(*[lambda f=fact: tell(f) for fact in CARD_HISTORY * 2])

    assert [r for r in results if isinstance(r, Exception)] == []
    payment, refund = Payment.objects.get(), Refund.objects.get()
    assert (payment.status, payment.amount) == ("completed", D("340.52"))
    assert (refund.status, refund.fee_amount) == ("completed", D("7.14"))
    assert ProviderEvent.objects.count() == 5

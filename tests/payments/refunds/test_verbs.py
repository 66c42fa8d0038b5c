"""Refunds by people: never more than was received, fees that add up, refusals by field."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from activity.models import Change
from core import clock
from core.refusal import field_of
from payments.domain import record
from payments.domain.post import post
from payments.models import Refund
from payments.refunds.undo import cancel_refund
from payments.refunds.verbs import (
    Refundable,
    complete_refund,
    fail_refund,
    queue_refund,
    refund_fee,
    refund_why_not,
    refundable,
)
from tests.factories import BrandFactory, DisputeFactory, RefundFactory
from tests.factories import WorkOrderFactory as Job
from tests.payments.conftest import Tell, incoming, together
from tests.payments.refund_requests import card, parts, queue
from workorders.models import WorkOrder

D = Decimal


# --- how much ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "left"),
    [
        ("completed", ("100.00", "3.50")),
        ("disputed", ("100.00", "3.50")),
        ("pending", ("0.00", "0.00")),
        ("charged_back", ("0.00", "0.00")),
        ("voided", ("0.00", "0.00")),
    ],
)
def test_only_what_was_received_can_be_refunded(
    status: str, left: tuple[str, str], job: WorkOrder
) -> None:
    payment = card(job, status=status)

    assert refundable(payment) == Refundable(D(left[0]), D(left[1]))


@pytest.mark.parametrize(
    ("status", "left"),
    [("queued", "60.00"), ("pending", "60.00"), ("completed", "60.00"), ("failed", "100.00")],
)
def test_a_refund_counts_from_when_it_is_queued_and_comes_back_if_it_fails(
    status: str, left: str, job: WorkOrder
) -> None:
    payment = card(job)
    RefundFactory(payment=payment, status=status, amount=D("41.40"), fee_amount=D("1.40"))

    assert refundable(payment).services == D(left)


def test_a_lost_dispute_leaves_the_rest_to_refund_to_the_cent(job: WorkOrder) -> None:
    payment = card(job)
    RefundFactory(payment=payment, amount=D("34.51"), fee_amount=D("1.17"))
    DisputeFactory(payment=payment, status="lost", amount=D("34.51"))
    DisputeFactory(payment=payment, status="open", amount=D("10.00"))

    assert refundable(payment).total == D("103.50") - D("69.02")


def test_imported_parts_that_overdraw_one_leg_never_give_more_than_is_here(job: WorkOrder) -> None:
    payment = card(job)
    RefundFactory(payment=payment, amount=D("103.50"), fee_amount=D("0.00"))

    assert refundable(payment).total == D(0)


def test_the_fee_follows_the_services_and_the_last_of_it_goes_with_the_last(
    job: WorkOrder,
) -> None:
    payment = card(job)

    assert refund_fee(payment, D("33.33")) == D("1.17")
    assert refund_fee(payment, D("100.00")) == D("3.50")
    assert refund_fee(payment, D(0)) == D(0)
    queue(payment, "33.33")
    assert refund_fee(payment, D("66.67")) == D("2.33")


def test_a_hundred_steps_give_back_the_fee_exactly(job: WorkOrder) -> None:
    payment = card(job)

    fees = [queue(payment, "1.00").fee_amount for _ in range(100)]

    assert sum(fees) == D("3.50")
    assert min(fees) >= 0
    assert refundable(payment) == Refundable(D(0), D(0))


class _Undo(Exception):
    """Take everything back."""


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    base=st.integers(1, 60_000),
    fee=st.integers(0, 3_000),
    steps=st.lists(st.tuples(st.integers(1, 20_000), st.booleans()), max_size=8),
)
def test_any_sequence_of_refunds_gives_back_all_the_fee_and_no_more(
    base: int, fee: int, steps: list[tuple[int, bool]], job: WorkOrder
) -> None:
    cents = [D(n).scaleb(-2) for n in (base, fee)]
    try:
        with transaction.atomic():
            payment = card(job, str(sum(cents)), str(cents[1]))
            for wanted, fails in [*steps, (base, False)]:
                left = refundable(payment).services
                if not left:
                    break
                refund = queue_refund(
                    payment, min(D(wanted).scaleb(-2), left), reason="Surplus", by="Dana"
                )
                if fails:
                    fail_refund(refund, why="Account closed")
            not_failed = [parts(r) for r in Refund.objects.exclude(status="failed")]
            raise _Undo
    except _Undo:
        pass

    assert sum(services for _, services, _ in not_failed) == cents[0]
    assert sum(part for _, _, part in not_failed) == cents[1]
    assert min(part for _, _, part in not_failed) >= 0


# --- ask --------------------------------------------------------------------------------------


def test_a_queued_refund_says_what_why_and_where_to(job: WorkOrder) -> None:
    refund = queue(card(job, "340.52", "11.52"), "204.00")

    assert parts(refund) == (D("211.14"), D("204.00"), D("7.14"))
    assert (refund.number, refund.status, refund.provider_match) == (1, "queued", "")
    assert (refund.destination, refund.reason) == ("Visa •4242", "Cancelled; no cancellation fee")


@pytest.mark.parametrize(
    ("services", "rest", "field"),
    [
        ("0", {}, "services"),
        ("-1.00", {}, "services"),
        ("NaN", {}, "services"),
        ("1.005", {}, "services"),
        ("100.01", {}, "services"),
        ("10.00", {"reason": " "}, "reason"),
        ("10.00", {"reason": "x" * 501}, "reason"),
        ("10.00", {"fee": D("1.00")}, "fee"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(
    services: str, rest: dict[str, object], field: str, job: WorkOrder
) -> None:
    payment = card(job)

    with pytest.raises(ValidationError) as caught:
        queue(payment, services, **rest)

    assert field_of(caught.value) == field
    assert not Refund.objects.exists()


def test_money_that_is_not_here_is_not_refunded(job: WorkOrder) -> None:
    with pytest.raises(ValidationError, match="pending"):
        queue(card(job, status="pending"), "1.00")


def test_a_currency_without_decimals_has_none_in_its_refunds(db: None) -> None:
    job = Job(brand=BrandFactory(currency="JPY"))
    payment = card(job, "10350", "350")

    assert parts(queue(payment, "3333")) == (D(3450), D(3333), D(117))
    with pytest.raises(ValidationError):
        queue(payment, "1.5")


def test_of_a_payment_that_is_all_fee_the_fee_goes_back(job: WorkOrder) -> None:
    payment = card(job, "17.95", "17.95")

    assert refundable(payment) == Refundable(D(0), D("17.95"))
    assert refund_fee(payment, D("1.00")) == D(0)
    assert parts(queue(payment, "0", fee=D("10.00"))) == (D("10.00"), D(0), D("10.00"))
    for wrong in (None, D(0), D("-1.00"), D("7.96")):
        with pytest.raises(ValidationError) as caught:
            queue(payment, "0", fee=wrong)
        assert field_of(caught.value) == "fee"


def test_a_check_over_two_jobs_is_refunded_from_the_share_of_each(brand: Brand) -> None:
    jobs: list[WorkOrder] = [Job(brand=brand, number=f"FHI70{n}") for n in range(2)]
    check = record.Manual("other", is_received=True)
    shares = [(jobs[0], D("100.00")), (jobs[1], D("50.00"))]
    payment = record.record_check_over(brand, shares, check, by="Dana")

    first = queue(payment, "30.00")
    second = queue(payment, "50.00", work_order=jobs[1])

    assert (first.work_order, second.work_order) == (jobs[0], jobs[1])
    assert (first.number, second.number) == (1, 1)
    assert refundable(payment).services == D("70.00")
    assert refundable(payment, jobs[0]).services == D("70.00")
    assert refundable(payment, jobs[1]).services == D("0.00")
    for wrong, field in ((jobs[1], "services"), (Job(brand=brand), "work_order")):
        with pytest.raises(ValidationError) as caught:
            queue(payment, "0.01", work_order=wrong)
        assert field_of(caught.value) == field


def test_an_imported_refund_of_another_share_leaves_only_what_is_here(brand: Brand) -> None:
    jobs: list[WorkOrder] = [Job(brand=brand) for _ in range(2)]
    cash = record.Manual("cash")
    payment = record.record_check_over(brand, [(j, D("50.00")) for j in jobs], cash, by="Dana")
    RefundFactory(payment=payment, work_order=jobs[0], amount=D("80.00"))

    assert refundable(payment, jobs[1]).services == D("20.00")


# --- what becomes of it -----------------------------------------------------------------------


def test_done_at_the_provider_under_its_reference(job: WorkOrder) -> None:
    refund = queue(card(job), "100.00")
    at = clock.now() - timedelta(hours=1)

    done = complete_refund(refund, reference=" re_123 ", at=at)

    assert (done.status, done.provider_refund_id, done.completed_at) == ("completed", "re_123", at)


@pytest.mark.parametrize(
    ("reference", "hours", "field"),
    [("", 0, "reference"), ("x" * 121, 0, "reference"), ("re_1", 72, "at"), ("re_1", -99, "at")],
)
def test_what_is_wrong_with_it_is_named(
    reference: str, hours: int, field: str, job: WorkOrder
) -> None:
    refund = queue(card(job), "100.00")

    with pytest.raises(ValidationError) as caught:
        complete_refund(refund, reference=reference, at=clock.now() + timedelta(hours=hours))

    assert field_of(caught.value) == field
    assert Refund.objects.get().status == "queued"


def test_a_reference_belongs_to_one_refund(job: WorkOrder) -> None:
    payment = card(job)
    complete_refund(queue(payment, "1.00"), reference="re_1")

    with pytest.raises(ValidationError, match="R-1") as caught:
        complete_refund(queue(payment, "1.00"), reference="re_1")

    assert field_of(caught.value) == "reference"


def test_a_done_refund_may_still_come_back(job: WorkOrder) -> None:
    payment = card(job)
    done = complete_refund(queue(payment, "100.00"), reference="re_1")
    assert refundable(payment).total == D(0)

    failed = fail_refund(done, why="Account closed")

    assert (failed.status, failed.failure_reason) == ("failed", "Account closed")
    assert refundable(payment).total == D("103.50")


VERBS: dict[str, Callable[[Refund], Refund]] = {
    "complete": lambda r: complete_refund(r, reference="re_9"),
    "fail": lambda r: fail_refund(r, why="Account closed"),
    "cancel": lambda r: cancel_refund(r, reason="Client keeps it"),
}


@pytest.mark.parametrize(
    ("status", "allowed"),
    [
        ("queued", {"complete", "fail", "cancel"}),
        ("pending", {"complete", "fail"}),
        ("completed", {"fail"}),
        ("failed", set()),
        ("cancelled", set()),
    ],
)
@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_goes_from_where_it_may(
    verb: str, status: str, allowed: set[str], job: WorkOrder
) -> None:
    refund = RefundFactory(payment=card(job), status=status)
    with transaction.atomic():
        post(refund.payment)

    if verb in allowed:
        assert VERBS[verb](refund).status != status
        return
    with pytest.raises(ValidationError):
        VERBS[verb](refund)
    assert Refund.objects.get().status == status
    assert refund_why_not(verb, refund)


@pytest.mark.parametrize("verb", ["fail", "cancel"])
def test_failing_and_cancelling_need_a_reason(verb: str, job: WorkOrder) -> None:
    refund = queue(card(job), "1.00")

    with pytest.raises(ValidationError) as caught:
        fail_refund(refund, why=" ") if verb == "fail" else cancel_refund(refund, reason="")

    assert field_of(caught.value) in ("why", "reason")


@pytest.mark.parametrize("verb", VERBS)
def test_what_a_provider_tells_of_is_not_changed_by_hand(
    verb: str, tell: Tell, job: WorkOrder
) -> None:
    tell(incoming("captured", 1, "100.00", method="card"))
    tell(incoming("refund_queued", 2, "100.00", method="card"))

    with pytest.raises(ValidationError, match="Guardian reports what happens to this refund"):
        VERBS[verb](Refund.objects.get())


# --- at the same moment -----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_sessions_never_refund_more_than_is_here(job: WorkOrder) -> None:
    payment = card(job)

    results = together(*[lambda: queue(payment, "60.00")] * 2)

    assert sorted(type(r).__name__ for r in results) == ["Refund", "ValidationError"]
    assert Refund.objects.get().services_amount == D("60.00")


@pytest.mark.django_db(transaction=True)
def test_many_sessions_take_exactly_what_is_here(job: WorkOrder) -> None:
    payment = card(job)

    results = together(*[lambda: queue(payment, "25.00")] * 6)

    accepted = [r for r in results if isinstance(r, Refund)]
    assert len(accepted) == 4
    assert sum(r.amount for r in accepted) == D("103.50")
    assert sorted(r.number for r in accepted) == [1, 2, 3, 4]
    assert Change.objects.filter(entity="payments.refund").count() == 4

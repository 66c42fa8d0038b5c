"""Facts of an unknown job wait, and are all attached once the job is known."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Brand
from activity.actors import Actor, ActorKind, acting_as
from core.refusal import field_of
from payments.ingest import waiting
from payments.ingest.exceptions import resolve
from payments.ingest.incoming import IncomingFact
from payments.ingest.receive import Outcome
from payments.ingest.waiting import attach_order
from payments.models import ExceptionKind, Payment, PaymentException, ProviderEvent
from tests.factories import BrandFactory, WorkOrderFactory
from tests.payments.conftest import Tell, together
from tests.payments.provider_histories import CARD_HISTORY, PAC_HISTORY, of_unknown_job
from workorders.models import WorkOrder


def test_an_unknown_order_waits_for_a_person_once(tell: Tell, job: WorkOrder) -> None:
    outcomes = {tell(f, provider="flexfund").outcome for f in of_unknown_job(PAC_HISTORY)}

    exception = PaymentException.objects.get()
    assert outcomes == {Outcome.UNMATCHED}
    assert (exception.kind, exception.work_order) == (ExceptionKind.UNMATCHED, None)
    assert ProviderEvent.objects.filter(work_order=None, folded_at=None).count() == 8
    assert not Payment.objects.exists()


def test_attaching_puts_every_event_on_the_job(tell: Tell, brand: Brand, job: WorkOrder) -> None:
    for fact in of_unknown_job(PAC_HISTORY):
        tell(fact, provider="flexfund")

    with acting_as(Actor(ActorKind.STAFF, "Dana Whitfield", "1")):
        payment = attach_order(brand, "flexfund", "ord-1", job, by="Dana Whitfield")

    exception = PaymentException.objects.get()
    assert payment is not None and payment.status == "completed"
    assert ProviderEvent.objects.filter(work_order=job, payment=payment).count() == 8
    assert (exception.resolved_by, exception.work_order) == ("Dana Whitfield", job)


def test_what_follows_an_attached_order_finds_its_job(
    tell: Tell, brand: Brand, job: WorkOrder
) -> None:
    first, *rest = of_unknown_job(PAC_HISTORY)
    tell(first, provider="flexfund")
    attach_order(brand, "flexfund", "ord-1", job, by="Dana Whitfield")

    assert {tell(f, provider="flexfund").outcome for f in rest} == {Outcome.FOLDED}
    assert Payment.objects.get().status == "completed"


def test_an_order_on_a_job_is_not_attached_to_another(
    tell: Tell, brand: Brand, job: WorkOrder
) -> None:
    tell(PAC_HISTORY[0], provider="flexfund")
    other = WorkOrderFactory(brand=brand)

    with pytest.raises(ValidationError):
        attach_order(brand, "flexfund", "ord-1", other, by="Dana Whitfield")


def test_an_order_is_not_attached_to_another_brands_job(
    tell: Tell, brand: Brand, job: WorkOrder
) -> None:
    tell(of_unknown_job(PAC_HISTORY)[0], provider="flexfund")
    foreign = WorkOrderFactory(brand=BrandFactory())

    with pytest.raises(ValidationError) as caught:
        attach_order(brand, "flexfund", "ord-1", foreign, by="Dana Whitfield")

    assert field_of(caught.value) == "work_order"


def test_a_job_booked_later_finds_its_waiting_order(
    tell: Tell, brand: Brand, job: WorkOrder
) -> None:
    for fact in of_unknown_job(CARD_HISTORY):
        tell(fact)
    late = WorkOrderFactory(brand=brand, number="FHI9999")

    assert waiting.match_waiting() == 1

    assert Payment.objects.get().work_order == late
    assert PaymentException.objects.get().resolved_at is not None
    assert waiting.match_waiting() == 0


@pytest.mark.parametrize("number", ["fhi9999", "FHI9999"])
def test_a_number_finds_its_job_in_any_case(
    number: str, tell: Tell, brand: Brand, job: WorkOrder
) -> None:
    facts = of_unknown_job(CARD_HISTORY)
    tell(facts[0])
    late = WorkOrderFactory(brand=brand, number=number)

    assert waiting.match_waiting() == 1
    assert {tell(fact).outcome for fact in facts[1:]} == {Outcome.FOLDED}

    assert Payment.objects.get().work_order == late


def test_another_brands_job_of_that_number_does_not_match(tell: Tell, brand: Brand) -> None:
    WorkOrderFactory(brand=BrandFactory(), number="FHI624")

    assert tell(PAC_HISTORY[0]).outcome == Outcome.UNMATCHED


def test_money_after_a_dismissed_order_is_reported_again(tell: Tell, job: WorkOrder) -> None:
    first, second, *_ = of_unknown_job(CARD_HISTORY)
    tell(first)
    resolve(PaymentException.objects.get(), by="Dana Whitfield", note="A test of theirs")

    tell(second)
    tell(second)

    waiting = PaymentException.objects.get(resolved_at=None)
    assert waiting.event == ProviderEvent.objects.get(event_id=second.event_id)


def test_a_resolved_order_is_not_attached_any_more(
    tell: Tell, brand: Brand, job: WorkOrder
) -> None:
    tell(of_unknown_job(CARD_HISTORY)[0])
    resolve(PaymentException.objects.get(), by="Dana Whitfield", note="A test of theirs")

    with pytest.raises(ValidationError, match="resolved already"):
        attach_order(brand, "guardian", "ord-1", job, by="Dana Whitfield")

    assert not Payment.objects.exists()


def test_any_event_may_name_the_job_that_is_booked_later(tell: Tell, brand: Brand) -> None:
    first, second, third, *_ = of_unknown_job(CARD_HISTORY)
    tell(replace(first, work_order=""))
    tell(replace(second, work_order=" fhi9999"))
    tell(replace(third, work_order=""))
    late = WorkOrderFactory(brand=brand, number="FHI9999")

    assert waiting.match_waiting() == 1

    assert Payment.objects.get().work_order == late
    assert PaymentException.objects.get().resolved_at is not None


def test_an_order_without_a_job_never_comes_before_others(tell: Tell, brand: Brand) -> None:
    for number in range(3):
        fact = replace(CARD_HISTORY[0], work_order="", order_id=f"a{number}", event_id=f"a{number}")
        tell(fact)
    tell(of_unknown_job(CARD_HISTORY)[0])
    WorkOrderFactory(brand=brand, number="FHI9999")

    assert waiting.match_waiting(limit=1) == 1


# --- at the same moment -----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(3))
def test_events_that_come_while_their_order_is_attached_are_not_left_behind(
    round_: int, tell: Tell, brand: Brand, job: WorkOrder
) -> None:
    first, *rest = of_unknown_job(PAC_HISTORY)
    tell(first, provider="flexfund")

    def attach() -> object:
        return attach_order(brand, "flexfund", "ord-1", job, by="Dana Whitfield")

    def arrive(fact: IncomingFact) -> Callable[[], object]:
        return lambda: tell(fact, provider="flexfund").outcome

    results = together(*[arrive(f) for f in rest], attach)

    assert [r for r in results if isinstance(r, Exception)] == []
    assert ProviderEvent.objects.filter(work_order=job, folded_at__isnull=False).count() == 8
    assert Payment.objects.get().status == "completed"
    assert PaymentException.objects.get().resolved_at is not None

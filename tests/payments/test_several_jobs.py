"""Money back of a payment over several jobs, every way it can go: the parts are the whole."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from activity.describe import render
from activity.models import Entry
from activity.projection import project_pending
from audit.run import Count, audit
from invoicing.domain import tripwire
from invoicing.queries.settlements import job_settlement
from payments.domain.allocations import Share, allocate
from payments.domain.post import post
from payments.models import Dispute, MoneyBackShare, Payment, Refund
from payments.refunds.verbs import complete_refund, fail_refund, queue_refund
from tests.factories import PaymentFactory, WorkOrderFactory
from tests.payments.conftest import T0, Tell, frozen, incoming
from workorders.domain import charges, jobs
from workorders.domain.charges import ChargeLine
from workorders.models import WorkOrder, WorkOrderStatus

D = Decimal


@pytest.fixture
def pair(brand: Brand) -> list[WorkOrder]:
    """FHI1 and FHI2, billed 120.00 and 130.00."""
    made: list[WorkOrder] = [WorkOrderFactory(brand=brand, number=n) for n in ("FHI1", "FHI2")]
    for job, amount in zip(made, ("120.00", "130.00"), strict=True):
        charges.replace_charges(brand, job.pk, [ChargeLine("Inspection", D(amount))])
        jobs.set_status(brand, job.pk, WorkOrderStatus.CONFIRMED)
    return made


def due(pair: list[WorkOrder]) -> list[Decimal]:
    return [job_settlement(job).whole.balance for job in pair]


@pytest.fixture
def card(pair: list[WorkOrder]) -> Payment:
    """250.00 by card over both, as an import leaves it; its order is ord-1."""
    payment: Payment = PaymentFactory(
        work_order=pair[0],
        method="card",
        provider="guardian",
        provider_order_id="ord-1",
        external_id="legacy-7",
        amount=D("250.00"),
        status="completed",
        happened_at=T0,
        paid_at=T0,
    )
    shares = {pair[0].pk: Share(D("120.00")), pair[1].pk: Share(D("130.00"))}
    allocate(payment, shares)
    payment = frozen(payment)
    fact = payment.imported_fact or {}
    payment.imported_fact = fact | {"shares": [["FHI1", "120.00", "0"], ["FHI2", "130.00", "0"]]}
    payment.save(update_fields=["imported_fact"])
    post(payment)
    return payment


def sound(brand: Brand) -> bool:
    return not [f for f in audit([brand], Count()) if f.is_ours]


def test_a_refund_of_all_leaves_each_job_what_it_owed(
    tell: Tell, brand: Brand, pair: list[WorkOrder], card: Payment
) -> None:
    assert due(pair) == [D("0.00"), D("0.00")]

    tell(incoming("refund_queued", 5, "250.00", method="card", work_order="FHI1"))
    assert due(pair) == [D("120.00"), D("130.00")]
    tell(incoming("refunded", 6, "250.00", method="card", work_order="FHI1"))
    assert due(pair) == [D("120.00"), D("130.00")]
    assert sound(brand)
    tell(incoming("refund_failed", 7, "250.00", method="card", work_order="FHI1"))

    assert due(pair) == [D("0.00"), D("0.00")]
    assert set(MoneyBackShare.objects.values_list("status", flat=True)) == {"failed"}
    assert sound(brand)


def test_a_refund_that_names_the_other_job_stays_there(
    tell: Tell, brand: Brand, pair: list[WorkOrder], card: Payment
) -> None:
    tell(incoming("refunded", 5, "30.00", method="card", work_order="fhi2"))

    assert due(pair) == [D("0.00"), D("30.00")]
    assert sound(brand)


def test_disputes_are_shared_and_a_whole_one_takes_all(
    tell: Tell, brand: Brand, pair: list[WorkOrder], card: Payment
) -> None:
    tell(incoming("chargeback", 5, "100.00", method="card", data={"dispute_id": "dp-A"}))
    assert due(pair) == [D("48.00"), D("52.00")]
    assert sound(brand)
    tell(incoming("chargeback", 6, "150.00", method="card", data={"dispute_id": "dp-B"}))

    assert Payment.objects.get().status == "charged_back"
    assert Dispute.objects.count() == 2
    assert due(pair) == [D("120.00"), D("130.00")]
    assert sound(brand)


def test_an_amount_that_events_correct_is_shared_like_the_import(
    tell: Tell, brand: Brand, pair: list[WorkOrder], card: Payment
) -> None:
    tell(incoming("captured", 5, "125.00", method="card"))

    assert due(pair) == [D("60.00"), D("65.00")]
    assert sound(brand)


def test_both_jobs_tell_their_part(
    tell: Tell, brand: Brand, pair: list[WorkOrder], card: Payment
) -> None:
    tell(incoming("refunded", 5, "250.00", method="card", work_order="FHI1"))
    project_pending()

    entries = Entry.objects.filter(work_order_id=pair[1].pk, code__startswith="share_back")
    (entry,) = entries
    sentence = render(entry.code, {**entry.data, "currency": "USD"})
    assert sentence.headline == "$130.00 refunded"
    assert "This job’s part of R-1 of FHI1-P-1." in sentence.second


Way = tuple[str, int, int]
WAYS = st.lists(
    st.tuples(
        st.sampled_from(["refund", "complete", "fail", "queued", "refunded", "failed", "dispute"]),
        st.integers(0, 3),
        st.integers(1, 26000),
    ),
    min_size=1,
    max_size=6,
)


class _Undo(Exception):
    """Take everything back."""


def _do(way: Way, n: int, tell: Tell, payment: Payment, pair: list[WorkOrder]) -> None:
    name, pick, cents = way
    amount = f"{D(cents) / 100:.2f}"
    job = pair[pick % 2]
    if name == "refund":
        queue_refund(payment, D(amount), reason="Too much", by="Priya", work_order=job)
    elif name in ("complete", "fail"):
        refund = Refund.objects.filter(origin="person").order_by("pk")[pick : pick + 1].get()
        if name == "complete":
            complete_refund(refund, reference=f"ref-{n}")
        else:
            fail_refund(refund, why="Account closed")
    else:
        status = {"queued": "refund_queued", "failed": "refund_failed"}.get(name, name)
        data = {"refund_id": f"rf-{pick}"} if pick else {}
        if name == "dispute":
            status, data = "chargeback", {"dispute_id": f"dp-{pick}"}
        number = job.number if pick > 1 else "FHI1"
        tell(incoming(status, 10 + n, amount, method="card", data=data, work_order=number))


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # each try writes to a database
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(ways=WAYS)
def test_the_jobs_together_hold_what_the_payment_says(
    ways: list[Way], tell: Tell, brand: Brand, pair: list[WorkOrder], card: Payment
) -> None:
    try:
        with transaction.atomic():
            for n, way in enumerate(ways):
                try:
                    with transaction.atomic():
                        _do(way, n, tell, Payment.objects.get(), pair)
                        tripwire.check()
                except (ValidationError, Refund.DoesNotExist):
                    continue
            wrong = [str(f) for f in audit([brand], Count()) if f.is_ours]
            raise _Undo
    except _Undo:
        assert wrong == []

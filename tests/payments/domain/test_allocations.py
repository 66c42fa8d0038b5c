"""Every share of a payment is written in one place, and only where it differs."""

from decimal import Decimal

import pytest

from activity.models import Change
from payments.domain.allocations import Share, allocate, shares_of
from payments.models import Payment, PaymentAllocation
from tests.factories import BrandFactory, PaymentFactory, WorkOrderFactory
from workorders.models import WorkOrder

# Shares are written here as the verbs write them; posting is theirs.
pytestmark = pytest.mark.usefixtures("unwatched")
D = Decimal


@pytest.fixture
def jobs(db: None) -> list[WorkOrder]:
    brand = BrandFactory()
    return [WorkOrderFactory(brand=brand, number=f"FHI{n}") for n in (624, 625)]


@pytest.fixture
def payment(jobs: list[WorkOrder]) -> Payment:
    made: Payment = PaymentFactory(
        work_order=jobs[0],
        method="check",
        reference="1234",
        amount=D("900.00"),
        allocated=False,
    )
    return made


def test_a_new_share_has_the_status_date_and_name_of_its_payment(
    payment: Payment, jobs: list[WorkOrder]
) -> None:
    allocate(payment, {jobs[0].pk: Share(D("600.00")), jobs[1].pk: Share(D("290.00"), D("10.00"))})

    rows = payment.allocations.order_by("work_order_id")
    assert [(r.amount, r.services_amount, r.fee_amount) for r in rows] == [
        (D("600.00"), D("600.00"), D("0.00")),
        (D("300.00"), D("290.00"), D("10.00")),
    ]
    assert {(r.brand_id, r.status, r.happened_at, r.payment_label) for r in rows} == {
        (
            payment.brand_id,
            payment.status,
            payment.happened_at,
            f"FHI624-P-{payment.number} · Check 1234 · $900.00 over 2 jobs",
        )
    }
    assert shares_of(payment) == {
        jobs[0].pk: Share(D("600.00"), D("0.00")),
        jobs[1].pk: Share(D("290.00"), D("10.00")),
    }


def test_the_same_shares_again_write_nothing(payment: Payment, jobs: list[WorkOrder]) -> None:
    allocate(payment, {jobs[0].pk: Share(D("900.00"))})
    last = Change.objects.latest("pk").pk

    allocate(payment, shares_of(payment))

    assert not Change.objects.filter(pk__gt=last).exists()


def test_a_changed_share_keeps_its_row(payment: Payment, jobs: list[WorkOrder]) -> None:
    allocate(payment, {jobs[0].pk: Share(D("900.00"))})
    before = payment.allocations.get().pk
    payment.amount = D("850.00")

    allocate(payment, {jobs[0].pk: Share(D("850.00"))})

    row = PaymentAllocation.objects.get()
    assert (row.pk, row.amount) == (before, D("850.00"))
    assert row.payment_label.endswith("$850.00")

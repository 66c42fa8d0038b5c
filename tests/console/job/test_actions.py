"""What a member may do about a payment or a refund, where it is shown."""

from decimal import Decimal

import pytest

from accounts.models import Brand, Membership, Role
from console.feed.build import Action
from console.job.actions import give_back, payment_actions, refund_actions
from payments.models import Payment, Provider, RefundStatus
from tests.factories import (
    MembershipFactory,
    PaymentFactory,
    RefundFactory,
    WorkOrderFactory,
)
from workorders.models import WorkOrder

PAGE = "/b/fhi/payments/FHI624-P-1/"


@pytest.fixture
def csr_member(brand: Brand) -> Membership:
    return MembershipFactory(brand=brand, role=Role.CSR)


@pytest.fixture
def billing(brand: Brand) -> Membership:
    return MembershipFactory(brand=brand, role=Role.BILLING)


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    return WorkOrderFactory(brand=brand, number="FHI624")


def _labels(actions: list[Action]) -> list[str]:
    return [action.label for action in actions]


def test_only_what_is_allowed_now_is_offered(
    job: WorkOrder, csr_member: Membership, billing: Membership
) -> None:
    pending: Payment = PaymentFactory(work_order=job, status="pending", amount=Decimal("75.00"))
    received: Payment = PaymentFactory(work_order=job)

    assert _labels(payment_actions(pending, csr_member)) == [
        "Open",
        "Confirm $75.00",
        "Correct…",
        "Void…",
        "Note…",
    ]
    assert "Refund…" not in _labels(payment_actions(received, csr_member))
    assert {"Refund…", "Reconcile…"} <= set(_labels(payment_actions(received, billing)))
    assert "Refund…" not in _labels(payment_actions(pending, billing))


def test_money_that_a_provider_took_is_not_corrected_by_hand(
    job: WorkOrder, csr_member: Membership
) -> None:
    card: Payment = PaymentFactory(work_order=job, provider=Provider.GUARDIAN, method="card")

    assert _labels(payment_actions(card, csr_member)) == ["Open", "Note…"]


def test_money_in_another_currency_is_not_refunded_here(
    job: WorkOrder, billing: Membership
) -> None:
    foreign: Payment = PaymentFactory(work_order=job, currency="CAD")

    assert "Refund…" not in _labels(payment_actions(foreign, billing))


def test_each_action_leads_to_its_payment(job: WorkOrder, csr_member: Membership) -> None:
    payment: Payment = PaymentFactory(work_order=job)

    urls = {action.label: action.url for action in payment_actions(payment, csr_member)}

    assert urls["Open"] == PAGE
    assert urls["Void…"] == f"{PAGE}void/"


def test_a_surplus_is_returned_from_the_newest_received_payment(
    job: WorkOrder, csr_member: Membership, billing: Membership
) -> None:
    PaymentFactory(work_order=job)
    PaymentFactory(work_order=job, status="voided")
    newest_first = list(job.allocations.select_related("payment__work_order").order_by("-id"))

    [action] = give_back(newest_first, billing)

    assert action.url == f"{PAGE}refund/"
    assert give_back(newest_first, csr_member) == []
    assert give_back([], billing) == []


def test_only_a_queued_refund_waits_for_somebody(
    job: WorkOrder, csr_member: Membership, billing: Membership
) -> None:
    payment = PaymentFactory(work_order=job)
    queued = RefundFactory(payment=payment, status=RefundStatus.QUEUED)
    done = RefundFactory(payment=payment)

    assert refund_actions([queued, done], csr_member, job) == {}
    actions = refund_actions([queued, done], billing, job)
    assert {number: _labels(rows) for number, rows in actions.items()} == {
        "1": ["R-1: done…", "R-1: call off…"]
    }

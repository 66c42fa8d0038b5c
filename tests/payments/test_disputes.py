"""A lost dispute lowers what was received by its own amount, everywhere, and on the timeline."""

from decimal import Decimal

import pytest

from accounts.models import Brand
from activity.describe import render
from activity.models import Entry
from activity.projection import project_pending
from console.lists.payments import sums
from invoicing.queries.settlements import job_settlement
from payments import queries
from payments.models import Dispute, Payment
from tests.console.settled_jobs import settle
from tests.factories import ChargeFactory
from tests.payments.conftest import Tell, incoming
from workorders.models import WorkOrder

D = Decimal


@pytest.fixture
def partly_lost(tell: Tell, job: WorkOrder) -> Payment:
    """500.00, fee 17.50 included, of which the client's bank took 100.00."""
    tell(incoming("captured", 1, "500.00", method="card", fee=D("17.50")))
    tell(incoming("chargeback", 9, "100.00", method="card", data={"reason_code": "13.1"}))
    return Payment.objects.get()


def test_it_takes_its_own_amount_and_no_more(
    partly_lost: Payment, brand: Brand, job: WorkOrder
) -> None:
    dispute = Dispute.objects.get()

    assert (partly_lost.status, partly_lost.failure_code) == ("completed", "")
    assert (dispute.status, dispute.amount, dispute.reason_code) == ("lost", D("100.00"), "13.1")
    assert job_settlement(job).whole.received == D("400.00")
    assert sums(brand, Payment.objects.filter(brand=brand)).received == D("400.00")


def test_one_over_the_whole_amount_is_not_taken_off_twice(
    tell: Tell, brand: Brand, job: WorkOrder
) -> None:
    tell(incoming("captured", 1, "500.00", method="card"))
    tell(incoming("chargeback", 9, "500.00", method="card"))

    assert Payment.objects.get().status == "charged_back"
    assert job_settlement(job).whole.received == D("0.00")


def test_its_services_part_is_open_again(
    partly_lost: Payment, brand: Brand, job: WorkOrder
) -> None:
    ChargeFactory(work_order=job, amount=D("482.50"))
    settle(job)

    assert queries.still_to_pay(job) == D("96.50")


def test_the_timeline_says_that_it_is_lost(partly_lost: Payment) -> None:
    project_pending()

    entry = Entry.objects.filter(code="provider.added").order_by("occurred_at").last()

    assert entry is not None
    sentence = render(entry.code, {**entry.data, "currency": "USD"})
    assert sentence.headline == "$100.00 charged back by the client’s bank"
    assert "Dispute lost: $100.00 is owed again." in sentence.second


def test_a_returned_debit_is_returned_as_a_whole(tell: Tell, job: WorkOrder) -> None:
    tell(incoming("captured", 1, "400.00", method="ach"))
    tell(incoming("failed", 9, "386.00", method="ach", data={"return_code": "R10"}))

    assert Payment.objects.get().status == "charged_back"
    assert Dispute.objects.get().amount == D("400.00")

"""Payments, refunds and disputes as their histories say."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Brand
from invoicing.queries.settlements import job_settlement
from payments.models import Payment, Refund
from tests.importing.conftest import a_job, a_payment, run
from workorders.models import WorkOrder

pytestmark = pytest.mark.usefixtures("brand")


def sums(brand: Brand, number: str = "FHI1") -> Any:
    job = WorkOrder.objects.get(brand=brand, number=number)
    return job_settlement(job).whole


def test_a_lost_dispute_takes_the_money_back(brand: Brand) -> None:
    dispute = {
        "id": "dp_1",
        "at": "2026-05-20T09:00:00-06:00",
        "status": "open",
        "amount": "329.00",
        "history": [{"at": "2026-06-20T09:00:00-06:00", "status": "lost"}],
    }

    run(a_job(payments=[a_payment(status="completed", disputes=[dispute])]))

    payment = Payment.objects.get()
    assert payment.status == "charged_back"
    assert payment.disputes.get().closed_at is not None
    assert sums(brand).received == Decimal("0.00")


def test_a_refund_without_its_fee_part_gets_the_share_that_follows() -> None:
    refund = {"at": "2026-05-05T09:00:00-06:00", "status": "completed", "amount": "211.14"}
    card = a_payment(
        method="card", provider="stripe", status="completed", amount="340.52", fee_amount="11.52"
    )

    run(a_job(payments=[{**card, "refunds": [refund]}]))

    stored = Refund.objects.get()
    assert (stored.services_amount, stored.fee_amount) == (Decimal("204.00"), Decimal("7.14"))

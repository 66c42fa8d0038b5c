"""An imported payment and later facts of its provider: the import stays a fact of its own."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from accounts.models import Brand
from activity.models import Change
from invoicing.queries.settlements import job_settlement
from payments.ingest.incoming import IncomingFact
from payments.ingest.receive import receive
from payments.models import Payment, PaymentAllocation
from tests.importing.conftest import Line, a_job, a_payment, run
from workorders.models import WorkOrder

pytestmark = pytest.mark.usefixtures("brand")


def card(**changes: object) -> Line:
    return a_payment(
        method="card", provider="guardian", status="completed", order_id="GRD-9", **changes
    )


def tell(brand: Brand, status: str, hour: int, amount: str | None = None) -> None:
    fact = IncomingFact(
        f"ev-{hour}",
        "GRD-9",
        status,
        datetime(2026, 5, 6, hour, tzinfo=UTC),
        amount=Decimal(amount) if amount else None,
        method="card",
    )
    receive(brand, "guardian", fact, payload="{}", received_at=fact.at)


def test_the_fact_is_frozen_at_the_import(brand: Brand) -> None:
    run(a_job(payments=[card(amount="100.00")]))

    tell(brand, "captured", 1, "80.00")
    tell(brand, "voided", 2)

    payment = Payment.objects.get()
    assert (payment.status, payment.amount) == ("voided", Decimal("80.00"))
    reported = payment.imported_fact or {}
    assert (reported["status"], reported["amount"]) == ("completed", "100.00")


def test_a_corrected_line_never_sets_back_what_was_reported_since(brand: Brand) -> None:
    run(a_job(payments=[card(amount="100.00")]))
    tell(brand, "voided", 2)
    history = [{"at": "2026-05-07T09:00:00-06:00", "amount": "120.00"}]
    before = Change.objects.filter(entity="payments.payment").count()

    report = run(a_job(payments=[card(amount="100.00", history=history)]))

    payment = Payment.objects.get()
    assert report.updated == 1, report.problems
    assert (payment.status, payment.amount) == ("voided", Decimal("120.00"))
    assert PaymentAllocation.objects.get().amount == Decimal("120.00")
    assert Change.objects.filter(entity="payments.payment").count() == before + 1


def test_a_dispute_of_less_than_the_payment_leaves_the_rest(brand: Brand) -> None:
    dispute = {"id": "d1", "at": "2026-05-09T09:00:00-06:00", "status": "lost", "amount": "29.00"}

    run(a_job(payments=[card(disputes=[dispute])]))

    job = WorkOrder.objects.get()
    assert Payment.objects.get().status == "completed"
    assert job_settlement(job).whole.received == Decimal("300.00")

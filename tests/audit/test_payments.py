"""The audit sums each payment over its jobs, and finds what does not add up."""

from decimal import Decimal

import pytest

from accounts.models import Brand
from audit.findings import Finding
from audit.run import Count, audit
from invoicing.models import LedgerEntry
from payments.domain.record import Manual, record_check_over
from payments.models import Payment
from payments.refunds.verbs import complete_refund, queue_refund
from tests.factories import WorkOrderFactory
from workorders.domain import charges, jobs
from workorders.domain.charges import ChargeLine
from workorders.models import WorkOrder, WorkOrderStatus

D = Decimal


@pytest.fixture
def pair(brand: Brand) -> list[WorkOrder]:
    """Two jobs of 120.00 and 130.00, issued."""
    made: list[WorkOrder] = [WorkOrderFactory(brand=brand, number=n) for n in ("FHI1", "FHI2")]
    for job, amount in zip(made, ("120.00", "130.00"), strict=True):
        charges.replace_charges(brand, job.pk, [ChargeLine("Inspection", D(amount))])
        jobs.set_status(brand, job.pk, WorkOrderStatus.CONFIRMED)
    return made


@pytest.fixture
def check(brand: Brand, pair: list[WorkOrder]) -> Payment:
    shares = list(zip(pair, (D("120.00"), D("130.00")), strict=True))
    return record_check_over(brand, shares, Manual("cash"), by="Priya Nair")


def found(brand: Brand) -> list[Finding]:
    return [f for f in audit([brand], Count()) if f.kind == "payment"]


def test_what_adds_up_is_silent(brand: Brand, pair: list[WorkOrder], check: Payment) -> None:
    queue_refund(check, D("30.00"), reason="Too much", by="Priya Nair", work_order=pair[1])
    refund = queue_refund(check, D("20.00"), reason="Too much", by="Priya Nair")
    complete_refund(refund, reference="cash")

    assert found(brand) == []


@pytest.mark.usefixtures("unwatched")
def test_a_line_that_nobody_posted_is_found(brand: Brand, check: Payment) -> None:
    line = LedgerEntry.objects.order_by("pk").first()
    assert line is not None
    line.pk, line.sequence, line.services_amount = None, 99, D("7.00")
    line.save()

    (finding,) = found(brand)

    assert (finding.job, finding.actual, finding.expected) == ("FHI1", D("257.00"), D("250.00"))
    assert "received over its jobs" in finding.what


@pytest.mark.usefixtures("unwatched")
def test_more_back_from_a_job_than_its_share_is_found(brand: Brand, check: Payment) -> None:
    refund = queue_refund(check, D("120.00"), reason="All of it", by="Priya Nair")
    complete_refund(refund, reference="cash")
    line = LedgerEntry.objects.get(kind="refund")
    back = LedgerEntry.objects.get(kind="payment", work_order=line.work_order)
    line.pk, line.sequence, line.services_amount = None, 99, D("5.00")
    line.save()

    findings = {f.what: f.actual for f in found(brand)}

    assert findings["payment P-1: what is left on FHI1"] == D("-5.00")
    assert back.services_amount == D("120.00")

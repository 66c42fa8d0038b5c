"""One imported check over several jobs, and what went back of it."""

from decimal import Decimal

import pytest

from accounts.models import Brand
from audit.run import Count, audit
from invoicing.queries.settlements import job_settlement
from payments.models import MoneyBackShare, Payment
from tests.importing.conftest import Line, a_job, a_payment, run
from workorders.models import WorkOrder

pytestmark = pytest.mark.usefixtures("brand")
D = Decimal
SHARES = [{"work_order": "FHI1", "amount": "120.00"}, {"work_order": "FHI2", "amount": "130.00"}]


def charge(amount: str) -> Line:
    return {"description": "Inspection", "amount": amount}


def both(**money: object) -> None:
    """FHI1 of 120.00 and FHI2 of 130.00, and one check of 250.00 that pays them."""
    run(a_job(number="FHI1", charges=[charge("120.00")]))
    check = a_payment(method="check", reference="77", amount="250.00", shares=SHARES, **money)
    check["status"] = "completed"
    report = run(a_job(number="FHI2", charges=[charge("130.00")], payments=[check]))
    assert not report.problems, report.problems


def due() -> list[Decimal]:
    jobs = WorkOrder.objects.order_by("number")
    return [job_settlement(job).whole.balance for job in jobs]


def back(amount: str, **rest: object) -> Line:
    return {"at": "2026-05-09T09:00:00-06:00", "status": "completed", "amount": amount, **rest}


def test_a_refund_of_all_leaves_each_job_its_bill(brand: Brand) -> None:
    both(refunds=[back("250.00")])

    assert due() == [D("120.00"), D("130.00")]
    assert MoneyBackShare.objects.count() == 2
    assert not [f for f in audit([brand], Count()) if f.is_ours]


def test_a_refund_that_names_its_job_stays_there(brand: Brand) -> None:
    both(refunds=[back("50.00", work_order="FHI1"), back("100.00", id="r2")])

    assert due() == [D("50.00") + D("35.00"), D("65.00")]
    assert not [f for f in audit([brand], Count()) if f.is_ours]


def test_a_refund_that_names_a_job_that_it_does_not_pay_is_refused(brand: Brand) -> None:
    run(a_job(number="FHI1", charges=[charge("120.00")]))
    run(a_job(number="FHI3", charges=[charge("120.00")]))
    check = a_payment(
        method="check",
        status="completed",
        reference="77",
        amount="250.00",
        shares=SHARES,
        refunds=[back("50.00", work_order="FHI3")],
    )

    report = run(a_job(number="FHI2", charges=[charge("130.00")], payments=[check]))

    (problem,) = report.problems
    assert problem.path == "payments[0].refunds[0].work_order"
    assert "does not pay FHI3" in str(problem)


@pytest.mark.parametrize("status", ["lost", "won"])
def test_a_dispute_is_shared(status: str, brand: Brand) -> None:
    both(disputes=[back("100.00", status=status)])

    expected = [D("48.00"), D("52.00")] if status == "lost" else [D("0.00"), D("0.00")]
    assert due() == expected
    assert not [f for f in audit([brand], Count()) if f.is_ours]


def test_two_disputes_over_all_of_it_charge_it_back(brand: Brand) -> None:
    disputes = [back("100.00", id="dp-A", status="lost"), back("150.00", id="dp-B", status="lost")]
    both(disputes=disputes)

    assert Payment.objects.get().status == "charged_back"
    assert due() == [D("120.00"), D("130.00")]
    assert not [f for f in audit([brand], Count()) if f.is_ours]


def test_two_disputes_over_parts_of_it_leave_the_rest(brand: Brand) -> None:
    disputes = [back("50.00", id="dp-A", status="lost"), back("75.00", id="dp-B", status="lost")]
    both(disputes=disputes)

    assert Payment.objects.get().status == "completed"
    assert due() == [D("60.00"), D("65.00")]

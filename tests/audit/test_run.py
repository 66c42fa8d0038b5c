"""The audit reports nothing that is right; its summary, its batches, its older figures."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Brand
from audit import legacy
from audit import run as auditing
from audit.legacy import LegacyFigure
from audit.run import Count, audit
from invoicing.domain import client_credit, issuing
from invoicing.models import (
    Invoice,
    InvoiceLine,
)
from invoicing.queries.settlements import JobSettlement
from payments.domain import record
from payments.models import Payment
from tests.audit.conftest import billed, by_card, by_check
from tests.audit.damage import damage, findings_of, run
from tests.factories import DisputeFactory, WorkOrderFactory
from workorders.domain.charges import ChargeLine, replace_charges
from workorders.models import WorkOrder

D = Decimal


# Nothing is wrong --------------------------------------------------------------------------------


def test_jobs_that_only_verbs_touched_agree(brand: Brand, job: WorkOrder) -> None:
    # Arrange: pending, confirmed and voided checks, one over two jobs; a lost and an open dispute
    other = billed(brand, "RIA2", "300")
    by_check(other, "100")
    void = by_check(other, "50")
    record.void(void, reason="Typo")
    check = record.Manual(method="check", reference="9")
    record.confirm(
        record.record_check_over(brand, [(job, D("10")), (other, D("400"))], check, by="D"), by="D"
    )
    lost = by_card(billed(brand, "RIA3", "500"), "500")
    DisputeFactory(payment=lost, amount=D("100"), status="lost")
    _repost(lost)
    # ... an overpayment kept as credit and used elsewhere, money for a bill that is void
    invoice = Invoice.objects.get(work_order=other)
    credit = client_credit.keep_as_credit(brand, invoice.pk, D("100"))
    third = WorkOrderFactory(brand=brand, client=other.client, number="RIA4")
    replace_charges(brand, third.pk, [ChargeLine("Radon", D("80"))])
    target = issuing.issue_bill(brand, third.pk)
    client_credit.apply_credit(brand, credit.pk, target.pk, D("60"))
    gone = billed(brand, "RIA5", "70")
    issuing.void_invoice(brand, Invoice.objects.get(work_order=gone).pk, reason="Twice")
    record.confirm(by_check(gone, "70"), by="Dana")
    # ... a draft, and a job with nothing at all
    replace_charges(brand, WorkOrderFactory(brand=brand).pk, [ChargeLine("Radon", D("80"))])
    WorkOrderFactory(brand=brand)

    # Act
    code, output = run()

    # Assert
    assert (code, output) == (0, "7 jobs, 6 invoices: all agree.\n")


def _repost(payment: Payment) -> None:
    from payments.domain.post import post

    with transaction.atomic():
        post(Payment.objects.get(pk=payment.pk))


# Older systems -----------------------------------------------------------------------------------


def test_a_figure_of_an_older_system_is_reported_and_no_fault(
    brand: Brand, job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def older_figures(brand: Brand, settlements: Any) -> dict[int, list[LegacyFigure]]:
        answer: JobSettlement = settlements[job.pk]
        ours = answer.whole.balance
        agrees = LegacyFigure("paid", D("1"), D("1"))
        return {job.pk: [LegacyFigure("remainingBalance", ours + D("17.95"), ours), agrees]}

    monkeypatch.setattr(legacy, "sources", [older_figures])

    code, text = run()

    assert code == 0
    assert "(older system) ria RIA1: imported remainingBalance: is $" in text
    assert "0 wrong, 1 reported otherwise" in text


def test_more_jobs_need_no_more_queries(
    brand: Brand, job: WorkOrder, django_assert_max_num_queries: Any
) -> None:
    for n in range(12):
        by_card(billed(brand, f"RIA1{n}", "329"), "329")
    for number in range(3):
        by_check(job, f"{number + 1}")

    with django_assert_max_num_queries(40):
        assert findings_of(brand) == []


def test_batches_leave_nobody_out(
    brand: Brand, job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(4):
        billed(brand, f"RIA1{n}", "329")
    monkeypatch.setattr(auditing, "BATCH", 2)
    damage("UPDATE invoicing_jobbalance SET billed = 1")
    count = Count()

    findings = list(audit([brand], count))

    assert len({finding.job for finding in findings}) == count.jobs == 5


@pytest.mark.django_db(transaction=True)
def test_each_batch_is_one_snapshot(brand: Brand) -> None:
    billed(brand, "RIA1", "329")

    findings = audit([brand], Count(), progress=lambda count: _isolation())

    assert list(findings) == []
    assert InvoiceLine.objects.count() == 1


def _isolation() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)

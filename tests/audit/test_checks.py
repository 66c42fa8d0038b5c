"""The audit finds each kind of damage and names it."""

from decimal import Decimal

import pytest

from accounts.models import Brand
from invoicing.domain import client_credit
from invoicing.models import (
    ClientCredit,
    Invoice,
    InvoiceRevision,
    JobBalance,
    LedgerEntry,
)
from payments.domain import record
from payments.models import Payment
from tests.audit.conftest import by_check
from tests.audit.damage import damage, findings_of, only_finding, run, unguarded
from tests.factories import ChargeFactory, WorkOrderFactory
from workorders.models import WorkOrder

D = Decimal


def test_a_jobs_rollup(brand: Brand, job: WorkOrder) -> None:
    balance = JobBalance.objects.get(work_order=job).balance
    damage("UPDATE invoicing_jobbalance SET balance = balance + 7 WHERE work_order_id = %s", job.pk)

    finding = only_finding(brand)

    assert (finding.kind, finding.job, finding.what) == (
        "job_balance",
        "RIA1",
        "balance of the job",
    )
    assert (finding.actual, finding.expected) == (balance + 7, balance)
    assert "rollup was written by something else" in finding.cause
    code, output = run()
    assert code == 1
    assert "RIA1: balance of the job: is $" in output
    assert output.endswith(
        "1 jobs, 1 invoices: 1 wrong, 0 reported otherwise by an older system.\n"
    )


def test_a_jobs_word_and_status(brand: Brand, job: WorkOrder) -> None:
    damage("UPDATE invoicing_jobbalance SET word = 'Due', status = 'draft'")

    assert {(f.what, f.actual) for f in findings_of(brand)} == {
        ("word of the job", "Due"),
        ("status of the job", "draft"),
    }


def test_an_invoices_rollup(brand: Brand, job: WorkOrder) -> None:
    damage("UPDATE invoicing_invoicebalance SET received = 0")

    finding = only_finding(brand)

    assert (finding.kind, finding.what) == ("invoice_balance", "received of RIA1")
    assert (finding.actual, finding.expected) == (D("0"), D("400.00"))


def test_an_items_rollup(brand: Brand, job: WorkOrder) -> None:
    damage("UPDATE invoicing_item SET covered = 1 WHERE description = 'Radon'")

    finding = only_finding(brand)

    assert (finding.kind, finding.what) == ("item", "covered of item “Radon”")
    assert (finding.actual, finding.expected) == (D("1.00"), D("50.00"))


def test_an_item_less_fulfilled_than_paid(brand: Brand, job: WorkOrder) -> None:
    damage("UPDATE invoicing_item SET fulfilment = 'not_started' WHERE description = 'Radon'")

    finding = only_finding(brand)

    assert (finding.actual, finding.expected) == ("not_started", "client_paid")


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ("invoicing_jobbalance", "rollup of the job"),
        ("invoicing_invoicebalance", "rollup of RIA1"),
        ("invoicing_item", "rollup of item “Service 329”"),
    ],
)
def test_a_rollup_that_is_missing(brand: Brand, job: WorkOrder, table: str, what: str) -> None:
    damage(f"DELETE FROM {table}")

    findings = findings_of(brand)

    assert what in [finding.what for finding in findings]
    assert {finding.actual for finding in findings} == {None}


def test_a_job_that_was_never_settled(brand: Brand) -> None:
    job = WorkOrderFactory(brand=brand, number="RIA9")
    ChargeFactory(work_order=job)

    finding = only_finding(brand)

    assert (finding.kind, finding.job) == ("job_balance", "RIA9")
    assert "backfill_jobs" in finding.cause


def test_a_charge_changed_behind_the_bills_back(brand: Brand, job: WorkOrder) -> None:
    damage("UPDATE workorders_charge SET amount = 55 WHERE description = 'Radon'")

    finding = only_finding(brand)

    assert (finding.kind, finding.what) == ("bill", "line “Radon” of RIA1")
    assert (finding.actual, finding.expected) == (D("50.00"), D("55.00"))
    assert "without a revision" in finding.cause


def test_a_charge_renamed_behind_the_bills_back(brand: Brand, job: WorkOrder) -> None:
    damage("UPDATE workorders_charge SET description = 'Mold' WHERE description = 'Radon'")

    whats = {finding.kind: str(finding) for finding in findings_of(brand)}

    assert "“Radon (standard" in whats["bill"]
    assert "“Mold (standard" in whats["bill"]


def test_a_charge_deleted_behind_the_bills_back(brand: Brand, job: WorkOrder) -> None:
    damage("DELETE FROM workorders_charge WHERE description = 'Radon'")

    finding = only_finding(brand)

    assert finding.what == "line “Radon” of RIA1 bills a charge that is gone"


def test_a_charge_added_behind_the_bills_back(brand: Brand, job: WorkOrder) -> None:
    with unguarded():
        ChargeFactory(work_order=job, description="Sewer scope", amount=D("90"))

    whats = [finding.what for finding in findings_of(brand)]

    assert "charge “Sewer scope” is on no bill and in no draft" in whats


def test_a_line_of_an_issued_bill(brand: Brand, job: WorkOrder) -> None:
    last = InvoiceRevision.objects.latest("number")
    damage(
        "UPDATE invoicing_invoiceline SET amount = 40 WHERE revision_id = %s AND position = 1",
        last.pk,
    )

    kinds = {finding.kind: finding for finding in findings_of(brand)}

    revision = kinds["revision"]
    assert revision.what == "services total of revision 2 of RIA1"
    assert (revision.actual, revision.expected) == (D("350.00"), D("340.00"))
    assert "neither ever changes" in revision.cause
    assert {"bill", "job_balance", "invoice_balance"} <= set(kinds)


def test_the_totals_of_an_old_revision(brand: Brand, job: WorkOrder) -> None:
    damage("UPDATE invoicing_invoicerevision SET tax_total = 3 WHERE number = 1")

    finding = only_finding(brand)

    assert finding.what == "tax total of revision 1 of RIA1"


def test_a_ledger_entry_changed(brand: Brand, job: WorkOrder) -> None:
    damage("UPDATE invoicing_ledgerentry SET services_amount = 300 WHERE kind = 'payment'")

    kinds = {finding.kind: finding for finding in findings_of(brand)}

    assert kinds["ledger"].what.startswith("services of payment P-1 · ")
    assert (kinds["ledger"].actual, kinds["ledger"].expected) == (D("300.00"), D("388.00"))
    assert "without its ledger being posted" in kinds["ledger"].cause


def test_a_ledger_entry_deleted(brand: Brand, job: WorkOrder) -> None:
    damage("DELETE FROM invoicing_ledgerentry WHERE kind = 'refund'")

    ledger = [finding for finding in findings_of(brand) if finding.kind == "ledger"]

    assert {(f.actual, f.expected) for f in ledger} >= {(D("0.00"), D("38.00"))}
    assert "refund:" in ledger[0].what


def test_a_payment_changed_without_its_ledger(brand: Brand, payment: Payment) -> None:
    damage("UPDATE payments_payment SET status = 'failed' WHERE id = %s", payment.pk)

    amounts = {(f.kind, f.actual, f.expected) for f in findings_of(brand)}

    assert amounts == {
        ("ledger", D("388.00"), D("0.00")),
        ("ledger", D("12.00"), D("0.00")),
        ("payment", D("400.00"), D("0.00")),
    }


def test_an_expected_fee_that_the_ledger_does_not_know(brand: Brand, payment: Payment) -> None:
    damage("UPDATE payments_payment SET fee_expected = 99 WHERE id = %s", payment.pk)

    finding = only_finding(brand)

    assert finding.what.startswith("expected fee of payment P-1")
    assert (finding.actual, finding.expected) == (D("13.58"), D("99.00"))


def test_money_under_way_that_is_not_shown(brand: Brand, job: WorkOrder) -> None:
    by_check(job, "20")
    damage("DELETE FROM invoicing_moneyinflight")

    kinds = {finding.kind: finding for finding in findings_of(brand)}

    assert kinds["in_flight"].what.endswith("under way")
    assert (kinds["in_flight"].actual, kinds["in_flight"].expected) == (D("0.00"), D("20.00"))


def test_an_entry_without_its_source(brand: Brand, job: WorkOrder) -> None:
    entry = LedgerEntry.objects.filter(kind="payment").get()
    with unguarded():
        LedgerEntry.objects.bulk_create([_copy(entry, source="payment:987654", sequence=1)])

    kinds = {finding.kind: finding for finding in findings_of(brand)}

    assert "comes from payment:987654" in kinds["source"].what
    assert kinds["source"].actual == D("400.00")
    assert "is gone or never was" in kinds["source"].cause


def _copy(entry: LedgerEntry, **changes: object) -> LedgerEntry:
    values = {f.attname: getattr(entry, f.attname) for f in LedgerEntry._meta.concrete_fields}
    del values["id"]
    return LedgerEntry(**{**values, **changes, "payment": changes["source"]})


def test_a_credit_used_by_more_than_its_invoices_say(brand: Brand, job: WorkOrder) -> None:
    record.confirm(by_check(job, "90"), by="Dana")
    credit = client_credit.keep_as_credit(brand, Invoice.objects.get().pk, D("50"))
    assert findings_of(brand) == []
    damage("UPDATE invoicing_clientcredit SET used = 20 WHERE id = %s", credit.pk)

    finding = only_finding(brand)

    assert finding.kind == "credit"
    assert (finding.actual, finding.expected) == (D("20.00"), D("0.00"))


@pytest.mark.parametrize(
    ("change", "name", "should"),
    [("amount = 5000", "amount", "50.00"), ("returned = 50", "returned", "0.00")],
)
def test_a_credit_that_is_not_what_was_granted(
    change: str, name: str, should: str, brand: Brand, job: WorkOrder
) -> None:
    record.confirm(by_check(job, "90"), by="Dana")
    client_credit.keep_as_credit(brand, Invoice.objects.get().pk, D("50"))
    damage(f"UPDATE invoicing_clientcredit SET {change}")

    finding = only_finding(brand)

    assert finding.what.startswith(f"{name} of the client’s credit")
    assert finding.expected == D(should)


def test_a_prepayment_for_no_job(brand: Brand, job: WorkOrder) -> None:
    ClientCredit.objects.create(
        brand=brand, client=job.client, kind="prepayment", amount=D("300"), used=D("10"),
        label="Check 9", happened_at=job.happened_at,
    )  # fmt: skip

    assert only_finding(brand).what.endswith("“Check 9”")

"""The audit finds each kind of damage, names it, and is silent about what is right."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.models import Brand
from invoicing.domain import issuing, pool
from invoicing.domain.fees import policies_of
from invoicing.models import (
    ClientCredit,
    FeePolicy,
    Invoice,
    InvoiceLine,
    InvoiceRevision,
    JobBalance,
    LedgerEntry,
)
from invoicing.queries import JobSettlement
from payments.domain import manual, refunds
from payments.models import Payment
from payments.truth import audit as auditing
from payments.truth import legacy
from payments.truth.audit import Count, audit
from payments.truth.findings import Finding
from payments.truth.legacy import LegacyFigure
from tests.factories import BrandFactory, ChargeFactory, DisputeFactory, WorkOrderFactory
from tests.truth.conftest import billed, by_card, by_check
from workorders.domain.charges import ChargeLine, replace_charges
from workorders.models import Charge, WorkOrder

D = Decimal


@contextmanager
def _unguarded() -> Iterator[Any]:
    """A cursor that no trigger and no foreign key watches: somebody with the keys to everything."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor
        cursor.execute("SET LOCAL session_replication_role = origin")


def damage(statement: str, *values: object) -> None:
    with _unguarded() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount > 0, "the damage hit nothing"


def found(brand: Brand) -> list[Finding]:
    return list(audit([brand], Count()))


def the_one(brand: Brand) -> Finding:
    findings = found(brand)
    assert len(findings) == 1, [str(f) for f in findings]
    return findings[0]


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and output of the command."""
    out = StringIO()
    try:
        call_command("audit_balances", *arguments, stdout=out, stderr=StringIO())
    except SystemExit as error:
        return int(str(error.code)), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    """Billed over two lines, amended, paid by card above the bill, part of it returned."""
    FeePolicy.objects.create(
        brand=brand,
        effective_from="2020-01-01T00:00Z",
        percent=D("3.5"),
        fundings=["credit"],
    )
    assert policies_of(brand)
    job = billed(brand, "RIA1", "329", "100")
    first = Charge.objects.filter(work_order=job).earliest("pk")
    lines = [ChargeLine("Service 329", D("300"), id=first.pk), ChargeLine("Radon", D("50"))]
    replace_charges(brand, job.pk, lines, reason="Other services")
    payment = by_card(job, "400", fee_amount=D("12"))
    refund = refunds.queue_refund(payment, D("38"), reason="Surplus", by="Dana")
    refunds.complete_refund(refund, reference="re_1")
    job.refresh_from_db()
    return job


@pytest.fixture
def payment(job: WorkOrder) -> Payment:
    return Payment.objects.get(work_order=job)


# Nothing is wrong --------------------------------------------------------------------------------


def test_jobs_that_only_verbs_touched_agree(brand: Brand, job: WorkOrder) -> None:
    # Arrange: pending, confirmed and voided checks, one over two jobs; a lost and an open dispute
    other = billed(brand, "RIA2", "300")
    by_check(other, "100")
    void = by_check(other, "50")
    manual.void(void, reason="Typo")
    check = manual.Manual(method="check", reference="9")
    manual.confirm(
        manual.record_check_over(brand, [(job, D("10")), (other, D("400"))], check, by="D"), by="D"
    )
    lost = by_card(billed(brand, "RIA3", "500"), "500")
    DisputeFactory(payment=lost, amount=D("100"), status="lost")
    _repost(lost)
    # ... an overpayment kept as credit and used elsewhere, money for a bill that is void
    invoice = Invoice.objects.get(work_order=other)
    credit = pool.keep_as_credit(brand, invoice.pk, D("100"))
    third = WorkOrderFactory(brand=brand, client=other.client, number="RIA4")
    replace_charges(brand, third.pk, [ChargeLine("Radon", D("80"))])
    target = issuing.issue_bill(brand, third.pk)
    pool.apply_credit(brand, credit.pk, target.pk, D("60"))
    gone = billed(brand, "RIA5", "70")
    issuing.void_invoice(brand, Invoice.objects.get(work_order=gone).pk, reason="Twice")
    manual.confirm(by_check(gone, "70"), by="Dana")
    # ... a draft, and a job with nothing at all
    replace_charges(brand, WorkOrderFactory(brand=brand).pk, [ChargeLine("Radon", D("80"))])
    WorkOrderFactory(brand=brand)

    # Act
    code, told = run()

    # Assert
    assert (code, told) == (0, "7 jobs, 6 invoices: all agree.\n")


def _repost(payment: Payment) -> None:
    from payments.domain.posting import post

    with transaction.atomic():
        post(Payment.objects.get(pk=payment.pk))


# Each kind of damage -----------------------------------------------------------------------------


def test_a_jobs_rollup(brand: Brand, job: WorkOrder) -> None:
    balance = JobBalance.objects.get(work_order=job).balance
    damage("UPDATE invoicing_jobbalance SET balance = balance + 7 WHERE work_order_id = %s", job.pk)

    finding = the_one(brand)

    assert (finding.kind, finding.job, finding.what) == (
        "job_balance",
        "RIA1",
        "balance of the job",
    )
    assert (finding.found, finding.expected) == (balance + 7, balance)
    assert "rollup was written by something else" in finding.cause
    code, told = run()
    assert code == 1
    assert "RIA1: balance of the job: is $" in told
    assert told.endswith("1 jobs, 1 invoices: 1 wrong, 0 told otherwise by an older system.\n")


def test_a_jobs_word_and_status(brand: Brand, job: WorkOrder) -> None:
    damage("UPDATE invoicing_jobbalance SET word = 'Due', status = 'draft'")

    assert {(f.what, f.found) for f in found(brand)} == {
        ("word of the job", "Due"),
        ("status of the job", "draft"),
    }


def test_an_invoices_rollup(brand: Brand, job: WorkOrder) -> None:
    damage("UPDATE invoicing_invoicebalance SET received = 0")

    finding = the_one(brand)

    assert (finding.kind, finding.what) == ("invoice_balance", "received of RIA1")
    assert (finding.found, finding.expected) == (D("0"), D("400.00"))


def test_an_items_rollup(brand: Brand, job: WorkOrder) -> None:
    damage("UPDATE invoicing_item SET covered = 1 WHERE description = 'Radon'")

    finding = the_one(brand)

    assert (finding.kind, finding.what) == ("item", "covered of item “Radon”")
    assert (finding.found, finding.expected) == (D("1.00"), D("50.00"))


def test_an_item_less_fulfilled_than_paid(brand: Brand, job: WorkOrder) -> None:
    damage("UPDATE invoicing_item SET fulfilment = 'not_started' WHERE description = 'Radon'")

    finding = the_one(brand)

    assert (finding.found, finding.expected) == ("not_started", "client_paid")


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

    findings = found(brand)

    assert what in [finding.what for finding in findings]
    assert {finding.found for finding in findings} == {None}


def test_a_job_that_was_never_settled(brand: Brand) -> None:
    job = WorkOrderFactory(brand=brand, number="RIA9")
    ChargeFactory(work_order=job)

    finding = the_one(brand)

    assert (finding.kind, finding.job) == ("job_balance", "RIA9")
    assert "adopt_jobs" in finding.cause


def test_a_charge_changed_behind_the_bills_back(brand: Brand, job: WorkOrder) -> None:
    damage("UPDATE workorders_charge SET amount = 55 WHERE description = 'Radon'")

    finding = the_one(brand)

    assert (finding.kind, finding.what) == ("bill", "line “Radon” of RIA1")
    assert (finding.found, finding.expected) == (D("50.00"), D("55.00"))
    assert "behind the bill’s back" in finding.cause


def test_a_charge_renamed_behind_the_bills_back(brand: Brand, job: WorkOrder) -> None:
    damage("UPDATE workorders_charge SET description = 'Mold' WHERE description = 'Radon'")

    whats = {finding.kind: str(finding) for finding in found(brand)}

    assert "“Radon (standard" in whats["bill"]
    assert "“Mold (standard" in whats["bill"]


def test_a_charge_deleted_behind_the_bills_back(brand: Brand, job: WorkOrder) -> None:
    damage("DELETE FROM workorders_charge WHERE description = 'Radon'")

    finding = the_one(brand)

    assert finding.what == "line “Radon” of RIA1 bills a charge that is gone"


def test_a_charge_added_behind_the_bills_back(brand: Brand, job: WorkOrder) -> None:
    with _unguarded():
        ChargeFactory(work_order=job, description="Sewer scope", amount=D("90"))

    whats = [finding.what for finding in found(brand)]

    assert "charge “Sewer scope” is on no bill and in no draft" in whats


def test_a_line_of_an_issued_bill(brand: Brand, job: WorkOrder) -> None:
    last = InvoiceRevision.objects.latest("number")
    damage(
        "UPDATE invoicing_invoiceline SET amount = 40 WHERE revision_id = %s AND position = 1",
        last.pk,
    )

    kinds = {finding.kind: finding for finding in found(brand)}

    revision = kinds["revision"]
    assert revision.what == "services total of revision 2 of RIA1"
    assert (revision.found, revision.expected) == (D("350.00"), D("340.00"))
    assert "neither ever changes" in revision.cause
    assert {"bill", "job_balance", "invoice_balance"} <= set(kinds)


def test_the_totals_of_an_old_revision(brand: Brand, job: WorkOrder) -> None:
    damage("UPDATE invoicing_invoicerevision SET tax_total = 3 WHERE number = 1")

    finding = the_one(brand)

    assert finding.what == "tax total of revision 1 of RIA1"


def test_a_ledger_entry_changed(brand: Brand, job: WorkOrder) -> None:
    damage("UPDATE invoicing_ledgerentry SET services_amount = 300 WHERE kind = 'payment'")

    kinds = {finding.kind: finding for finding in found(brand)}

    assert kinds["ledger"].what.startswith("services of payment P-1 · ")
    assert (kinds["ledger"].found, kinds["ledger"].expected) == (D("300.00"), D("388.00"))
    assert "without its ledger being posted" in kinds["ledger"].cause


def test_a_ledger_entry_deleted(brand: Brand, job: WorkOrder) -> None:
    damage("DELETE FROM invoicing_ledgerentry WHERE kind = 'refund'")

    ledger = [finding for finding in found(brand) if finding.kind == "ledger"]

    assert {(f.found, f.expected) for f in ledger} >= {(D("0.00"), D("38.00"))}
    assert "refund:" in ledger[0].what


def test_a_payment_changed_without_its_ledger(brand: Brand, payment: Payment) -> None:
    damage("UPDATE payments_payment SET status = 'failed' WHERE id = %s", payment.pk)

    amounts = {(f.kind, f.found, f.expected) for f in found(brand)}

    assert amounts == {("ledger", D("388.00"), D("0.00")), ("ledger", D("12.00"), D("0.00"))}


def test_an_expected_fee_that_the_ledger_does_not_know(brand: Brand, payment: Payment) -> None:
    damage("UPDATE payments_payment SET fee_expected = 99 WHERE id = %s", payment.pk)

    finding = the_one(brand)

    assert finding.what.startswith("expected fee of payment P-1")
    assert (finding.found, finding.expected) == (D("13.58"), D("99.00"))


def test_money_under_way_that_is_not_shown(brand: Brand, job: WorkOrder) -> None:
    by_check(job, "20")
    damage("DELETE FROM invoicing_moneyinflight")

    kinds = {finding.kind: finding for finding in found(brand)}

    assert kinds["in_flight"].what.endswith("under way")
    assert (kinds["in_flight"].found, kinds["in_flight"].expected) == (D("0.00"), D("20.00"))


def test_an_entry_without_its_source(brand: Brand, job: WorkOrder) -> None:
    entry = LedgerEntry.objects.filter(kind="payment").get()
    with _unguarded():
        LedgerEntry.objects.bulk_create([_copy(entry, source="payment:987654", sequence=1)])

    kinds = {finding.kind: finding for finding in found(brand)}

    assert "comes from payment:987654" in kinds["source"].what
    assert kinds["source"].found == D("400.00")
    assert "is gone or never was" in kinds["source"].cause


def _copy(entry: LedgerEntry, **changes: object) -> LedgerEntry:
    values = {f.attname: getattr(entry, f.attname) for f in LedgerEntry._meta.concrete_fields}
    del values["id"]
    return LedgerEntry(**{**values, **changes, "payment": changes["source"]})


def test_a_credit_used_by_more_than_its_invoices_say(brand: Brand, job: WorkOrder) -> None:
    manual.confirm(by_check(job, "90"), by="Dana")
    credit = pool.keep_as_credit(brand, Invoice.objects.get().pk, D("50"))
    assert found(brand) == []
    damage("UPDATE invoicing_clientcredit SET used = 20 WHERE id = %s", credit.pk)

    finding = the_one(brand)

    assert finding.kind == "credit"
    assert (finding.found, finding.expected) == (D("20.00"), D("0.00"))


def test_a_prepayment_for_no_job(brand: Brand, job: WorkOrder) -> None:
    ClientCredit.objects.create(
        brand=brand, client=job.client, kind="prepayment", amount=D("300"), used=D("10"),
        label="Check 9", happened_at=job.happened_at,
    )  # fmt: skip

    assert the_one(brand).what.endswith("“Check 9”")


# Older systems -----------------------------------------------------------------------------------


def test_what_an_older_system_said_is_told_and_no_fault(
    brand: Brand, job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(brand: Brand, settlements: Any) -> dict[int, list[LegacyFigure]]:
        answer: JobSettlement = settlements[job.pk]
        ours = answer.whole.balance
        agrees = LegacyFigure("paid", D("1"), D("1"))
        return {job.pk: [LegacyFigure("remainingBalance", ours + D("17.95"), ours), agrees]}

    monkeypatch.setattr(legacy, "sources", [told])

    code, text = run()

    assert code == 0
    assert "(older system) ria RIA1: imported remainingBalance: is $" in text
    assert "0 wrong, 1 told otherwise" in text


# The command -------------------------------------------------------------------------------------


def test_json_is_an_object_a_line_and_a_summary(brand: Brand, job: WorkOrder) -> None:
    damage("UPDATE invoicing_jobbalance SET billed = 1")

    code, told = run("--json")

    first, last = map(json.loads, told.splitlines())
    assert code == 1
    assert first == {
        "kind": "job_balance",
        "brand": "ria",
        "job": "RIA1",
        "what": "billed of the job",
        "cause": first["cause"],
        "found": "1.00",
        "expected": "360.82",
        "currency": "USD",
        "ours": True,
    }
    assert last == {"summary": {"jobs": 1, "invoices": 1, "ours": 1, "legacy": 0}}


def test_only_the_newest_jobs(brand: Brand, job: WorkOrder) -> None:
    billed(brand, "RIA2", "10")
    damage("UPDATE invoicing_jobbalance SET billed = 1 WHERE work_order_id = %s", job.pk)

    assert run("--jobs", "1")[0] == 0
    assert run("--jobs", "2")[0] == 1


def test_only_one_brand(brand: Brand, job: WorkOrder) -> None:
    BrandFactory(slug="fhi")
    damage("UPDATE invoicing_jobbalance SET billed = 1")

    assert run("--brand", "fhi") == (0, "0 jobs, 0 invoices: all agree.\n")
    assert run("--brand", "ria")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--brand", "no"], "there is no brand “no”"), (["--jobs", "0"], "--jobs: at least 1")],
)
def test_arguments_that_make_no_sense(db: None, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        run(*arguments)


def test_more_jobs_need_no_more_queries(
    brand: Brand, job: WorkOrder, django_assert_max_num_queries: Any
) -> None:
    for n in range(12):
        by_card(billed(brand, f"RIA1{n}", "329"), "329")
    for number in range(3):
        by_check(job, f"{number + 1}")

    with django_assert_max_num_queries(40):
        assert found(brand) == []


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

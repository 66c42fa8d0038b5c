"""Invoices and credit notes that an older system brings: stored as they were, amended like ours."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Brand
from activity.models import Change, Entry
from activity.projection import project_pending
from invoicing.domain import follow_charges
from invoicing.models import ClientCredit, Invoice, InvoiceBalance, InvoiceRevision, JobBalance
from tests.importing.conftest import a_job, a_payment, counts, run
from tests.importing.lines import (
    ISSUED,
    LATER,
    D,
    a_bill,
    billed,
    paths,
    settled,
    settled_document,
)
from workorders.models import Charge, WorkOrder

pytestmark = pytest.mark.usefixtures("brand")

TAX = {"name": "Sales tax", "percent": "8.25"}


def the_job(brand: Brand) -> WorkOrder:
    job = WorkOrder.objects.get(number="FHI1")
    job.brand = brand
    return job


def test_an_invoice_keeps_its_number_and_its_dates(brand: Brand) -> None:
    bill = a_bill("2041 B", invoice_date="2026-05-03", terms_days=14)

    report = run(a_job(status="confirmed", invoices=[bill]))

    assert counts(report) == (1, 0, 0, 0), report.problems
    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.status) == ("2041 B", "issued")
    assert (invoice.invoice_date, invoice.due_on) == (date(2026, 5, 3), date(2026, 5, 17))
    assert settled(brand).balance == D("329.00")
    assert JobBalance.objects.get().balance == D("329.00")
    assert InvoiceBalance.objects.get().billed == D("329.00")


def test_its_date_is_the_day_of_its_issue_by_the_brands_calendar() -> None:
    run(a_job(invoices=[a_bill(at="2026-05-03T03:00:00Z", due_on="2026-06-01")]))

    invoice = Invoice.objects.get()
    assert invoice.invoice_date == date(2026, 5, 2)
    assert invoice.due_on == date(2026, 6, 1)


def test_its_lines_bill_the_charges_of_the_job(brand: Brand) -> None:
    run(a_job(status="confirmed", invoices=[a_bill()]))

    charge = Charge.objects.get()
    assert InvoiceRevision.objects.get().lines.get().charge_id == charge.pk
    follow_charges.follow(the_job(brand))  # nothing differs: no reason is asked for
    assert InvoiceRevision.objects.count() == 1


def test_a_later_change_of_a_charge_amends_it_like_any_other(brand: Brand) -> None:
    run(a_job(status="confirmed", invoices=[a_bill()]))
    Charge.objects.update(amount="350.00")

    with pytest.raises(ValidationError, match="say why"):
        follow_charges.follow(the_job(brand))
    follow_charges.follow(the_job(brand), "Larger than told")

    assert settled(brand).billed == D("350.00")


def test_several_invoices_of_one_job(brand: Brand) -> None:
    bills = [a_bill("A", "1000.00"), a_bill("B", "400.00")]
    bills[1]["lines"][0]["description"] = "Radon Test"

    report = run(billed(*bills, payments=[a_payment(status="completed", amount="1100.00")]))

    assert counts(report) == (1, 0, 0, 0), report.problems
    assert settled_document(brand, "A").balance == D("0.00")
    assert settled_document(brand, "B").balance == D("300.00")
    assert [c.description for c in Charge.objects.all()] == [
        "General Home Inspection",
        "Radon Test",
    ]


def test_revisions_are_shown_at_their_own_time_by_their_own_actor(brand: Brand) -> None:
    less = {
        "at": LATER,
        "actor": {"kind": "staff", "name": "Ruth Okafor"},
        "reason": "Cancelled the same day",
        "lines": [{"charge": "L2", "amount": "125.00"}],
    }
    step = {
        "at": LATER,
        "status": "cancelled",
        "reason": "Buyer withdrew",
        "charges": [
            {"id": "L2", "service": "Same Day Cancelation - HI NOT Done", "amount": "125.00"}
        ],
    }
    first = a_bill("FHI1", lines=[{"charge": "L1", "amount": "329.00"}], revisions=[less])

    report = run(a_job(history=[step], invoices=[first]))
    project_pending()

    assert counts(report) == (1, 0, 0, 0), report.problems
    one, two = InvoiceRevision.objects.order_by("number")
    assert (one.services_total, two.services_total) == (D("329.00"), D("125.00"))
    assert (one.by, two.by) == ("Dana Whitfield", "Ruth Okafor")
    assert two.reason == "Cancelled the same day"
    assert two.lines.get().service_type == "cancellation"
    shown = Entry.objects.filter(code__startswith="invoice", actor_label="Ruth Okafor").get()
    assert shown.imported
    assert shown.occurred_at == two.happened_at
    assert settled(brand).billed == D("125.00")


def test_money_that_came_before_the_invoice_pays_it(brand: Brand) -> None:
    early = a_payment(at="2026-05-02T10:30:00-06:00", status="completed", amount="100.00")

    run(a_job(invoices=[a_bill("INV-7")], payments=[early]))

    invoice = Invoice.objects.get()
    assert (invoice.number, str(invoice.invoice_date)) == ("INV-7", "2026-05-02")
    assert settled(brand).balance == D("229.00")


def test_a_void_invoice_with_its_reason_and_its_successor(brand: Brand) -> None:
    void = a_bill("OLD-1", status="void", reason="Wrong address", voided_at=LATER)

    report = run(a_job(status="confirmed", invoices=[void, a_bill("OLD-2", at=LATER)]))

    assert counts(report) == (1, 0, 0, 0), report.problems
    old = Invoice.objects.get(number="OLD-1")
    assert (old.status, old.reason) == ("void", "Wrong address")
    assert old.voided_at is not None
    assert old.voided_at.isoformat() == "2026-05-09T18:00:00+00:00"
    assert settled(brand).billed == D("329.00")


def test_what_no_invoice_bills_waits_on_a_draft(brand: Brand) -> None:
    more = {"id": "L2", "service": "Radon Test", "amount": "145.00"}
    charges = [{"id": "L1", "service": "General Home Inspection", "amount": "329.00"}, more]

    run(a_job(status="confirmed", charges=charges, invoices=[a_bill("FHI1")]))

    assert [(i.number, i.status) for i in Invoice.objects.order_by("pk")] == [
        ("FHI1", "issued"),
        ("FHI1-2", "draft"),
    ]
    assert settled(brand).billed == D("329.00")  # the draft next to it does not count


def test_a_draft_stays_one_until_it_is_issued(brand: Brand) -> None:
    draft = a_bill("D-1", status="draft")
    run(a_job(invoices=[draft]))
    assert Invoice.objects.get().status == "draft"

    report = run(a_job(invoices=[a_bill("D-1", invoice_date="2026-05-04")]))

    assert counts(report) == (0, 1, 0, 0), report.problems
    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.status) == ("D-1", "issued")
    assert settled(brand).billed == D("329.00")


def test_taxes_of_charges_and_lines(brand: Brand) -> None:
    charges = [{"id": "L1", "service": "Radon Test", "amount": "100.00", "tax": TAX}]
    bill = a_bill(lines=[{"charge": "L1", "amount": "100.00"}], total="108.25")

    report = run(a_job(charges=charges, invoices=[bill]))

    assert counts(report) == (1, 0, 0, 0), report.problems
    line = InvoiceRevision.objects.get().lines.get()
    assert (line.tax_name, line.tax_amount) == ("Sales tax", D("8.25"))
    assert settled(brand).billed == D("108.25")


def test_a_tax_of_a_charge_reaches_the_bill_that_follows(brand: Brand) -> None:
    charges = [{"id": "L1", "service": "Radon Test", "amount": "100.00", "tax": TAX}]

    run(a_job(status="confirmed", charges=charges))

    assert settled(brand).billed == D("108.25")


def test_an_invoice_below_zero_is_a_credit_note(brand: Brand) -> None:
    back = a_bill("INV-9", lines=[{"description": "Goodwill", "amount": "-50.00"}])

    report = run(a_job(status="confirmed", invoices=[a_bill("INV-8"), back]))

    assert counts(report) == (1, 0, 0, 0), report.problems
    note = Invoice.objects.get(number="INV-9")
    assert (note.kind, note.status) == ("credit_note", "issued")
    credit = ClientCredit.objects.get()
    assert (credit.amount, credit.used, credit.label) == (D("50.00"), D("0"), "INV-9")
    assert settled(brand).billed == D("329.00")


def test_an_earlier_line_without_documents_is_taken_over(brand: Brand) -> None:
    run(a_job(status="confirmed", payments=[a_payment(status="completed")]))
    assert Invoice.objects.get().number == "FHI1"

    report = run(
        a_job(
            status="confirmed",
            payments=[a_payment(status="completed")],
            invoices=[a_bill("FHI1", due_on="2026-07-01")],
        )
    )

    assert counts(report) == (0, 1, 0, 0), report.problems
    assert Invoice.objects.get().due_on == date(2026, 7, 1)
    assert settled(brand).balance == D("0.00")


def test_another_number_for_what_is_billed_already_is_refused() -> None:
    run(a_job(status="confirmed"))

    report = run(a_job(status="confirmed", invoices=[a_bill("X-1")]))

    assert paths(report) == [
        ("invoices[0].number", "FHI1 bills this job already and did not come by import")
    ]


def test_the_same_file_again_changes_nothing_and_a_grown_one_adds() -> None:
    line = a_job(status="confirmed", invoices=[a_bill()])
    run(line)
    before = Change.objects.count()

    assert counts(run(line)) == (0, 0, 1, 0)
    assert Change.objects.count() == before

    revision = {"at": LATER, "reason": "Larger", "lines": [{"charge": "L1", "amount": "350.00"}]}
    grown = [{"at": LATER, "charges": [{"id": "L1", "service": "General Home Inspection",
              "amount": "350.00"}]}]  # fmt: skip
    report = run(a_job(status="confirmed", history=grown, invoices=[a_bill(revisions=[revision])]))
    assert counts(report) == (0, 1, 0, 0), report.problems
    assert InvoiceRevision.objects.count() == 2


def test_a_document_that_is_missing_in_the_new_line_is_an_error() -> None:
    run(a_job(invoices=[a_bill("A")]))

    report = run(a_job(invoices=[a_bill("B")]))

    assert counts(report) == (0, 0, 0, 1)
    assert "invoice A was imported before" in report.problems[0].reason
    assert Invoice.objects.get().number == "A"


def test_a_number_is_unique_in_the_brand_and_nothing_of_the_line_stays() -> None:
    run(a_job(invoices=[a_bill("INV-1")]))

    report = run(a_job(number="FHI2", invoices=[a_bill("INV-1")]))

    assert paths(report) == [("invoices[0].number", "INV-1 is a document of job FHI1 already")]
    assert not WorkOrder.objects.filter(number="FHI2").exists()
    assert not Change.objects.filter(after__number="FHI2").exists()


def test_a_void_is_refused_while_money_is_held_on_it() -> None:
    paid = [a_payment(status="completed")]
    run(a_job(invoices=[a_bill()], payments=paid))

    void = a_bill(status="void", reason="Wrong", voided_at=LATER)
    report = run(a_job(invoices=[void], payments=paid))

    assert paths(report) == [("invoices[0].status", "money is held on INV-1: refund it first")]


REVISED = {"at": ISSUED, "reason": "x", "lines": [{"charge": "L1", "amount": "329.00"}]}

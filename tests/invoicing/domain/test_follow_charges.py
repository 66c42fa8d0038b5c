"""Documents follow the job: drafts have its charges, an issued invoice changes with a reason."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Brand
from core import clock
from invoicing.domain import issuing, numbering
from invoicing.domain.follow_charges import is_issued
from invoicing.models import Invoice, InvoiceLine, InvoiceRevision, LedgerEntry
from tests.invoicing.billed_jobs import (
    D,
    add,
    billed,
    charge,
    confirm,
    figures,
    invoices,
    line,
    paid,
    post,
    settled,
)
from workorders.domain import jobs
from workorders.domain.charges import ChargeLine
from workorders.models import WorkOrder, WorkOrderStatus


def test_a_draft_mirrors_the_charges(job: WorkOrder) -> None:
    charge(job, line("300.00"), line("29.00"))

    document = settled(job).documents[0]
    assert invoices(job) == {"FHI624": "draft"}
    assert [row.amount for row in document.lines] == [D("300.00"), D("29.00")]
    assert document.settlement.services == D("329.00")
    assert not InvoiceRevision.objects.exists()

    charge(job, line("100.00"))
    assert settled(job).whole.services == D("100.00")
    charge(job)
    assert invoices(job) == {}


def test_confirming_issues_it_with_tax_per_line_and_a_due_date(
    job: WorkOrder, brand: Brand
) -> None:
    settings = numbering.settings_of(brand)
    settings.terms_days = 14
    settings.save()
    taxed = ChargeLine("Radon", D("100.10"), tax_name="Sales tax", tax_percent=D("8.25"))
    charge(job, line("329.00"), taxed, taxed)

    confirm(job)

    invoice = Invoice.objects.get(work_order=job)
    revision = invoice.revisions.get()
    assert (invoice.status, invoice.invoice_date) == ("issued", _today())
    assert invoice.due_on == _today() + timedelta(days=14)
    # 8.2582… is rounded on each line, not on the sum.
    assert (revision.number, revision.services_total, revision.tax_total) == (
        *(1, D("529.20")),
        D("16.52"),
    )
    last = revision.lines.last()
    assert last is not None
    assert (last.tax_name, last.tax_percent, last.tax_amount) == ("Sales tax", D("8.25"), D("8.26"))


def _today() -> date:
    return clock.now().astimezone(ZoneInfo("America/Boise")).date()


def test_a_job_is_confirmed_without_charges_and_billed_by_its_first(job: WorkOrder) -> None:
    confirm(job)
    assert invoices(job) == {}

    charge(job, line("329.00"))

    assert invoices(job) == {"FHI624": "issued"}


def test_a_changed_bill_asks_why_and_nothing_is_half_done(job: WorkOrder) -> None:
    billed(job, "329.00")
    (before,) = job.charges.all()

    with pytest.raises(ValidationError) as refused:
        charge(job, line("300.00", charge=before), line("20.00", "Radon"))

    assert set(refused.value.message_dict) == {"reason"}
    assert [c.amount for c in job.charges.all()] == [D("329.00")]
    assert InvoiceRevision.objects.count() == 1
    assert figures(job)[0] == "329.00"


def test_with_a_reason_it_is_a_new_revision_and_the_first_stays(job: WorkOrder) -> None:
    invoice = billed(job, "329.00")
    (before,) = job.charges.all()

    charge(job, line("300.00", "Half price", before), reason="Agreed on the phone")

    first, second = invoice.revisions.all()
    assert [row.amount for row in first.lines.all()] == [D("329.00")]
    assert [(r.amount, r.description) for r in second.lines.all()] == [(D("300.00"), "Half price")]
    assert (second.reason, second.total_before) == ("Agreed on the phone", D("329.00"))
    assert figures(job)[0] == "300.00"


def test_saving_the_same_charges_is_no_revision(job: WorkOrder) -> None:
    billed(job, "329.00")

    add(job)

    assert InvoiceRevision.objects.count() == 1


def test_a_bill_below_zero_is_a_credit_note(job: WorkOrder) -> None:
    invoice = billed(job, "329.00")
    (before,) = job.charges.all()

    with pytest.raises(ValidationError, match="credit note"):
        charge(job, line("329", charge=before), line("-400", "Discount"), reason="A gift")

    assert job.charges.count() == invoice.revisions.count() == 1


def test_one_of_two_bills_below_zero_is_refused_too(job: WorkOrder, brand: Brand) -> None:
    """The job comes to more than nothing, but the invoice would not."""
    billed(job, "329.00")
    issuing.bill_separately(brand, job.pk, [line("100", "Radon")])
    second = issuing.issue_bill(brand, job.pk)
    first, radon = job.charges.all()

    with pytest.raises(ValidationError) as refused:
        charge(job, line("329", charge=first), line("-5", charge=radon), reason="A gift")

    (words,) = refused.value.message_dict["charges"]
    assert words.startswith("FHI624-2 would come to")
    assert "credit note" in words
    assert second.revisions.count() == 1


def test_a_draft_below_zero_is_refused(job: WorkOrder, brand: Brand) -> None:
    billed(job, "329.00")

    with pytest.raises(ValidationError, match="credit note"):
        issuing.bill_separately(brand, job.pk, [line("-20", "Discount")])
    post(job, paid("500.00"))

    assert invoices(job) == {"FHI624": "issued"}
    assert LedgerEntry.objects.get().invoice.number == "FHI624"


def test_a_new_charge_amends_the_last_issued_invoice(job: WorkOrder, brand: Brand) -> None:
    billed(job, "329.00")
    issuing.bill_separately(brand, job.pk, [line("100", "Radon")])
    issuing.issue_bill(brand, job.pk)

    add(job, line("50.00", "Mold"), reason="Found on site")

    first, second = Invoice.objects.filter(work_order=job).order_by("sequence")
    assert first.revisions.count() == 1
    assert second.revisions.count() == 2
    words = InvoiceLine.objects.filter(revision__invoice=second, revision__number=2)
    assert [row.description for row in words] == ["Radon", "Mold"]


def test_after_a_void_no_draft_appears_by_itself(job: WorkOrder, brand: Brand) -> None:
    invoice = billed(job, "329.00")
    issuing.void_invoice(brand, invoice.pk, reason="Wrong client")

    jobs.set_status(brand, job.pk, WorkOrderStatus.PENDING)
    confirm(job)
    (before,) = job.charges.all()
    charge(job, line("300", charge=before))

    assert invoices(job) == {"FHI624": "void"}
    assert issuing.issue_bill(brand, job.pk).number == "FHI624-2"
    assert invoices(job) == {"FHI624": "void", "FHI624-2": "issued"}
    assert figures(job)[0] == "300.00"


def test_a_new_charge_after_a_void_is_drafted_alone(job: WorkOrder, brand: Brand) -> None:
    invoice = billed(job, "329.00")
    issuing.void_invoice(brand, invoice.pk, reason="Wrong client")

    add(job, line("50.00", "Mold"))

    assert invoices(job) == {"FHI624": "void", "FHI624-2": "draft"}
    assert figures(job)[0] == "50.00"


def test_cancelling_a_job_leaves_its_bill(job: WorkOrder, brand: Brand) -> None:
    billed(job, "329.00")

    jobs.set_status(brand, job.pk, WorkOrderStatus.CANCELLED, reason="Sale fell through")

    assert invoices(job) == {"FHI624": "issued"}
    assert InvoiceRevision.objects.count() == 1
    assert figures(job)[0] == "329.00"


def test_a_draft_that_waits_only_for_money_goes_when_that_fails(job: WorkOrder) -> None:
    post(job, paid("50", in_flight=True))
    assert invoices(job) == {"FHI624": "draft"}

    charge(job, line("10"))
    charge(job)
    assert invoices(job) == {"FHI624": "draft"}

    post(job, paid("0"))
    assert invoices(job) == {}


def test_first_charges_after_money_need_no_reason(job: WorkOrder, brand: Brand) -> None:
    post(job, paid("50.00"))
    asks_before = is_issued(job)

    (charge_,) = charge(job, line("329.00"))

    revision = InvoiceRevision.objects.latest("number")
    assert (asks_before, is_issued(job)) == (False, True)
    assert (revision.number, revision.reason) == (2, "First charges of this job")
    assert figures(job) == ("329.00", "50.00", "0.00", "279.00", "Partly paid")
    with pytest.raises(ValidationError) as refused:
        charge(job, line("300.00", charge=charge_))
    assert "reason" in refused.value.message_dict
    charge(job, reason="Nothing was done")
    with pytest.raises(ValidationError):
        charge(job, line("329.00"))


def test_a_bill_without_lines_is_voided_once_its_money_is_gone(
    job: WorkOrder, brand: Brand
) -> None:
    post(job, paid("50.00"))
    post(job, reason="Wrong job")

    issuing.void_invoice(brand, Invoice.objects.get().pk, reason="Wrong job")

    assert figures(job)[3:] == ("0.00", "Void")

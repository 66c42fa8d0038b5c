"""Invoices drafted, issued, amended: statuses go forward, content is written once."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Brand
from invoicing.domain import revisions, rollup
from invoicing.models import Invoice, InvoiceLine, InvoiceStatus
from tests.invoicing.billed_jobs import T0, D, billed
from workorders.models import WorkOrder

STATUSES = list(InvoiceStatus)


def bill_line(amount: str, words: str = "Inspection", tax: str = "0") -> InvoiceLine:
    return InvoiceLine(description=words, amount=D(amount), tax_amount=D(tax))


@pytest.fixture
def draft(job: WorkOrder) -> Invoice:
    made = revisions.draft(job, T0)
    rollup.recompute(job)
    return made


@pytest.mark.parametrize("before", STATUSES)
@pytest.mark.parametrize("after", STATUSES)
def test_a_status_moves_forward_only(
    before: InvoiceStatus, after: InvoiceStatus, draft: Invoice
) -> None:
    draft.status = before
    draft.invoice_date = draft.due_on = T0.date()

    if (before, after) in {("draft", "issued"), ("issued", "void")}:
        revisions.set_status(draft, after, "invoice_date", "due_on")
        assert Invoice.objects.get().status == after
        rollup.recompute(draft.work_order)
    else:
        with pytest.raises(ValidationError, match=f"is {before.label.lower()} already"):
            revisions.set_status(draft, after)
        assert Invoice.objects.get().status == "draft"


def test_issuing_dates_it_by_the_brands_calendar_and_writes_its_content(draft: Invoice) -> None:
    draft.terms_days = 14

    revisions.issue(draft, [bill_line("100.00", tax="8.25"), bill_line("50.00", "Radon")], T0)
    rollup.recompute(draft.work_order)

    issued, revision = Invoice.objects.get(), draft.revisions.get()
    assert (issued.issued_at, issued.invoice_date) == (T0, T0.date())
    assert issued.due_on == T0.date() + timedelta(days=14)
    assert (revision.number, revision.services_total, revision.tax_total) == (
        *(1, D("150.00")),
        D("8.25"),
    )
    lines = revision.lines.values_list("position", "description")
    assert list(lines) == [(0, "Inspection"), (1, "Radon")]


def test_no_invoice_is_below_zero(draft: Invoice) -> None:
    lines = [bill_line("100.00"), bill_line("-100.01", "Discount")]

    with pytest.raises(ValidationError, match=r"would come to −\$0\.01") as refused:
        revisions.issue(draft, lines)

    assert list(refused.value.error_dict) == ["charges"]
    assert Invoice.objects.get().status == "draft"


def test_a_later_revision_knows_what_it_changes(brand: Brand, job: WorkOrder) -> None:
    invoice = billed(job, "329.00")

    with transaction.atomic():
        revisions.write_revision(invoice, [bill_line("300.00")], reason="Agreed")
        rollup.recompute(job)

    last = invoice.revisions.latest("number")
    assert (last.number, last.total_before, last.services_total) == (2, D("329.00"), D("300.00"))
    assert revisions.sum_of(list(last.lines.all()), "USD") == D("300.00")


@pytest.mark.parametrize(
    ("name", "value"), [("amount", D(2)), ("description", "Radon"), ("tax_amount", D(1))]
)
def test_bills_differ_by_what_a_client_reads(name: str, value: object) -> None:
    one, other = bill_line("1.00"), bill_line("1.00")
    assert revisions.content([one]) == revisions.content([other])

    setattr(other, name, value)

    assert revisions.content([one]) != revisions.content([other])

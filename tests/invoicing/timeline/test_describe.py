"""How invoices and credit notes read on a feed, and that figures are the sums of their rows."""

from decimal import Decimal

import pytest

from activity import describe as d
from activity.actors import Actor, ActorKind, acting_as
from activity.models import Entry, Thread
from activity.projection import Feed, project
from console.feed.filters import FIGURE_SHOWS
from invoicing.models import EntryKind, Invoice, InvoiceKind, InvoiceStatus, LedgerEntry
from tests.activity import invoicing_rows as bills
from tests.factories import WorkOrderFactory
from tests.invoicing.timeline.changes import (
    CREDIT,
    DRAFT,
    ISSUED,
    LINE,
    NOTE,
    NOTE_ISSUED,
    REVISION,
    Row,
    change,
    headline_and_second,
    lines,
    rendered,
)
from workorders.models import WorkOrder

# Rows are written past every verb here, and nothing posts them.
pytestmark = pytest.mark.usefixtures("unwatched")

D = Decimal
DANA = Actor(ActorKind.STAFF, "Dana Whitfield", "7")

# Invoices ------------------------------------------------------------------------------------


def test_a_draft_is_technical_and_stays_out_of_the_payment_view() -> None:
    made, deleted = lines(change("invoice", None, DRAFT)), lines(change("invoice", DRAFT, None))

    for (line,) in (made, deleted):
        assert line.technical and not line.payment_view
        assert line.thread == d.ThreadKey("draft", 9)
        assert not line.threads
    assert rendered(made[0]).headline == "Invoice FHI624 draft made"
    assert rendered(deleted[0]).headline == "Draft of invoice FHI624 deleted"


def test_issuing_is_one_line_with_its_total_and_due_date() -> None:
    (line,) = lines(change("invoice", DRAFT, ISSUED), change("revision", None, REVISION, 31))

    assert rendered(line).headline == "Invoice FHI624 issued · $329.00"
    assert rendered(line).second == "Due on receipt"
    assert (line.kind, line.thread, line.payment_view) == (
        "invoice",
        d.ThreadKey("invoice", 9),
        True,
    )
    assert D(line.data["billed"]) == D("329.00")
    assert line.threads[line.thread].status == "issued"


def test_a_draft_made_and_issued_at_once_is_one_line_at_the_time_of_its_revision() -> None:
    revision = change("revision", None, REVISION, 31)

    (line,) = lines(change("invoice", None, DRAFT), change("invoice", DRAFT, ISSUED), revision)

    assert rendered(line).headline == "Invoice FHI624 issued · $329.00"
    assert line.shows[0] == revision.id


def test_issuing_names_terms_and_tax() -> None:
    later = ISSUED | {"due_on": "2026-04-01", "terms_days": 30}
    taxed = REVISION | {"tax_total": D("27.14")}

    headline, second = headline_and_second(
        change("invoice", DRAFT, later), change("revision", None, taxed, 31)
    )

    assert headline == "Invoice FHI624 issued · $356.14"
    assert second == "Due 1 Apr 2026. Includes tax $27.14"


def test_an_amendment_names_both_totals_its_reason_and_the_difference() -> None:
    amended = REVISION | {
        "number": 2,
        "services_total": D("125.00"),
        "total_before": D("329.00"),
        "reason": "Same day cancellation",
    }
    (line,) = lines(change("revision", None, amended, 32))

    sentence = rendered(line, number="FHI624", kind="standard")
    assert sentence.headline == "Invoice FHI624 amended (revision 2): $329.00 → $125.00"
    assert sentence.second == "Reason: Same day cancellation"
    assert D(line.data["billed"]) == D("-204.00")
    assert rendered(line).headline == "Invoice amended (revision 2): $329.00 → $125.00"


def test_two_amendments_of_one_step_are_two_lines() -> None:
    second = REVISION | {"number": 2, "reason": "Measured again"}
    third = REVISION | {"number": 3, "reason": "And again"}

    described = lines(
        change("invoice", DRAFT, ISSUED),
        *(change("revision", None, row, 30) for row in (REVISION, second, third)),
    )

    codes = [line.code for line in described]
    assert codes == ["invoice.issued", "invoice.amended", "invoice.amended"]


def test_a_void_invoice_says_why() -> None:
    (line,) = lines(change("invoice", ISSUED, ISSUED | {"status": "void", "reason": "Twice"}))

    assert rendered(line).headline == "Invoice FHI624 voided"
    assert rendered(line).second == "Reason: Twice"
    assert line.state == "voided"
    assert "billed" not in line.data  # its thread is void, and with it all that it billed


def test_a_later_due_date_is_reported_with_who_asked() -> None:
    later = ISSUED | {"due_on": "2026-04-09", "reason": "Closing was moved"}

    headline, second = headline_and_second(change("invoice", ISSUED, later))

    assert headline == "Invoice FHI624: due 9 Apr 2026 now"
    assert second == "Due: 2 Mar 2026 → 9 Apr 2026. Reason: Closing was moved"


@pytest.mark.parametrize(
    ("data", "status", "title", "subtitle", "word"),
    [
        (ISSUED | {"total": "125.00"}, "issued", "Invoice FHI624 · $125.00", "Due on receipt", ""),
        (
            ISSUED | {"total": "125.00", "reason": "Twice"},
            "void",
            "Invoice FHI624 · $125.00",
            "Reason: Twice",
            "",
        ),
        (
            NOTE_ISSUED | {"total": "-250.00"},
            "issued",
            "Credit note CM-000001 · $250.00",
            "Reason: Radon test not done",
            "",
        ),
    ],
)
def test_a_documents_thread_is_headed_with_number_and_total(
    data: Row, status: str, title: str, subtitle: str, word: str
) -> None:
    head = d.headline("invoice", {"currency": "USD", **data}, status)

    assert head == d.Headline(title, subtitle, word or status)


def test_a_draft_of_a_credit_note_is_headed_by_its_newest_row() -> None:
    assert d.headline("invoice", {"currency": "USD", **NOTE}, "draft") is None


# Credit notes --------------------------------------------------------------------------------


def test_a_credit_note_is_drafted_with_its_lines() -> None:
    headline, second = headline_and_second(
        change("invoice", None, NOTE),
        change("credit_note_line", None, LINE, 1),
        change("credit_note_line", None, LINE | {"amount": D("20.00")}, 2),
    )

    assert headline == "Credit note drafted · $250.00 (2 lines)"
    assert second == "Reason: Radon test not done. “Radon test” −$270.00; “Radon test” $20.00"


def test_a_changed_draft_of_a_credit_note_says_what_it_gives_more() -> None:
    (line,) = lines(change("credit_note_line", LINE, LINE | {"amount": D("-300.00")}, 1))

    assert rendered(line).headline == "Credit note draft changed · gives $30.00 more"
    assert line.kind == "credit"


def test_an_issued_credit_note_and_its_client_credit_are_one_line() -> None:
    revision = REVISION | {"services_total": D("-250.00")}
    credit = CREDIT | {"kind": "credit_note", "amount": D("250.00"), "label": "CM-000001"}

    (line,) = lines(
        change("invoice", NOTE, NOTE_ISSUED),
        change("revision", None, revision, 31),
        change("client_credit", None, credit, 4),
    )

    assert rendered(line).headline == "Credit note CM-000001 issued · $250.00"
    assert rendered(line).second == "Reason: Radon test not done"
    assert line.kind == "credit"


def test_a_void_credit_note_takes_its_credit_back_in_one_line() -> None:
    credit = CREDIT | {"kind": "credit_note", "amount": D("250.00"), "label": "CM-000001"}

    headline, second = headline_and_second(
        change("invoice", NOTE_ISSUED, NOTE_ISSUED | {"status": "void", "reason": "Wrong job"}),
        change("client_credit", credit, credit | {"returned": D("250.00")}, 4),
    )

    assert headline == "Credit note CM-000001 voided"
    assert second == "Reason: Wrong job. $250.00 of client credit taken back"


# On a feed -----------------------------------------------------------------------------------


@pytest.fixture
def job(db: None) -> WorkOrder:
    made: WorkOrder = WorkOrderFactory()
    return made


def entries(job: WorkOrder) -> list[Entry]:
    assert project(Feed(job.brand_id, job.pk))
    return list(Entry.objects.filter(work_order_id=job.pk).order_by("pk"))


def issue(invoice: Invoice) -> None:
    with acting_as(DANA):
        Invoice.objects.filter(pk=invoice.pk).update(
            status=InvoiceStatus.ISSUED, number=f"FHI624-{invoice.pk}"
        )
        bills.make_revision(invoice, 1)


def test_later_lines_know_the_number_that_their_document_had(job: WorkOrder) -> None:
    invoice = bills.make_invoice(job, 1)
    issue(invoice)
    with acting_as(DANA):
        bills.make_revision(invoice, 2)
    with acting_as(DANA):
        bills.make_entry(invoice, bills.make_credit(job), 2)

    headlines = [d.render(e.code, {"currency": "USD", **e.data}).headline for e in entries(job)]

    number = f"FHI624-{invoice.pk}"
    assert f"Invoice {number} amended (revision 2): $400.00 → $329.00" in headlines
    assert f"$50.00 of client credit applied to invoice {number}" in headlines


def test_the_rows_of_billed_sum_to_what_is_billed(job: WorkOrder) -> None:
    first = bills.make_invoice(job, 1)
    issue(first)
    void = bills.make_invoice(job, 2)
    issue(void)
    with acting_as(DANA):
        Invoice.objects.filter(pk=void.pk).update(status=InvoiceStatus.VOID)
    note = bills.make_invoice(job, 3, InvoiceKind.CREDIT_NOTE)
    issue(note)
    with acting_as(DANA):
        bills.make_revision(first, 2)  # 400.00 → 329.00

    entries(job)
    rows = Entry.objects.filter(FIGURE_SHOWS["billed"][1], work_order_id=job.pk)

    assert sorted(D(row.data["billed"]) for row in rows) == [D("-71.00"), D("329.00")]
    assert Thread.objects.get(object_id=void.pk, kind="invoice").state == "voided"


def test_the_rows_of_credits_sum_to_the_credits_of_the_invoice(job: WorkOrder) -> None:
    invoice, credit = bills.make_invoice(job, 1), bills.make_credit(job)
    use = bills.make_entry(invoice, credit, 2)
    bills.make_entry(invoice, credit, 3)  # a payment: reported by its own rows
    bills.make_entry(invoice, credit, 4)
    use.pk, use.kind, use.sequence = None, EntryKind.TO_CREDIT.value, 6
    use.save(force_insert=True)

    entries(job)
    rows = Entry.objects.filter(FIGURE_SHOWS["credits"][1], work_order_id=job.pk)

    assert LedgerEntry.objects.count() == 4
    assert [D(row.data["credited"]) for row in rows.order_by("pk")] == [D(50), D(50), D(-50)]

"""Credits of a client and what was used of them, as an older system brings them."""

from typing import Any

import pytest

from accounts.models import Brand
from activity.models import Change, Entry
from activity.projection import project_pending
from invoicing.models import ClientCredit, Invoice, JobBalance, LedgerEntry
from tests.importing.conftest import Line, a_job, a_payment, counts, run
from tests.importing.lines import (
    ISSUED,
    LATER,
    D,
    a_bill,
    a_use,
    billed,
    paths,
    settled,
    settled_document,
)
from workorders.models import WorkOrder

pytestmark = pytest.mark.usefixtures("brand")

MIXED = [
    {"description": "Inspector was late", "amount": "-270.00"},
    {"description": "Key returned", "amount": "20.00"},
]


def a_note(*uses: Line, **changes: Any) -> Line:
    """The credit note of the reference case: 250.00 of -270.00 and +20.00."""
    return {
        "id": "K1",
        "kind": "credit_note",
        "number": "CM-77",
        "amount": "250.00",
        "at": ISSUED,
        "lines": MIXED,
        "applied": list(uses),
        **changes,
    }


def two_bills() -> list[Line]:
    bills = [a_bill("A", "1000.00"), a_bill("B", "400.00")]
    bills[1]["lines"][0]["description"] = "Radon Test"
    return bills


def test_a_credit_note_of_mixed_signs_on_two_invoices(brand: Brand) -> None:
    uses = (a_use("A", "150.00"), a_use("B", "100.00", at="2026-05-16T12:00:00-06:00"))

    report = run(billed(*two_bills(), credits=[a_note(*uses)]))

    assert counts(report) == (1, 0, 0, 0), report.problems
    note = Invoice.objects.get(number="CM-77")
    assert (note.kind, note.status) == ("credit_note", "issued")
    assert [line.amount for line in note.revisions.get().lines.all()] == [D("-270.00"), D("20.00")]
    credit = ClientCredit.objects.get()
    assert (credit.amount, credit.used) == (D("250.00"), D("250.00"))
    a, b = settled_document(brand, "A"), settled_document(brand, "B")
    assert (a.services, a.balance) == (D("1000.00"), D("850.00"))
    assert (b.services, b.balance) == (D("400.00"), D("300.00"))
    assert JobBalance.objects.get().balance == D("1150.00")


def test_each_use_is_shown_at_its_own_time_by_its_own_actor() -> None:
    by = {"kind": "staff", "name": "Ruth Okafor"}
    run(billed(*two_bills(), credits=[a_note(a_use("A", "150.00", actor=by))]))
    project_pending()

    entry = LedgerEntry.objects.get()
    assert (entry.kind, entry.by) == ("credit", "Ruth Okafor")
    assert entry.happened_at.isoformat() == "2026-05-09T18:00:00+00:00"
    shown = Entry.objects.get(actor_label="Ruth Okafor")
    assert shown.imported
    assert shown.occurred_at == entry.happened_at


def test_a_note_among_the_invoices_is_used_by_its_number(brand: Brand) -> None:
    note = a_bill("CM-77", kind="credit_note", credits="A", lines=MIXED, reason="Late")
    credit = a_note(a_use("A", "250.00"))
    del credit["lines"]

    report = run(billed(a_bill("A", "1000.00"), note, credits=[credit]))

    assert counts(report) == (1, 0, 0, 0), report.problems
    assert ClientCredit.objects.count() == 1
    assert Invoice.objects.get(number="CM-77").credits == Invoice.objects.get(number="A")
    assert settled(brand).balance == D("750.00")


def test_a_note_without_a_number_takes_the_brands_next() -> None:
    credit = a_note(number=None)

    report = run(a_job(status="confirmed", credits=[credit]))

    assert counts(report) == (1, 0, 0, 0), report.problems
    assert Invoice.objects.get(kind="credit_note").number == "CM-000001"


def test_a_note_on_a_bill_that_follows_the_job(brand: Brand) -> None:
    credit = a_note(a_use("FHI1", "29.00"), lines=[], amount="29.00", invoice="FHI1")

    report = run(
        a_job(
            history=[{"at": ISSUED, "status": "confirmed"}],
            credits=[credit],
            payments=[a_payment(status="completed", amount="300.00")],
        )
    )

    assert counts(report) == (1, 0, 0, 0), report.problems
    whole = settled(brand)
    assert (whole.billed, whole.credits, whole.balance) == (D("329.00"), D("29.00"), D("0.00"))


def test_a_prepayment_is_client_credit_without_a_document(brand: Brand) -> None:
    credit = {
        "kind": "prepayment",
        "amount": "300.00",
        "method": "check",
        "reference": "1234",
        "at": ISSUED,
        "applied": [a_use("A", "200.00")],
    }

    report = run(billed(a_bill("A", "1000.00"), credits=[credit]))

    assert counts(report) == (1, 0, 0, 0), report.problems
    stored = ClientCredit.objects.get()
    assert (stored.kind, stored.label, stored.method) == ("prepayment", "Check 1234", "check")
    assert stored.invoice is None
    assert (stored.amount, stored.used) == (D("300.00"), D("200.00"))
    assert settled(brand).balance == D("800.00")
    assert Invoice.objects.count() == 1


def test_an_overpayment_leaves_its_invoice_for_the_client(brand: Brand) -> None:
    credit = {"kind": "overpayment", "amount": "21.00", "at": LATER}
    paid = a_payment(status="completed", amount="350.00")

    report = run(a_job(status="confirmed", payments=[paid], credits=[credit]))

    assert counts(report) == (1, 0, 0, 0), report.problems
    assert settled(brand).balance == D("0.00")
    assert ClientCredit.objects.get().label == "Overpayment of FHI1"


def test_an_overpayment_of_an_imported_invoice(brand: Brand) -> None:
    credit = {"kind": "overpayment", "amount": "21.00", "at": LATER, "invoice": "A"}
    paid = a_payment(status="completed", amount="350.00")

    report = run(billed(a_bill("A"), payments=[paid], credits=[credit]))

    assert counts(report) == (1, 0, 0, 0), report.problems
    assert settled(brand).balance == D("0.00")
    assert ClientCredit.objects.get().amount == D("21.00")


def test_a_credit_pays_another_job_of_the_client(brand: Brand) -> None:
    first = billed(a_bill("A", "1000.00"))
    second = billed(a_bill("B", "400.00"), number="FHI2", credits=[a_note(a_use("A", "250.00"))])

    report = run(first, second)

    assert counts(report) == (2, 0, 0, 0), report.problems
    assert settled(brand, "FHI1").balance == D("750.00")
    assert settled(brand, "FHI2").balance == D("400.00")
    assert JobBalance.objects.get(work_order__number="FHI1").balance == D("750.00")


def test_the_other_jobs_line_must_come_first() -> None:
    second = billed(a_bill("B"), number="FHI2", credits=[a_note(a_use("A", "250.00"))])

    report = run(second, billed(a_bill("A", "1000.00")))

    assert paths(report) == [
        ("credits[0].applied[0].invoice", "no invoice A here yet: its line must come first")
    ]
    assert not WorkOrder.objects.filter(number="FHI2").exists()
    assert not ClientCredit.objects.exists()


def test_another_clients_invoice_is_refused() -> None:
    other = billed(a_bill("B"), number="FHI2", client={"id": "C2", "name": "Somebody else"},
                   credits=[a_note(a_use("A", "250.00"))])  # fmt: skip

    report = run(billed(a_bill("A", "1000.00")), other)

    assert paths(report) == [("credits[0].applied[0].invoice", "A is another client’s")]


def test_a_void_returns_the_credit(brand: Brand) -> None:
    void = a_bill("A", "1000.00", status="void", reason="Wrong", voided_at="2026-06-01T12:00:00Z")

    report = run(billed(void, credits=[a_note(a_use("A", "150.00"))]))

    assert counts(report) == (1, 0, 0, 0), report.problems
    assert ClientCredit.objects.get().used == D("0")
    assert [e.kind for e in LedgerEntry.objects.order_by("pk")] == ["credit", "credit_reversal"]
    assert settled(brand).balance == D("0.00")


def test_a_void_credit_note_gives_nothing_any_more_and_a_used_one_is_no_void() -> None:
    note = a_bill("CM-7", lines=MIXED, kind="credit_note", status="void", reason="Twice",
                  voided_at=LATER)  # fmt: skip
    run(billed(a_bill("A"), note))
    assert ClientCredit.objects.get().returned == D("250.00")

    used = a_note(a_use("B1", "10.00", at=ISSUED), number="CM-8")
    del used["lines"]
    report = run(billed(a_bill("B1"), note | {"number": "CM-8"}, number="FHI2", credits=[used]))

    assert paths(report) == [("invoices[1].status", "CM-8 is used: it cannot be void")]


def test_the_same_again_changes_nothing_and_a_new_use_is_added(brand: Brand) -> None:
    line = billed(*two_bills(), credits=[a_note(a_use("A", "150.00"))])
    run(line)
    before = Change.objects.count()

    assert counts(run(line)) == (0, 0, 1, 0)
    assert Change.objects.count() == before

    grown = a_note(a_use("A", "150.00"), a_use("B", "100.00"))
    report = run(billed(*two_bills(), credits=[grown]))

    assert counts(report) == (0, 1, 0, 0), report.problems
    assert ClientCredit.objects.get().used == D("250.00")
    assert settled(brand).balance == D("1150.00")


def test_what_was_imported_of_a_credit_stays() -> None:
    run(billed(*two_bills(), credits=[a_note(a_use("A", "150.00"))]))

    changed = run(billed(*two_bills(), credits=[a_note(a_use("A", "140.00"))]))
    missing = run(billed(*two_bills(), credits=[a_note()]))

    assert paths(changed) == [
        ("credits[0].applied[0]", "what was used of a credit stays as it was imported")
    ]
    assert "is missing now" in missing.problems[0].reason
    assert ClientCredit.objects.get().used == D("150.00")


def test_more_than_an_invoice_asks_for_is_refused() -> None:
    report = run(billed(a_bill("A", "100.00"), credits=[a_note(a_use("A", "150.00"))]))

    assert paths(report) == [("credits[0].applied[0].amount", "only 100.00 is asked for by A")]

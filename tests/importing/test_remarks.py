"""What older systems have comes in as it was, and the report says what is otherwise than ours."""

from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from core.money import charge_tax
from importing.loader import Report
from invoicing.models import Invoice, InvoiceLine
from invoicing.settlement.types import Word
from payments.models import Payment
from tests.audit.damage import findings_of
from tests.importing.conftest import Line, a_job, a_payment, counts, run
from tests.importing.lines import ISSUED, LATER, a_bill, a_use, billed, settled, settled_document
from workorders.domain import charges
from workorders.models import Charge, WorkOrder

D = Decimal
VAT = {"name": "VAT", "percent": "20"}
AMOUNTS = ("68.33", "68.33", "57.50", "85.00")
BEFORE = "2026-04-20T09:00:00-06:00"


def taxed(**tax: Any) -> list[Line]:
    return [
        {"id": f"L{n}", "service": f"Service {n}", "amount": a, "tax": VAT | tax}
        for n, a in enumerate(AMOUNTS)
    ]


def texts(report: Report) -> list[tuple[int, str, str]]:
    return [(r.line, r.path, r.text) for r in report.remarks]


# Tax to the cent ------------------------------------------------------------

KEPT = "the tax is kept as it was, $55.83; line by line it would be $55.84"


def test_a_tax_rounded_on_the_sum_stays_to_the_cent(brand: Brand) -> None:
    bill = a_bill(
        total="334.99", lines=[{"charge": f"L{n}", "amount": a} for n, a in enumerate(AMOUNTS)]
    )

    report = run(a_job(status="confirmed", charges=taxed(), invoices=[bill]))

    assert report.created == 1, report.problems
    assert texts(report) == [(1, "invoices[0].lines", KEPT)]
    assert settled(brand).billed == D("334.99")
    assert findings_of(brand) == []
    assert run(a_job(status="confirmed", charges=taxed(), invoices=[bill])).unchanged == 1


def test_of_charges_that_the_invoices_lines_make(brand: Brand) -> None:
    lines = [
        {"description": f"Service {n}", "amount": a, "tax": VAT} for n, a in enumerate(AMOUNTS)
    ]

    report = run(billed(a_bill(total="334.99", lines=lines)))

    assert report.created == 1, report.problems
    assert settled(brand).billed == D("334.99")
    assert findings_of(brand) == []


def test_each_document_by_itself(brand: Brand) -> None:
    lines = [
        {"description": f"Service {n}", "amount": a, "tax": VAT} for n, a in enumerate(AMOUNTS)
    ]
    first, second = (
        a_bill("A", total="334.99", lines=lines),
        a_bill("B", total="335.00", lines=lines),
    )

    report = run(billed(first, second))

    assert [path for _, path, _ in texts(report)] == ["invoices[0].lines"]
    assert settled_document(brand, "A").billed == D("334.99")
    assert settled_document(brand, "B").billed == D("335.00")


def test_a_job_without_documents_by_its_older_total(brand: Brand) -> None:
    report = run(a_job(status="confirmed", charges=taxed(), legacy={"total_amount": "334.99"}))

    assert report.created == 1, report.problems
    assert texts(report) == [(1, "charges", KEPT)]
    assert settled(brand).billed == D("334.99")
    assert report.disagreements == []
    assert findings_of(brand) == []


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    cents=st.lists(st.integers(1, 90000), min_size=2, max_size=6),
    percent=st.sampled_from(["20", "8.25", "7.7"]),
    as_charges=st.booleans(),
)
def test_any_tax_rounded_on_the_sum_stays(
    brand: Brand, cents: list[int], percent: str, as_charges: bool
) -> None:
    amounts = [D(n).scaleb(-2) for n in cents]
    tax = {"name": "VAT", "percent": percent}
    asked = sum(amounts, D(0)) + charge_tax(sum(amounts, D(0)), D(percent), "USD")
    lines = [
        {"description": f"Item {n}", "amount": str(a), "tax": tax} for n, a in enumerate(amounts)
    ]
    charges_ = [{"id": f"L{n}", **line} for n, line in enumerate(lines)] if as_charges else []
    bill = a_bill(total=str(asked), lines=lines)

    try:
        with transaction.atomic():
            report = run(a_job(status="confirmed", charges=charges_, invoices=[bill]))
            assert report.created == 1, report.problems
            assert settled(brand).billed == asked
            assert findings_of(brand) == []
            raise _Undo
    except _Undo:
        pass


class _Undo(Exception):
    pass


def test_a_tax_that_is_given_is_believed_within_a_cent(brand: Brand) -> None:
    lines = taxed()
    lines[0]["tax"] = VAT | {"amount": "13.66"}

    report = run(a_job(status="confirmed", charges=lines))

    assert report.created == 1, report.problems
    assert texts(report) == [(1, "charges", KEPT)]
    assert InvoiceLine.objects.get(description="Service 0").tax_amount == D("13.66")
    assert settled(brand).billed == D("334.99")


def test_a_tax_that_is_off_by_more_is_refused(brand: Brand) -> None:
    lines = taxed()
    lines[0]["tax"] = VAT | {"amount": "13.65"}

    report = run(a_job(charges=lines))

    (problem,) = report.problems
    assert problem.path == "charges[0].tax.amount"
    assert "a cent more or less is believed" in problem.reason


def test_the_tax_is_computed_again_once_its_amount_changes(brand: Brand) -> None:
    lines = taxed()
    lines[0]["tax"] = VAT | {"amount": "13.66"}
    run(a_job(status="confirmed", charges=lines))
    job = WorkOrder.objects.get()
    job.brand = brand
    rows = list(job.charges.all())

    def replaced(first: str) -> None:
        kept = [
            charges.ChargeLine(
                c.description, D(first) if c.pk == rows[0].pk else c.amount, id=c.pk,
                service_id=c.service_id, tax_name=c.tax_name, tax_percent=c.tax_percent,
            )
            for c in rows
        ]  # fmt: skip
        charges.replace_charges(brand, job.pk, kept, reason="Measured again")

    replaced("68.33")
    assert Charge.objects.get(pk=rows[0].pk).tax_amount == D("13.66")
    assert settled(brand).billed == D("334.99")

    replaced("68.34")
    assert Charge.objects.get(pk=rows[0].pk).tax_amount is None
    assert settled(brand).billed == D("335.01")
    assert findings_of(brand) == []


# Before the booking, in any order ------------------------------------------------------------


def test_money_that_came_before_the_booking(brand: Brand) -> None:
    credit = {"kind": "prepayment", "amount": "50.00", "at": BEFORE, "method": "check"}

    report = run(
        a_job(
            status="confirmed",
            payments=[a_payment(at=BEFORE, status="completed", amount="100.00")],
            credits=[credit],
            notes=[{"at": BEFORE, "text": "Deposit promised"}],
        )
    )

    assert report.created == 1, report.problems
    money = settled(brand)
    assert (money.received, money.balance) == (D("100.00"), D("229.00"))
    assert Payment.objects.get().paid_at is not None
    assert findings_of(brand) == []


@pytest.mark.parametrize("order", list(permutations(range(4)))[::3])
def test_documents_in_any_order(brand: Brand, order: tuple[int, ...]) -> None:
    documents = [
        a_bill("INV-1", "300.00", at=LATER),
        a_bill("INV-2", "29.00", status="draft"),
        a_bill("INV-3", "40.00", status="void", voided_at=LATER, reason="Twice"),
        a_bill("CM-1", "-20.00", kind="credit_note", credits="INV-1", at=ISSUED),
    ]
    note = {"kind": "credit_note", "number": "CM-1", "amount": "20.00", "at": ISSUED}
    credit = note | {"applied": [a_use("INV-1", "20.00", at=ISSUED)]}

    report = run(billed(*(documents[n] for n in order), status="confirmed", credits=[credit]))

    assert report.created == 1, report.problems
    assert settled_document(brand, "INV-1").balance == D("280.00")
    assert Invoice.objects.get(number="INV-2").status == "draft"
    assert findings_of(brand) == []


def test_a_draft_that_is_issued_while_another_one_comes(brand: Brand) -> None:
    """A job has one draft at most, whatever the days of the two."""
    run(billed(a_bill("INV-1", status="draft"), status="confirmed"))
    second = a_bill("INV-2", "20.00", status="draft", at="2026-05-02T13:00:00-06:00")

    report = run(billed(a_bill("INV-1"), second, status="confirmed"))

    assert report.updated == 1, report.problems
    assert Invoice.objects.get(number="INV-1").status == "issued"
    assert findings_of(brand) == []


# Never confirmed ------------------------------------------------------------

CANCELLED = {"at": LATER, "status": "cancelled", "reason": "Buyer withdrew"}
CONFIRMED = {"at": "2026-05-03T12:00:00-06:00", "status": "confirmed"}


@pytest.mark.parametrize(
    "changes", [{"history": [CANCELLED]}, {"status": "cancelled"}], ids=["then", "now"]
)
def test_a_job_cancelled_without_being_confirmed_owes_nothing(brand: Brand, changes: Line) -> None:
    report = run(a_job(**changes))

    assert counts(report) == (1, 0, 0, 0)
    assert settled(brand).word == Word.DRAFT
    assert not Invoice.objects.exclude(status="draft").exists()
    words = "cancelled without having been confirmed: $329.00 is not billed"
    assert texts(report) == [(1, "charges", words)]
    assert findings_of(brand) == []


def test_one_that_was_confirmed_before_owes_its_charges(brand: Brand) -> None:
    report = run(a_job(history=[CONFIRMED, CANCELLED]))

    assert settled(brand).amount_due == D("329.00")
    assert report.remarks == []


def test_one_that_is_confirmed_again_owes_them_from_then_on(brand: Brand) -> None:
    run(a_job(history=[CANCELLED]))

    again = {"at": "2026-05-12T12:00:00-06:00", "status": "confirmed"}
    report = run(a_job(history=[CANCELLED, again]))

    assert report.updated == 1, report.problems
    assert settled(brand).amount_due == D("329.00")

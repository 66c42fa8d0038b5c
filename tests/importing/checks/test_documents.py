"""What contradicts itself in documents and credits is reported with its path and reason."""

from typing import Any

import pytest

from tests.importing.conftest import Line, a_job, run
from tests.importing.lines import (
    ISSUED,
    LATER,
    a_bill,
    a_use,
    billed,
    paths,
)
from workorders.models import WorkOrder

pytestmark = pytest.mark.usefixtures("brand")


TAX = {"name": "Sales tax", "percent": "8.25"}


REVISED = {"at": ISSUED, "reason": "x", "lines": [{"charge": "L1", "amount": "329.00"}]}


@pytest.mark.parametrize(
    ("bill", "path", "reason"),
    [
        (a_bill(total="330.00"), "invoices[0].total", "the lines come to 329.00"),
        (a_bill("a/b"), "invoices[0].number", "pattern"),
        (a_bill(at="2026-05-01T09:00:00Z"), "invoices[0].at", "before the job was booked"),
        (a_bill(lines=[]), "invoices[0].lines", "missing"),
        (a_bill(lines=[{"amount": "5.00"}]), "invoices[0].lines[0]", "a charge or a description"),
        (a_bill(amount="300.00"), "invoices[0].lines[0]", "bills no charge"),
        (
            a_bill(lines=[{"charge": "L1", "amount": "300.00"}]),
            "invoices[0].lines[0].amount",
            "but the charge L1 says “329.00”",
        ),
        (
            a_bill(lines=[{"charge": "L1", "amount": "329.00", "tax": TAX | {"amount": "27.14"}}]),
            "invoices[0].lines[0].tax.percent",
            "8.25",
        ),
        (a_bill(status="void", voided_at=LATER), "invoices[0].reason", "missing"),
        (a_bill(status="void", reason="x"), "invoices[0].voided_at", "missing"),
        (a_bill(voided_at=LATER), "invoices[0].voided_at", "void documents"),
        (a_bill(kind="credit_note"), "invoices[0].lines", "gives back: less than zero"),
        (a_bill(credits="INV-0"), "invoices[0].credits", "for credit notes"),
        (a_bill(status="draft", revisions=[REVISED]), "invoices[0].revisions", "a draft has none"),
        (
            a_bill(revisions=[REVISED | {"at": "2026-05-02T11:00:00-06:00"}]),
            "invoices[0].revisions[0].at",
            "earlier",
        ),
        (a_bill(revisions=[REVISED | {"reason": ""}]), "invoices[0].revisions[0].reason", "1"),
        (
            a_bill(invoice_date="2026-05-02", due_on="2026-05-01"),
            "invoices[0].due_on",
            "before the invoice",
        ),
        (a_bill(terms_days=-1), "invoices[0].terms_days", "greater"),
    ],
)
def test_each_problem_of_an_invoice_has_its_path(bill: Any, path: str, reason: str) -> None:
    report = run(a_job(invoices=[bill]))

    reported = dict(paths(report))
    assert path in reported, reported
    assert reason in reported[path]
    assert not WorkOrder.objects.exists()


def test_a_charge_is_billed_once_and_a_number_is_given_once() -> None:
    report = run(a_job(invoices=[a_bill("A"), a_bill("B", lines=[{"charge": "L1",
                 "amount": "329.00"}])]))  # fmt: skip
    assert paths(report) == [("invoices[1].lines[0].charge", "L1 is billed already")]

    report = run(a_job(invoices=[a_bill("A"), a_bill("A")]))
    assert paths(report) == [("invoices[1].number", "“A” stands here twice")]


def test_a_tax_amount_that_does_not_follow_from_its_percentage_is_refused() -> None:
    charge = {"service": "X", "amount": "100.00", "tax": TAX | {"amount": "9.00"}}

    report = run(a_job(charges=[charge]))

    why = "8.25 % of 100.00 is 8.25; a cent more or less is believed"
    assert paths(report) == [("charges[0].tax.amount", why)]


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


@pytest.mark.parametrize(
    ("credit", "path", "reason"),
    [
        (a_note(amount="260.00"), "credits[0].amount", "they give back 250.00"),
        (a_note(a_use("A", "251.00")), "credits[0].applied[0].amount", "only 250.00 is left"),
        (
            a_note(a_use("A", "200.00"), a_use("B", "60.00")),
            "credits[0].applied[1].amount",
            "only 50.00 is left of the credit",
        ),
        (
            a_note(a_use("A", "5.00", at="2026-05-02T11:00:00-06:00")),
            "credits[0].applied[0].at",
            "before there was a credit",
        ),
        (a_note(method="check"), "credits[0].method", "not for a credit of kind credit_note"),
        (a_note(kind="gift"), "credits[0].kind", "'credit_note', 'overpayment' or 'prepayment'"),
        (a_note(at="2026-05-01T11:00:00Z"), "credits[0].at", "before the job was booked"),
        (
            {"kind": "overpayment", "amount": "5.00", "at": LATER},
            "credits[0].amount",
            "more was overpaid",
        ),
        (
            a_note(kind="prepayment", lines=[], number=None, invoice="A"),
            "credits[0].invoice",
            "prepayment",
        ),
        (a_note(invoice="NOPE"), "credits[0]", "gives back NOPE"),
    ],
)
def test_each_problem_of_a_credit_has_its_path(credit: Any, path: str, reason: str) -> None:
    report = run(billed(*two_bills(), credits=[credit]))

    reported = dict(paths(report))
    assert path in reported, reported
    assert reason in reported[path]
    assert not WorkOrder.objects.exists()

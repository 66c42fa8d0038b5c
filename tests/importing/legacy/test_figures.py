"""Older figures: the documents behind them are restored, the figures stored as they came."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Brand
from importing.format.documents import LegacyIn
from importing.legacy.figures import as_legacy, restore, service_type_of, stored_row
from importing.models import LegacyFigures
from invoicing.models import ClientCredit, Invoice, JobBalance
from tests.importing.conftest import Line, a_job, a_payment, counts, run
from tests.importing.lines import (
    LATER,
    D,
    a_bill,
    billed,
    paths,
    settled,
    settled_document,
)
from workorders.models import Charge, WorkOrder

LOWERED = {"total_amount": "75.00", "credit_applied": "25.00"}


def test_a_total_that_a_credit_lowered_is_restored(brand: Brand) -> None:
    line = a_job(
        status="confirmed",
        charges=[{"id": "L1", "service": "Radon Test", "amount": "100.00"}],
        legacy=LOWERED,
    )

    report = run(line)

    assert counts(report) == (1, 0, 0, 0), report.problems
    whole = settled(brand)
    assert (whole.services, whole.credits, whole.balance) == (D("100.00"), D("25.00"), D("75.00"))
    assert JobBalance.objects.get().balance == D("75.00")
    assert report.disagreements == []


@pytest.mark.parametrize("charges", [[], [{"id": "L1", "service": "Radon", "amount": "75.00"}]])
def test_charges_that_were_lowered_too_or_lost_are_completed(
    brand: Brand, charges: list[Line]
) -> None:
    report = run(a_job(charges=charges, legacy=LOWERED))

    assert counts(report) == (1, 0, 0, 0), report.problems
    whole = settled(brand)
    assert (whole.services, whole.credits, whole.balance) == (D("100.00"), D("25.00"), D("75.00"))
    assert sum(c.amount for c in Charge.objects.all()) == D("100.00")
    assert counts(run(a_job(charges=charges, legacy=LOWERED))) == (0, 0, 1, 0)


@pytest.mark.parametrize("amount", ["100.00", "75.00", None])
def test_the_same_of_one_of_several_invoices(brand: Brand, amount: str | None) -> None:
    lowered = a_bill("L-1", legacy=LOWERED)
    lowered["lines"] = [{"description": "Radon Test", "amount": amount}] if amount else []

    report = run(billed(a_bill("L-2", "329.00"), lowered))

    assert counts(report) == (1, 0, 0, 0), report.problems
    one = settled_document(brand, "L-1")
    assert (one.services, one.credits, one.balance) == (D("100.00"), D("25.00"), D("75.00"))
    assert settled_document(brand, "L-2").balance == D("329.00")
    assert report.disagreements == []


def test_a_credit_that_the_line_names_is_not_made_again(brand: Brand) -> None:
    credit = {"kind": "credit_note", "number": "CM-5", "amount": "40.00", "at": LATER,
              "applied": [{"invoice": "L-1", "amount": "25.00", "at": LATER}]}  # fmt: skip

    report = run(billed(a_bill("L-1", "100.00", legacy=LOWERED), credits=[credit]))

    assert counts(report) == (1, 0, 0, 0), report.problems
    assert ClientCredit.objects.get().amount == D("40.00")
    assert settled(brand).balance == D("75.00")


AMOUNTS = st.decimals(min_value=-9999, max_value=9999, places=2)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "total_amount": AMOUNTS,
            "credit_applied": st.decimals(min_value=0, max_value=9999, places=2),
            "is_prepayment": st.booleans(),
            "total_with_fees": AMOUNTS,
            "total_fees": AMOUNTS,
            "remaining_balance": AMOUNTS,
            "paid": st.booleans() | st.decimals(min_value=0, max_value=9999, places=2),
        },
    )
)
def test_a_row_restored_is_the_row_again(row: dict[str, Any]) -> None:
    reported = LegacyIn.model_validate(
        {k: str(v) if not isinstance(v, bool) else v for k, v in row.items()},
        context={"currency": "USD"},
    )

    assert as_legacy(restore(reported)) == row


@pytest.mark.parametrize(
    "row",
    [
        LOWERED,
        {"total_amount": "-50.00"},
        {"total_amount": "300.00", "is_prepayment": True},
        {"total_with_fees": "517.95", "total_fees": "17.95", "paid": "500.00"},
        {"paid": True, "remaining_balance": "0.00"},
    ],
)
def test_the_row_is_stored_and_leads_back(brand: Brand, row: Line) -> None:
    report = run(a_job(status="confirmed", charges=[], legacy=row))

    assert counts(report) == (1, 0, 0, 0), report.problems
    stored = stored_row(brand, WorkOrder.objects.get().pk)
    assert stored is not None
    assert LegacyFigures.objects.get().row == row
    expected = {k: v if isinstance(v, bool) else D(v) for k, v in row.items()}
    assert as_legacy(restore(stored)) == expected


def test_what_was_restored_and_what_is_stored_agree(brand: Brand) -> None:
    run(a_job(charges=[], legacy=LOWERED))

    whole, stored = settled(brand), stored_row(brand, WorkOrder.objects.get().pk)
    assert stored is not None
    assert (restore(stored).total, restore(stored).balance) == (whole.services, whole.balance)


def test_a_prepayment_becomes_client_credit(brand: Brand) -> None:
    row = {"total_amount": "300.00", "is_prepayment": True}

    report = run(a_job(charges=[], legacy=row))

    assert counts(report) == (1, 0, 0, 0), report.problems
    credit = ClientCredit.objects.get()
    assert (credit.kind, credit.amount) == ("prepayment", D("300.00"))
    assert not Invoice.objects.exists()
    assert report.disagreements == []


def test_a_prepayment_among_the_invoices(brand: Brand) -> None:
    row = {"total_amount": "300.00", "is_prepayment": True}

    report = run(billed(a_bill("INV-1"), a_bill("PRE-1", lines=[], legacy=row)))

    assert counts(report) == (1, 0, 0, 0), report.problems
    assert ClientCredit.objects.get().label == "Prepayment PRE-1"
    assert [i.number for i in Invoice.objects.all()] == ["INV-1"]
    assert report.disagreements == []


def test_a_negative_total_becomes_a_credit_note_issued_and_unused(brand: Brand) -> None:
    report = run(a_job(status="confirmed", charges=[], legacy={"total_amount": "-50.00"}))

    assert counts(report) == (1, 0, 0, 0), report.problems
    note = Invoice.objects.get()
    assert (note.kind, note.status, note.number) == ("credit_note", "issued", "CM-000001")
    credit = ClientCredit.objects.get()
    assert (credit.amount, credit.used) == (D("50.00"), D("0"))
    assert report.disagreements == []


@pytest.mark.usefixtures("brand")
def test_negative_charges_are_the_lines_of_the_credit_note() -> None:
    charges = [
        {"service": "Refund of fee", "amount": "-270.00"},
        {"service": "Key", "amount": "20.00"},
    ]

    report = run(a_job(charges=charges, legacy={"total_amount": "-250.00"}))

    assert counts(report) == (1, 0, 0, 0), report.problems
    lines = Invoice.objects.get().revisions.get().lines.all()
    assert [line.amount for line in lines] == [D("-270.00"), D("20.00")]
    assert not Charge.objects.exists()


@pytest.mark.parametrize(
    ("legacy", "more", "path"),
    [
        ({"is_prepayment": True}, {}, "legacy.total_amount"),
        (
            {"is_prepayment": True, "total_amount": "5.00"},
            {"payments": [a_payment()]},
            "legacy.is_prepayment",
        ),
        ({"credit_applied": "-1.00"}, {}, "legacy.credit_applied"),
        ({"paid": "lots"}, {}, "legacy.paid"),
        ({"is_prepayment": "yes"}, {}, "legacy.is_prepayment"),
        ({"totalWithFees": "5.00"}, {}, "legacy.totalWithFees"),
    ],
)
@pytest.mark.usefixtures("brand")
def test_what_cannot_be_read_is_reported_with_its_path(legacy: Line, more: Line, path: str) -> None:
    assert [p for p, _ in paths(run(a_job(legacy=legacy, **more)))] == [path]


@pytest.mark.parametrize(
    "name",
    [
        "Same Day Cancelation - HI NOT Done",
        "Same-Day Cancellation Fee",
        "SAME DAY CANCELLATION",
        "Fee: same_day cancelled",
        "Sameday cancel",
        "Home Inspection (same - day cancellations)",
    ],
)
def test_a_same_day_cancellation_is_of_that_type(name: str) -> None:
    assert service_type_of(name) == "cancellation"


@pytest.mark.parametrize(
    "name",
    [
        "Cancellation",
        "Cancellation Fee",
        "Same Day Inspection",
        "Same Day Report, Cancellation waived",
        "Late cancel, same day",
        "Cancelled",
        "",
    ],
)
def test_any_other_name_is_an_ordinary_service(name: str) -> None:
    assert service_type_of(name) == "standard"

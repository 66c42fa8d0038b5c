"""Figures of an older system: restored, kept, compared; a disagreement never refuses a line."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Brand
from invoicing.models import ClientCredit, Invoice, JobBalance
from invoicing.models import FeePolicy as Policy
from payments.importing.format_bills import LegacyIn
from payments.importing.legacy import as_legacy, disagreements, kept_row, restore
from payments.importing.models import LegacyFigures
from payments.models import Payment
from tests.factories import BrandFactory
from tests.importing.conftest import Line, a_job, a_payment, counts, run
from tests.importing.papers import (
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


def a_policy(brand: Brand, **changes: Any) -> Policy:
    """3.59 % of every card, absorbed."""
    values: dict[str, Any] = {
        "effective_from": "2026-01-01T00:00:00Z",
        "percent": D("3.59"),
        "fundings": ["credit", "debit", "prepaid", "unknown"],
    }
    return Policy.objects.create(brand=brand, **{**values, **changes})


def ria(**changes: Any) -> Line:
    """RIA2159: 500.00 by card without its fee."""
    return a_job(
        **{
            "number": "RIA2159",
            "status": "confirmed",
            "charges": [{"id": "L1", "service": "General Home Inspection", "amount": "500.00"}],
            "payments": [a_card()],
            "legacy": {"total_with_fees": "517.95", "remaining_balance": "0.00"},
            **changes,
        }
    )


def a_card(**changes: Any) -> Line:
    return a_payment(
        **{
            "method": "card",
            "provider": "stripe",
            "status": "completed",
            "funding": "credit",
            "amount": "500.00",
            "reference": "pi_1",
            **changes,
        }
    )


# Restored ----------------------------------------------------------------------------------------


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


def test_a_credit_that_is_told_of_is_not_made_again(brand: Brand) -> None:
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
    told = LegacyIn.model_validate(
        {k: str(v) if not isinstance(v, bool) else v for k, v in row.items()},
        context={"currency": "USD"},
    )

    assert as_legacy(restore(told)) == row


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
    kept = kept_row(brand, WorkOrder.objects.get().pk)
    assert kept is not None
    assert LegacyFigures.objects.get().row == row
    expected = {k: v if isinstance(v, bool) else D(v) for k, v in row.items()}
    assert as_legacy(restore(kept)) == expected


def test_what_was_restored_and_what_is_stored_agree(brand: Brand) -> None:
    run(a_job(charges=[], legacy=LOWERED))

    whole, kept = settled(brand), kept_row(brand, WorkOrder.objects.get().pk)
    assert kept is not None
    assert (restore(kept).total, restore(kept).balance) == (whole.services, whole.balance)


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


def test_a_negative_total_becomes_a_credit_note_issued_and_not_applied(brand: Brand) -> None:
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
def test_what_cannot_be_read_is_told_with_its_path(legacy: Line, more: Line, path: str) -> None:
    assert [p for p, _ in paths(run(a_job(legacy=legacy, **more)))] == [path]


# Compared ----------------------------------------------------------------------------------------


def told(*lines: Line) -> list[str]:
    report = run(*lines)
    assert report.rejected == 0, report.problems
    return [str(d) for d in report.disagreements]


def test_ria2159_absorbed(brand: Brand) -> None:
    a_policy(brand)

    assert told(ria()) == [
        (
            "RIA2159: legacy says total with fees 517.95, ours says 500.00 "
            "(technology fee 17.95 not collected, absorbed)"
        )
    ]
    assert settled(brand, "RIA2159").word == "Paid"


def test_ria2159_billed(brand: Brand) -> None:
    a_policy(brand, uncollected="bill")

    assert told(ria()) == [
        (
            "RIA2159: legacy says remaining balance 0.00, ours says 17.95 "
            "(technology fee 17.95 not collected, billed to the client)"
        )
    ]


def test_ria2159_although_fees_were_disabled(brand: Brand) -> None:
    a_policy(brand)

    assert told(ria(fee_disabled=True)) == [
        (
            "RIA2159: legacy says total with fees 517.95, ours says 500.00 "
            "(although fees were disabled)"
        )
    ]


def test_ria2159_paid_by_check_and_by_a_debit_card(brand: Brand) -> None:
    a_policy(brand, fundings=["credit"])

    assert (
        "(paid without a card, which owes no technology fee)"
        in told(ria(payments=[a_payment(status="completed", amount="500.00")]))[0]
    )
    assert (
        "(the fee policy of that day asks nothing of this card)"
        in told(ria(number="RIA2160", payments=[a_card(funding="debit")]))[0]
    )


def test_ria2159_with_its_fee_agrees(brand: Brand) -> None:
    a_policy(brand)
    paid = a_card(amount="517.95", fee_amount="17.95")
    row = {"total_with_fees": "517.95", "total_fees": "17.95", "remaining_balance": "0.00",
           "paid": True}  # fmt: skip

    assert told(ria(payments=[paid], legacy=row)) == []


@pytest.mark.parametrize(
    ("legacy", "sentence"),
    [
        ({"total_fees": "17.95"}, "(technology fee 17.95 not collected, absorbed)"),
        ({"total_amount": "510.00"}, "(its lines come to 500.00)"),
        ({"credit_applied": "5.00", "total_amount": "400.00"}, "legacy says total amount 400.00"),
        ({"paid": False}, "legacy says paid no, ours says yes (technology fee 17.95 not"),
        ({"paid": "520.00"}, "ours says 500.00 (no cause found"),
        ({"remaining_balance": "1.00"}, "ours says 0.00 (the technology fee was quoted as 17.95)"),
    ],
)
def test_each_figure_has_its_cause(brand: Brand, legacy: Line, sentence: str) -> None:
    a_policy(brand)

    assert any(sentence in text for text in told(ria(legacy=legacy)))


def test_pending_money_is_named(brand: Brand) -> None:
    line = ria(payments=[a_payment(amount="500.00")], legacy={"remaining_balance": "0.00"})

    assert told(line) == [
        (
            "RIA2159: legacy says remaining balance 0.00, ours says 500.00 "
            "(500.00 is pending and does not count until it is here)"
        )
    ]


def test_a_document_is_compared_by_itself(brand: Brand) -> None:
    row = {"remaining_balance": "10.00"}

    assert told(billed(a_bill("A", "100.00", legacy=row), a_bill("B", "200.00"))) == [
        "A: legacy says remaining balance 10.00, ours says 100.00 (no cause found: look at the job)"
    ]


def test_disagreements_are_read_at_any_time_and_by_brand(brand: Brand) -> None:
    a_policy(brand)
    run(ria())
    job = WorkOrder.objects.get()

    found = disagreements(brand, [job.pk])

    assert [(d.number, d.figure, d.legacy, d.ours) for d in found] == [
        ("RIA2159", "total_with_fees", D("517.95"), D("500.00"))
    ]
    assert disagreements(BrandFactory(slug="other"), [job.pk]) == []
    assert disagreements(brand, []) == []


def test_many_jobs_cost_no_more_queries(brand: Brand, django_assert_max_num_queries: Any) -> None:
    run(*(ria(number=f"RIA{n}") for n in range(5)))
    ids = list(WorkOrder.objects.values_list("pk", flat=True))

    with django_assert_max_num_queries(14):
        assert len(disagreements(brand, ids)) == 5


def test_the_command_tells_each_and_counts_them(brand: Brand, tmp_path: Path) -> None:
    a_policy(brand)
    file = tmp_path / "jobs.jsonl"
    file.write_text(json.dumps(ria()), encoding="utf-8")
    out, machine = StringIO(), StringIO()

    call_command("import_jobs", str(file), stdout=out)
    call_command("import_jobs", str(file), "--json", stdout=machine)

    assert out.getvalue().splitlines() == [
        (
            "RIA2159: legacy says total with fees 517.95, ours says 500.00 "
            "(technology fee 17.95 not collected, absorbed)"
        ),
        "1 created, 0 updated, 0 unchanged, 0 rejected, older figures that disagree: 1",
    ]
    report = json.loads(machine.getvalue())
    assert report["disagreeing"] == 1
    assert report["disagreements"][0] | {"text": ""} == {
        "number": "RIA2159",
        "figure": "total_with_fees",
        "legacy": "517.95",
        "ours": "500.00",
        "cause": "technology fee 17.95 not collected, absorbed",
        "text": "",
    }


# The fee that is expected ------------------------------------------------------------------------


def expected() -> Any:
    return Payment.objects.get().fee_expected


def an_attempt(**changes: Any) -> Line:
    return {"at": "2026-05-04T09:00:05-06:00", "method": "card", "provider": "stripe",
            "status": "succeeded", "amount": "500.00", **changes}  # fmt: skip


def test_the_quote_of_the_attempt_is_the_fee_expected(brand: Brand) -> None:
    a_policy(brand)

    run(ria(payments=[a_card(attempts=[an_attempt(fee_expected="12.00")])]))

    assert expected() == D("12.00")
    assert settled(brand, "RIA2159").fee.uncollected == D("12.00")


def test_without_a_quote_it_is_computed_by_the_policy_of_that_day(brand: Brand) -> None:
    a_policy(brand)
    a_policy(brand, effective_from="2026-05-06T00:00:00Z", percent=D("5"))

    run(ria(payments=[a_card(attempts=[an_attempt()])]))

    assert expected() == D("17.95")


@pytest.mark.parametrize(
    ("switched_at", "fee"),
    [("2026-05-03T09:00:00-06:00", None), ("2026-05-05T09:00:00-06:00", D("17.95"))],
)
def test_the_switch_counts_as_it_was_when_the_money_came(
    brand: Brand, switched_at: str, fee: Any
) -> None:
    a_policy(brand)
    off = {"at": switched_at, "fee_disabled": True, "reason": "Long-time agent"}

    run(ria(history=[off]))

    assert WorkOrder.objects.get().fee_disabled
    assert expected() == fee


def test_money_that_a_later_line_adds_is_quoted_by_its_own_moment(brand: Brand) -> None:
    a_policy(brand)
    off = {"at": "2026-06-01T09:00:00-06:00", "fee_disabled": True, "reason": "Agent"}
    run(ria(history=[off], payments=[]))

    run(ria(history=[off]))

    assert expected() == D("17.95")


def test_the_same_of_an_imported_invoice(brand: Brand) -> None:
    """Money goes last there; the switch counts as of the payment all the same."""
    a_policy(brand)
    off = {"at": "2026-05-05T09:00:00-06:00", "fee_disabled": True, "reason": "Agent"}

    run(ria(history=[off], invoices=[a_bill("A", "500.00")]))

    assert expected() == D("17.95")

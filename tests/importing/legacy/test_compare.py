"""Older figures next to ours: each disagreement has its cause and refuses nothing."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Brand
from importing.legacy.figures import disagreements
from tests.factories import BrandFactory
from tests.importing.conftest import Line, a_payment, run
from tests.importing.lines import (
    D,
    a_bill,
    a_card,
    a_policy,
    billed,
    ria,
    settled,
)
from workorders.models import WorkOrder


def reported(*lines: Line) -> list[str]:
    report = run(*lines)
    assert report.rejected == 0, report.problems
    return [str(d) for d in report.disagreements]


def test_ria2159_absorbed(brand: Brand) -> None:
    a_policy(brand)

    assert reported(ria()) == [
        (
            "RIA2159: legacy says total with fees 517.95, ours says 500.00 "
            "(technology fee 17.95 not collected, absorbed)"
        )
    ]
    assert settled(brand, "RIA2159").word == "Paid"


def test_ria2159_billed(brand: Brand) -> None:
    a_policy(brand, uncollected="bill")

    assert reported(ria()) == [
        (
            "RIA2159: legacy says remaining balance 0.00, ours says 17.95 "
            "(technology fee 17.95 not collected, billed to the client)"
        )
    ]


def test_ria2159_although_fees_were_disabled(brand: Brand) -> None:
    a_policy(brand)

    assert reported(ria(fee_disabled=True)) == [
        (
            "RIA2159: legacy says total with fees 517.95, ours says 500.00 "
            "(although fees were disabled)"
        )
    ]


def test_ria2159_paid_by_check_and_by_a_debit_card(brand: Brand) -> None:
    a_policy(brand, fundings=["credit"])

    assert (
        "(paid without a card, which owes no technology fee)"
        in reported(ria(payments=[a_payment(status="completed", amount="500.00")]))[0]
    )
    assert (
        "(the fee policy of that day asks nothing of this card)"
        in reported(ria(number="RIA2160", payments=[a_card(funding="debit")]))[0]
    )


def test_ria2159_with_its_fee_agrees(brand: Brand) -> None:
    a_policy(brand)
    paid = a_card(amount="517.95", fee_amount="17.95")
    row = {"total_with_fees": "517.95", "total_fees": "17.95", "remaining_balance": "0.00",
           "paid": True}  # fmt: skip

    assert reported(ria(payments=[paid], legacy=row)) == []


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

    assert any(sentence in text for text in reported(ria(legacy=legacy)))


def test_pending_money_is_named(brand: Brand) -> None:
    line = ria(payments=[a_payment(amount="500.00")], legacy={"remaining_balance": "0.00"})

    assert reported(line) == [
        (
            "RIA2159: legacy says remaining balance 0.00, ours says 500.00 "
            "(500.00 is pending and does not count until the money arrives)"
        )
    ]


def test_a_document_is_compared_by_itself(brand: Brand) -> None:
    row = {"remaining_balance": "10.00"}

    assert reported(billed(a_bill("A", "100.00", legacy=row), a_bill("B", "200.00"))) == [
        "A: legacy says remaining balance 10.00, ours says 100.00 (no cause found: look at the job)"
    ]


def test_disagreements_are_read_at_any_time_and_by_brand(brand: Brand) -> None:
    a_policy(brand)
    run(ria())
    job = WorkOrder.objects.get()

    reported = disagreements(brand, [job.pk])

    assert [(d.number, d.figure, d.legacy, d.ours) for d in reported] == [
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

"""``explain_balance``: figures, their rows, each payment's fee; for people and for programs."""

import json
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Brand
from audit import legacy
from audit.legacy import LegacyFigure
from core import moments
from invoicing.domain import issuing, rollup
from invoicing.models import FeeDecision, FeePolicy, Invoice, JobBalance
from payments.models import Payment
from tests.audit.conftest import billed, by_card, by_check
from workorders.domain.charges import ChargeLine, replace_charges
from workorders.models import Charge, WorkOrder

D = Decimal
KEYS = (
    *("billed", "services", "fee_kept", "fee_due", "fee_expected", "fee_uncollected", "credits"),
    *("received", "refunded", "pending", "balance", "amount_due", "status", "lines", "because"),
)


def text_of(*arguments: str) -> str:
    out = StringIO()
    call_command("explain_balance", *arguments, stdout=out)
    return out.getvalue()


def json_of(*arguments: str) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(text_of(*arguments, "--json"))
    return plain


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    """RIA2159: services paid by card, the fee of 17.95 did not come with it."""
    FeePolicy.objects.create(
        brand=brand,
        effective_from="2020-01-01T00:00Z",
        percent=D("3.59"),
        fundings=["credit", "debit"],
    )
    job = billed(brand, "RIA2159", "500.00")
    by_card(job, "500.00", card_brand="Visa", last4="4242")
    return job


def test_the_keys_are_these_and_amounts_are_strings(job: WorkOrder) -> None:
    plain = json_of("RIA2159")

    assert tuple(plain) == KEYS
    assert {name: plain[name] for name in KEYS[:-2]} == {
        "billed": "500.00",
        "services": "500.00",
        "fee_kept": "0.00",
        "fee_due": "0.00",
        "fee_expected": "17.95",
        "fee_uncollected": "17.95",
        "credits": "0.00",
        "received": "500.00",
        "refunded": "0.00",
        "pending": "0.00",
        "balance": "0.00",
        "amount_due": "0.00",
        "status": "Paid",
    }
    assert plain["lines"] == [
        {
            "key": Charge.objects.get().pk,
            "label": "Service 500.00",
            "total": "500.00",
            "covered": "500.00",
            "status": "fully_paid",
        }
    ]


def test_the_rows_of_a_figure_sum_to_it(job: WorkOrder) -> None:
    by_check(job, "20.00")

    plain = json_of("RIA2159")

    for figure, rows in plain["because"].items():
        assert sum(D(row["amount"]) for row in rows) == D(plain[figure]), figure
    payment = Payment.objects.earliest("pk")
    (row,) = plain["because"]["fee_expected"]
    assert row["ref"] == f"payment:{payment.pk}"


def test_it_says_what_the_rollup_says(job: WorkOrder) -> None:
    by_check(job, "20.00")

    plain, saved = json_of("RIA2159"), JobBalance.objects.get(work_order=job)

    amounts = [name for name in KEYS[:-3] if name in {f.name for f in JobBalance._meta.fields}]
    assert {n: D(plain[n]) for n in amounts} == {n: getattr(saved, n) for n in amounts}
    assert plain["status"] == saved.word


def test_people_read_the_equation_and_which_payment_lacks_its_fee(job: WorkOrder) -> None:
    text = text_of("ria2159")

    assert "Work order RIA2159 (invoices: RIA2159), Ridgeline: Paid\n" in text
    assert (
        "billed $500.00 − credits $0.00 − received $500.00 + refunded $0.00 = balance $0.00"
    ) in text
    assert "Technology fee of P-1 · Visa •4242" in text
    assert "expected $17.95, found $0.00" in text
    assert "not collected $17.95; policy then: absorb" in text
    assert "nobody decided otherwise" in text
    assert "Service 500.00: $500.00 of $500.00, fully paid" in text


def test_people_read_what_was_decided(job: WorkOrder) -> None:
    payment = Payment.objects.get()
    FeeDecision.objects.create(
        brand=job.brand, work_order=job, payment=f"payment:{payment.pk}", payment_label="P-1",
        bill=True, amount=D("17.95"), reason="Agreed on the phone", by="Dana Whitfield",
        happened_at=payment.happened_at,
    )  # fmt: skip
    rollup.recompute(job)

    text = text_of("RIA2159")

    assert ": Technology fee due\n" in text
    day = moments.day_of(payment.happened_at, job.brand.time_zone)
    assert f"billed on {day} by Dana Whitfield: Agreed on" in text
    assert "nobody decided" not in text
    assert json_of("RIA2159")["fee_due"] == "17.95"


def test_people_read_where_the_older_system_disagrees(
    job: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = [
        LegacyFigure("totalWithFees", D("517.95"), D("500.00")),
        LegacyFigure("remainingBalance", D("0.00"), D("0.00")),
    ]
    monkeypatch.setattr(legacy, "sources", [lambda brand, settlements: {job.pk: figures}])

    text = text_of("RIA2159")

    assert "totalWithFees $517.95, ours $500.00: disagrees by $17.95" in text
    assert "remainingBalance $0.00, ours $0.00: agrees" in text


def test_an_invoices_number_explains_that_invoice_alone(brand: Brand) -> None:
    # Arrange: the first bill is void, the job is billed again
    job = billed(brand, "RIA7", "100.00")
    issuing.void_invoice(brand, Invoice.objects.get().pk, reason="Wrong client")
    replace_charges(brand, job.pk, [ChargeLine("Radon", D("150.00"))])
    issuing.issue_bill(brand, job.pk)

    # Act
    plain, text = json_of("RIA7-2"), text_of("RIA7-2")

    # Assert
    assert (plain["billed"], plain["status"]) == ("150.00", "Due")
    assert text.startswith("Invoice RIA7-2 of work order RIA7, Ridgeline: Due\n")


def test_a_job_without_anything(brand: Brand) -> None:
    from tests.factories import WorkOrderFactory

    WorkOrderFactory(brand=brand, number="RIA8")

    assert text_of("RIA8").startswith(
        "Work order RIA8 (invoices: none yet), Ridgeline: Nothing due\n"
    )
    assert json_of("RIA8")["lines"] == []

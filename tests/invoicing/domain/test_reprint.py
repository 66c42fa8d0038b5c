"""The ledger prints what the payment says: date, method, reference, card, funding and label."""

import itertools
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from audit.run import Count, audit
from invoicing.models import LedgerEntry
from invoicing.queries.printed import as_printed
from invoicing.queries.settlements import job_settlement
from invoicing.settlement.explain import explain
from payments.domain.record import Correction, Manual, confirm, correct, record_payment
from payments.models import Payment
from tests.factories import PaymentFactory
from tests.payments.conftest import T0, Tell, bill, brand, frozen, incoming, job, tell
from workorders.models import WorkOrder

__all__ = ["bill", "brand", "job", "tell"]
D = Decimal
OCT_31 = datetime(2025, 10, 31, 18, 0, tzinfo=UTC)
NOV_20 = datetime(2025, 11, 20, 18, 0, tzinfo=UTC)


def printed(job: WorkOrder) -> list[LedgerEntry]:
    return as_printed(LedgerEntry.objects.filter(work_order=job))


def is_sound(brand: Brand) -> bool:
    return not [f for f in audit([brand], Count()) if f.is_ours]


def test_a_corrected_date_moves_the_line_to_its_month(brand: Brand, bill: WorkOrder) -> None:
    cash = record_payment(brand, bill, D("300.00"), Manual("cash", happened_at=NOV_20), by="Priya")

    correct(cash, Correction(happened_at=OCT_31), reason="Wrong day")

    (line,) = printed(bill)
    assert (line.occurred_on.isoformat(), line.services_amount) == ("2025-10-31", D("300.00"))
    by_month: dict[int, Decimal] = {}
    for row in LedgerEntry.objects.all():
        sign = -1 if row.kind == "payment_reversal" else 1
        month = row.occurred_on.month
        by_month[month] = by_month.get(month, D(0)) + sign * row.services_amount
    assert by_month == {11: D("0.00"), 10: D("300.00")}
    assert is_sound(brand)


def test_a_corrected_check_number_is_the_one_in_why_this_balance(
    brand: Brand, bill: WorkOrder
) -> None:
    check = record_payment(brand, bill, D("300.00"), Manual("check", "1243"), by="Priya")
    check = confirm(check, by="Priya")
    correct(check, Correction(reference="1234"), reason="Digits swapped")

    figures = explain(job_settlement(bill).whole, "USD")
    labels = [row.label for figure in figures for row in figure.rows if figure.key == "received"]
    assert labels == ["P-1 · Check 1234"]
    assert [row.reference for row in printed(bill)] == ["1234"]
    assert is_sound(brand)


def test_a_correction_of_amount_and_number_is_one_line(brand: Brand, bill: WorkOrder) -> None:
    cash = record_payment(brand, bill, D("300.00"), Manual("cash", "7"), by="Priya")

    correct(cash, Correction(amount=D("350.00"), reference="8"), reason="Miscounted")

    assert [(r.services_amount, r.reference) for r in printed(bill)] == [(D("350.00"), "8")]
    assert is_sound(brand)


def test_a_line_that_prints_something_else_is_found(brand: Brand, bill: WorkOrder) -> None:
    cash = record_payment(brand, bill, D("300.00"), Manual("cash", "7"), by="Priya")

    Payment.objects.filter(pk=cash.pk).update(reference="8")

    findings = {f.what.split(" of ")[0]: (f.actual, f.expected) for f in audit([brand], Count())}
    assert findings["reference"] == ("7", "8")


class _Undo(Exception):
    """Take everything back."""


COLUMNS = ("services_amount", "fee_amount", "label", "method", "last4", "reference", "funding")


def seen(tell: Tell, job: WorkOrder, facts: tuple[Any, ...], is_imported: bool) -> Any:
    """What readers see of the ledger after ``facts`` in this order; rolled back."""
    result: Any = None
    try:
        with transaction.atomic():
            if is_imported:
                payment = PaymentFactory(
                    work_order=job,
                    method="card",
                    provider="guardian",
                    provider_order_id="ord-1",
                    external_id="legacy-7",
                    amount=D("100.00"),
                    status="completed",
                    happened_at=T0,
                    paid_at=T0,
                )
                frozen(payment)
            for fact in facts:
                tell(fact)
            held: dict[str, Decimal] = {}
            for row in LedgerEntry.objects.filter(work_order=job):
                sign = -1 if row.kind.endswith("reversal") else 1
                amount = sign * (row.services_amount + row.fee_amount)
                held[row.source] = held.get(row.source, D(0)) + amount
            # What came to nothing stays as a pair of lines where it was posted.
            rows = [r for r in printed(job) if r.kind in ("payment", "refund") and held[r.source]]
            lines = sorted(
                [
                    # A refund's number is given by arrival, not by what the facts report.
                    *(re.sub(r"^R-\d+", "R", str(getattr(row, name))) for name in COLUMNS),
                    row.occurred_on.isoformat(),
                ]
                for row in rows
            )
            sums = sorted((source.split(":")[0], sum_) for source, sum_ in held.items() if sum_)
            findings = [str(f) for f in audit([job.brand], Count()) if f.is_ours]
            result = (lines, sums, findings)
            raise _Undo
    except _Undo:
        return result


@pytest.mark.parametrize("is_imported", [False, True])
def test_what_is_known_late_is_printed_as_if_it_had_been_first(
    is_imported: bool, tell: Tell, bill: WorkOrder
) -> None:
    facts = (
        incoming("captured", 3000, "103.59", method="card", fee=D("3.59")),
        incoming("authorised", 1, "103.59", method="card", data={"last4": "4242"}),
        incoming("settled", 4000, "103.59", method="card", data={"funding": "credit"}),
        incoming("refunded", 5000, "20.00", method="card"),
    )

    results = [seen(tell, bill, order, is_imported) for order in itertools.permutations(facts)]

    for result in results:
        assert result == results[0]
    lines, _, findings = results[0]
    assert findings == []
    assert "P-1 · Card •4242" in lines[0] and "credit" in lines[0]


STEPS = st.lists(
    st.builds(
        incoming,
        st.sampled_from(
            ["authorised", "captured", "settled", "refund_queued", "refunded", "chargeback"]
        ),
        st.sampled_from([0, 1500, 3000]),
        st.sampled_from(["100.00", "103.59", "20.00"]),
        event_id=st.uuids().map(str),
        method=st.sampled_from(["card", "ach"]),
        data=st.fixed_dictionaries(
            {},
            optional={
                "last4": st.sampled_from(["4242", "1111"]),
                "funding": st.sampled_from(["credit", "debit"]),
                "card_brand": st.sampled_from(["visa", "amex"]),
            },
        ),
    ),
    min_size=2,
    max_size=5,
)


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # each try writes to a database
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(facts=STEPS, random=st.randoms(use_true_random=False))
def test_the_same_facts_print_the_same_books(
    facts: list[Any], random: Any, tell: Tell, bill: WorkOrder
) -> None:
    other = list(facts)
    random.shuffle(other)

    first, second = (seen(tell, bill, tuple(order), False) for order in (facts, other))

    assert first == second
    assert first[2] == []

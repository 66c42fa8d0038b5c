"""What is asked before a payment is recorded by hand."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from core import clock
from core.refusal import Asks
from invoicing.domain import prepayments
from payments.domain import record
from payments.domain.record import Manual
from payments.models import Payment
from tests.factories import WorkOrderFactory
from tests.payments.conftest import together
from workorders.domain import charges, jobs
from workorders.domain.charges import ChargeLine
from workorders.models import WorkOrder, WorkOrderStatus

D = Decimal
CHECK = Manual(method="check", reference="1234")


def asked(job: WorkOrder, amount: str, manual: Manual = CHECK) -> list[str]:
    """What recording it would ask; nothing is written then. [] where it was recorded."""
    before = Payment.objects.count()
    try:
        record.record_payment(job.brand, job, D(amount), manual, by="Dana", answer="")
    except Asks as asks:
        assert Payment.objects.count() == before
        return [question.text for question in asks.questions]
    return []


def recorded(job: WorkOrder, amount: str, manual: Manual = CHECK) -> Payment:
    return record.record_payment(job.brand, job, D(amount), manual, by="Dana")


def test_what_is_due_and_new_is_not_asked_about(bill: WorkOrder) -> None:
    assert asked(bill, "500.00") == []
    assert Payment.objects.count() == 1


def test_more_than_is_due_says_how_much(bill: WorkOrder) -> None:
    assert asked(bill, "530.00") == [
        (
            "$530.00 is $30.00 more than what is due on FHI624: $500.00. "
            "The rest stays there as overpaid."
        )
    ]


def test_money_on_its_way_is_counted(bill: WorkOrder) -> None:
    recorded(bill, "400.00")

    assert asked(bill, "130.00", Manual(method="check", reference="1235")) == [
        (
            "$130.00 is $30.00 more than what is due on FHI624: $100.00 ($500.00 is due on FHI624 "
            "and $400.00 is on its way already). The rest stays there as overpaid."
        )
    ]


def test_nothing_due_is_said(job: WorkOrder) -> None:
    assert asked(job, "30.00") == [
        "Nothing is due on FHI624: all of $30.00 stays there as overpaid."
    ]


def test_nothing_more_to_come_is_said(bill: WorkOrder) -> None:
    recorded(bill, "500.00")

    assert asked(bill, "30.00") == [
        (
            "$500.00 is due on FHI624 and $500.00 is on its way already: all of $30.00 stays there "
            "as overpaid."
        )
    ]


def test_the_answer_is_to_exactly_what_was_asked(bill: WorkOrder) -> None:
    with pytest.raises(Asks) as first:
        record.record_payment(bill.brand, bill, D(530), CHECK, by="Dana", answer="")
    other = Manual(method="cash")
    recorded(bill, "100.00", other)

    with pytest.raises(Asks) as second:
        record.record_payment(bill.brand, bill, D(530), CHECK, by="Dana", answer=first.value.answer)

    assert second.value.answer != first.value.answer
    made = record.record_payment(
        bill.brand, bill, D(530), CHECK, by="Dana", answer=second.value.answer
    )
    assert made.amount == D(530)


@pytest.mark.parametrize("reference", ["1234", " 1234 ", "#1234", "01234"])
def test_the_same_check_is_shown(reference: str, bill: WorkOrder) -> None:
    sent = datetime(2026, 3, 2, 16, tzinfo=clock.now().tzinfo)
    recorded(bill, "100.00", Manual(method="check", reference="1234", happened_at=sent))

    assert asked(bill, "100.00", Manual(method="check", reference=reference)) == [
        "Check 1234 of $100.00 is recorded already: FHI624-P-1, of 2 Mar 2026, pending."
    ]


@pytest.mark.parametrize(
    ("amount", "manual"),
    [
        ("100.00", Manual(method="check", reference="1235")),
        ("100.00", Manual(method="wire", reference="1234")),
        ("99.00", CHECK),
    ],
)
def test_another_one_is_not(amount: str, manual: Manual, bill: WorkOrder) -> None:
    recorded(bill, "100.00")

    assert asked(bill, amount, manual) == []


def test_on_another_job_it_is_another_one(brand: Brand, bill: WorkOrder) -> None:
    other = WorkOrderFactory(brand=brand, number="FHI700")
    recorded(other, "100.00")

    assert asked(bill, "100.00") == []


def test_a_void_one_may_be_recorded_again(bill: WorkOrder) -> None:
    record.void(recorded(bill, "100.00"), reason="Wrong job")

    assert asked(bill, "100.00") == []


def test_cash_without_a_reference_is_the_same_on_the_same_day(bill: WorkOrder) -> None:
    yesterday = clock.now() - timedelta(days=2)
    recorded(bill, "100.00", Manual(method="cash", happened_at=yesterday))

    assert asked(bill, "100.00", Manual(method="cash")) == []
    assert len(asked(bill, "100.00", Manual(method="cash"))) == 1


def test_a_check_over_several_jobs_is_known_by_each_share(brand: Brand, bill: WorkOrder) -> None:
    other: WorkOrder = WorkOrderFactory(brand=brand, number="FHI700")
    shares = [(other, D(30)), (bill, D(100))]
    record.record_check_over(brand, shares, CHECK, by="Dana")

    [text] = asked(bill, "100.00")

    assert text.startswith("Check 1234 of $130.00 is recorded already: FHI700-P-1")


def test_a_prepayment_of_the_same_check_is_shown(bill: WorkOrder) -> None:
    prepayments.record_prepayment(
        bill.brand,
        bill.client_id,
        D(100),
        method="check",
        reference="1234",
        received_at=clock.now(),
    )

    [text] = asked(bill, "100.00")

    assert text == (
        f"Check 1234 of $100.00 is recorded already: a prepayment of {bill.client.name}."
    )


@pytest.mark.django_db(transaction=True)
def test_two_people_with_the_same_check_are_asked(bill: WorkOrder) -> None:
    def work() -> object:
        job = WorkOrder.objects.select_related("brand").get(pk=bill.pk)
        return record.record_payment(job.brand, job, D(100), CHECK, by="Dana", answer="")

    answers = together(work, work)

    assert sorted(type(a).__name__ for a in answers) == ["Asks", "Payment"]
    assert Payment.objects.count() == 1


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    tries=st.lists(
        st.tuples(
            st.sampled_from(["100.00", "250.00", "600.00"]),
            st.sampled_from(["1234", "1235"]),
            st.booleans(),
        ),
        max_size=6,
    )
)
def test_without_a_yes_nothing_is_recorded_twice_or_above_what_is_due(
    tries: list[tuple[str, str, bool]], brand: Brand
) -> None:
    job = WorkOrderFactory(brand=brand)
    charges.replace_charges(brand, job.pk, [ChargeLine("Home inspection", D(500))])
    jobs.set_status(brand, job.pk, WorkOrderStatus.CONFIRMED)
    rows: list[tuple[str, str]] = []

    for amount, reference, says_yes in tries:
        manual = Manual(method="check", reference=reference)
        total = sum((D(a) for a, _ in rows), D(0))
        odd = (amount, reference) in rows or total + D(amount) > 500
        try:
            record.record_payment(brand, job, D(amount), manual, by="Dana", answer="")
        except Asks as asks:
            assert odd
            if says_yes:
                record.record_payment(brand, job, D(amount), manual, by="Dana", answer=asks.answer)
                rows.append((amount, reference))
        else:
            assert not odd
            rows.append((amount, reference))

    found = Payment.objects.filter(work_order=job).order_by("number")
    assert [(f"{p.amount:.2f}", p.reference) for p in found] == rows

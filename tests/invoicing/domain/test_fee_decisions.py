"""Waiving and billing a fee that a card payment came in without."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.utils import DatabaseError

from activity.actors import Actor, ActorKind, acting_as
from invoicing.domain import issuing
from invoicing.domain.fee_decisions import MissingFee, bill_fee, missing_fees, waive_fee
from invoicing.domain.ledger import post_money
from invoicing.domain.money import Money, Piece, Printed
from invoicing.models import FeeDecision, JobBalance
from invoicing.queries.settlements import job_settlement
from invoicing.settlement.types import Uncollected, Word
from tests.factories import BrandFactory, WorkOrderFactory
from tests.invoicing.billed_jobs import billed
from workorders.models import WorkOrder

D = Decimal
T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
KEY = "payment:1"


def pay(
    job: WorkOrder,
    services: str,
    expected: str | None = None,
    key: str = KEY,
    uncollected: Uncollected = Uncollected.ABSORB,
) -> None:
    piece = Piece(key, D(services), D(0), f"P-{key[-1]} · Visa •4242", T0)
    quote = None if expected is None else D(expected)
    post_money(
        job,
        Money(
            key,
            Printed(piece.label, method="card"),
            [piece] if D(services) else [],
            fee_expected=quote,
            uncollected=uncollected,
        ),
    )


@pytest.fixture
def paid(job: WorkOrder) -> WorkOrder:
    """500.00 billed, and paid by card without the fee of 17.95; absorbed."""
    billed(job, "500.00")
    pay(job, "500.00", "17.95")
    return job


@pytest.fixture
def asked(job: WorkOrder) -> WorkOrder:
    """The same where the brand bills a missing fee."""
    billed(job, "500.00")
    pay(job, "500.00", "17.95", uncollected=Uncollected.BILL)
    return job


def waive(job: WorkOrder, key: str = KEY, by: str = "Dana") -> FeeDecision:
    return waive_fee(job.brand, job.pk, key, "Our mistake", by)


def bill(job: WorkOrder, key: str = KEY, by: str = "Dana") -> FeeDecision:
    return bill_fee(job.brand, job.pk, key, "They agreed", by)


def figures(job: WorkOrder) -> tuple[str, ...]:
    """billed, balance, fee still open, word; settled now, and as lists read them."""
    s = job_settlement(job).whole
    row = JobBalance.objects.get(work_order=job)
    assert (row.billed, row.balance, row.fee_uncollected) == (s.billed, s.balance, s.fee.open)
    return str(s.billed), str(s.balance), str(s.fee.open), s.word


def refusal(call: object, *args: object) -> str:
    before = FeeDecision.objects.count()
    with pytest.raises(ValidationError) as caught:
        call(*args)  # type: ignore[operator]
    assert FeeDecision.objects.count() == before
    return " ".join(caught.value.messages)


def test_a_waived_fee_is_no_longer_open(paid: WorkOrder) -> None:
    assert figures(paid) == ("500.00", "0.00", "17.95", Word.PAID)

    made = waive(paid)

    assert figures(paid) == ("500.00", "0.00", "0.00", Word.PAID)
    assert (made.amount, made.bill, made.by, made.reason) == (
        D("17.95"),
        False,
        "Dana",
        "Our mistake",
    )
    assert made.payment_label == "P-1 · Visa •4242"


def test_a_billed_fee_is_due_and_paid_by_any_means(paid: WorkOrder) -> None:
    bill(paid)
    assert figures(paid) == ("517.95", "17.95", "17.95", Word.FEE_DUE)

    pay(paid, "17.95", key="payment:2")
    assert figures(paid) == ("517.95", "0.00", "0.00", Word.PAID)


def test_waiving_what_the_policy_bills(asked: WorkOrder) -> None:
    assert figures(asked) == ("517.95", "17.95", "17.95", Word.FEE_DUE)

    waive(asked)

    assert figures(asked) == ("500.00", "0.00", "0.00", Word.PAID)


def test_the_later_decision_wins(paid: WorkOrder) -> None:
    bill(paid)
    waive(paid)
    assert figures(paid)[1] == "0.00"

    bill(paid)

    assert figures(paid)[1] == "17.95"
    assert list(FeeDecision.objects.values_list("bill", flat=True)) == [True, False, True]


def test_twice_the_same_is_refused_with_who_did_it(paid: WorkOrder) -> None:
    waive(paid, by="Dana")
    assert refusal(waive, paid) == "It is waived already by Dana."

    bill(paid, by="Ada")
    assert refusal(bill, paid) == "It is billed already by Ada."


def test_what_the_policy_bills_is_not_billed_again(asked: WorkOrder) -> None:
    assert refusal(bill, asked) == "It is billed already, by your fee settings."


def test_of_a_fee_that_is_partly_paid_the_rest_is_decided(asked: WorkOrder) -> None:
    pay(asked, "10.00", key="payment:2")
    assert figures(asked) == ("517.95", "7.95", "7.95", Word.FEE_DUE)

    made = waive(asked)

    assert made.amount == D("7.95")
    assert figures(asked) == ("510.00", "0.00", "0.00", Word.PAID)

    assert bill(asked).amount == D("7.95")
    assert figures(asked) == ("517.95", "7.95", "7.95", Word.FEE_DUE)


@pytest.mark.parametrize("key", ["payment:2", "payment:99", ""])
def test_only_a_payment_with_a_missing_fee(key: str, paid: WorkOrder) -> None:
    pay(paid, "1.00", key="payment:2")

    assert refusal(waive, paid, key) == "This payment has no uncollected technology fee."
    assert refusal(bill, paid, key) == "This payment has no uncollected technology fee."


def test_a_fee_that_is_paid_is_decided_no_more(paid: WorkOrder) -> None:
    bill(paid)
    pay(paid, "17.95", key="payment:2")

    assert missing_fees(paid) == []
    assert "no uncollected technology fee" in refusal(waive, paid)


def test_each_payment_is_decided_by_itself(job: WorkOrder) -> None:
    billed(job, "500.00")
    pay(job, "300.00", "10.77", "payment:1")
    pay(job, "200.00", "7.18", "payment:2", Uncollected.BILL)

    waive(job, "payment:1")

    def read(m: MissingFee) -> tuple[object, ...]:
        return m.payment, m.amount, m.is_billed, m.may_waive, m.may_bill

    assert [read(m) for m in missing_fees(job)] == [
        ("payment:1", D("10.77"), False, False, True),
        ("payment:2", D("7.18"), True, True, False),
    ]
    assert figures(job) == ("507.18", "7.18", "7.18", Word.FEE_DUE)


def test_a_void_bill_has_nothing_to_decide(paid: WorkOrder) -> None:
    invoice = job_settlement(paid).documents[0].invoice
    pay(paid, "0.00")

    issuing.void_invoice(paid.brand, invoice.pk, reason="Wrong job")

    assert missing_fees(paid) == []


def test_a_reason_is_needed(paid: WorkOrder) -> None:
    with pytest.raises(ValidationError) as caught:
        waive_fee(paid.brand, paid.pk, KEY, "  ")

    assert set(caught.value.message_dict) == {"reason"}


def test_the_amount_must_be_the_one_that_was_seen(paid: WorkOrder) -> None:
    with pytest.raises(ValidationError, match="Meanwhile"):
        bill_fee(paid.brand, paid.pk, KEY, "They agreed", expected=D("10.00"))
    assert not FeeDecision.objects.exists()


def test_who_acts_is_who_decided(paid: WorkOrder) -> None:
    with acting_as(Actor(ActorKind.STAFF, "Dana Whitfield", "7")):
        made = waive_fee(paid.brand, paid.pk, KEY, "Our mistake")

    assert made.by == "Dana Whitfield"


def test_another_brands_job_does_not_exist(paid: WorkOrder) -> None:
    other = WorkOrderFactory(brand=BrandFactory()).brand

    with pytest.raises(WorkOrder.DoesNotExist):
        waive_fee(other, paid.pk, KEY, "Our mistake")


@pytest.mark.parametrize(
    "sql", ["UPDATE invoicing_feedecision SET amount = 1", "DELETE FROM invoicing_feedecision"]
)
def test_a_decision_is_never_rewritten(sql: str, paid: WorkOrder) -> None:
    waive(paid)

    with (
        pytest.raises(DatabaseError, match="paystory_append_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)

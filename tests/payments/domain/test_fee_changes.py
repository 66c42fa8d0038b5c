"""What refunds, disputes, corrections and decisions make of a card payment's fee."""

from datetime import datetime
from decimal import Decimal

import pytest

from accounts.models import Brand
from audit.run import Count, audit
from invoicing.domain import issuing
from invoicing.domain.fee_decisions import missing_fees, waive_fee
from invoicing.models import FeePolicy, LedgerEntry
from invoicing.queries.settlements import job_settlement
from invoicing.settlement.types import Word
from payments.domain.post import post
from payments.domain.record import Manual, record_payment
from payments.models import Payment
from payments.refunds.verbs import complete_refund, fail_refund, queue_refund
from tests.payments.cancelled_jobs import confirmed, paid
from tests.payments.card_fees import captured, whole
from tests.payments.conftest import T0, Tell, incoming, with_policy
from workorders.domain.charges import ChargeLine
from workorders.models import WorkOrder

D = Decimal


@pytest.fixture
def billing(brand: Brand) -> FeePolicy:
    """3.59 % on credit cards; a missing fee is billed."""
    return with_policy(brand, uncollected="bill")


def asked(job: WorkOrder) -> tuple[str, ...]:
    """billed, balance, fee due, fee uncollected, word; and the audit finds nothing."""
    assert [str(finding) for finding in audit([job.brand], Count())] == []
    s = whole(job)
    return (*map(str, (s.billed, s.balance, s.fee.due, s.fee.uncollected)), s.word)


def two_bills(job: WorkOrder, first: str, second: str) -> None:
    confirmed(job, first)
    issuing.bill_separately(job.brand, job.pk, [ChargeLine("More", D(second))])
    issuing.issue_bill(job.brand, job.pk)


def cash(job: WorkOrder, amount: str, at: datetime | None = None) -> Payment:
    manual = Manual(method="cash", is_received=True, happened_at=at)
    return record_payment(job.brand, job, D(amount), manual, by="Dana")


# Disputes ------------------------------------------------------------------------------------


def test_a_partly_lost_dispute_leaves_no_fee_due(
    billing: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    tell(captured("517.95", fee="17.95"))
    tell(incoming("chargeback", 9, "100.00", method="card"))

    assert asked(bill) == ("514.48", "96.53", "0.00", "0.00", Word.PARTLY_PAID)
    assert LedgerEntry.objects.count() == 2


def test_a_partly_lost_dispute_leaves_nothing_uncollected(
    policy: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    tell(captured("517.95", fee="17.95"))
    tell(incoming("chargeback", 9, "258.98", method="card"))

    assert missing_fees(bill) == []
    assert asked(bill)[3] == "0.00"


def test_a_dispute_takes_its_part_of_a_missing_fee_along(
    billing: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    tell(captured("500.00"))
    tell(incoming("chargeback", 9, "100.00", method="card"))

    assert asked(bill)[2:4] == ("14.36", "14.36")


def test_a_dispute_over_two_bills(billing: FeePolicy, job: WorkOrder, tell: Tell) -> None:
    two_bills(job, "200.00", "300.00")
    tell(captured("517.95", fee="17.95"))

    tell(incoming("chargeback", 9, "400.00", method="card"))

    assert asked(job)[2:4] == ("0.00", "0.00")


@pytest.mark.parametrize("fixed", ["0.00", "5.00"])
def test_of_a_corrected_payment_the_fee_is_that_of_what_is_there(
    fixed: str, brand: Brand, bill: WorkOrder, tell: Tell
) -> None:
    with_policy(brand, uncollected="bill", fixed=D(fixed))
    tell(captured("500.00"))

    tell(captured("400.00", minute=5))

    assert asked(bill)[2] == str(D("14.36") + D(fixed))


def test_a_whole_chargeback_after_a_refund_keeps_no_fee(
    policy: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    tell(captured("517.95", fee="17.95"))
    refund = queue_refund(Payment.objects.get(), D("100.00"), reason="Goodwill", by="Dana")
    complete_refund(refund, reference="re_1")

    tell(incoming("chargeback", 9, None, method="card"))

    assert asked(bill)[:2] == ("500.00", "603.59")


# Refunds -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("amount", "times"), [("0.50", 20), ("1.01", 1)])
def test_refunds_of_any_size_leave_no_fee_due(
    amount: str, times: int, billing: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    tell(captured("517.95", fee="17.95"))

    for n in range(times):
        tell(incoming("refunded", 10 + n, amount, method="card", event_id=f"back-{n}"))

    assert asked(bill)[2:4] == ("0.00", "0.00")


def test_refunds_over_two_bills_leave_no_fee_due(billing: FeePolicy, job: WorkOrder) -> None:
    two_bills(job, "133.33", "247.11")
    payment = paid(job, "394.10", "13.66", funding="credit")

    for n, amount in enumerate(["77.77", "33.33", "142.01", "0.01", "100.00"]):
        refund = queue_refund(payment, D(amount), reason="Goodwill", by="Dana")
        complete_refund(refund, reference=f"re_{n}")
        assert asked(job)[2:4] == ("0.00", "0.00")


# A billed fee carries none -------------------------------------------------------------------


@pytest.mark.parametrize("fixed", ["0.00", "0.30"])
def test_a_billed_fee_paid_by_card_that_tells_no_fee(
    fixed: str, brand: Brand, bill: WorkOrder, tell: Tell
) -> None:
    with_policy(brand, uncollected="bill", fixed=D(fixed))
    tell(captured("500.00"))
    due = str(whole(bill).amount_due)

    tell(captured(due, minute=5, order_id="ord-2", event_id="second"))

    assert asked(bill)[1:] == ("0.00", "0.00", "0.00", Word.PAID)
    assert whole(bill).fee.kept == D(due)


def test_the_fee_in_one_sum_with_the_services(
    billing: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    tell(captured("517.95"))

    assert asked(bill)[1:] == ("0.00", "0.00", "0.00", Word.PAID)


def test_a_billed_fee_after_money_of_another_kind(
    billing: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    cash(bill, "300.00", at=T0)
    tell(captured("200.00", minute=5))

    tell(captured("7.18", minute=9, order_id="ord-2", event_id="second"))

    assert asked(bill)[1:] == ("0.00", "0.00", "0.00", Word.PAID)


# Waiving -------------------------------------------------------------------------------------


def test_waiving_the_rest_over_two_bills_returns_nothing(
    billing: FeePolicy, brand: Brand, job: WorkOrder, tell: Tell
) -> None:
    two_bills(job, "200.00", "300.00")
    tell(captured("500.00"))
    cash(job, "5.00")
    key = missing_fees(job)[0].payment

    made = waive_fee(brand, job.pk, key, "A gesture", "Dana")

    assert made.amount == D("12.95")
    assert asked(job)[:3] == ("505.00", "0.00", "0.00")
    assert [d.settlement.balance for d in job_settlement(job).documents] == [0, 0]
    assert not missing_fees(job)[0].may_waive


def test_waiving_the_rest_where_one_of_two_bills_is_paid(
    billing: FeePolicy, brand: Brand, job: WorkOrder, tell: Tell
) -> None:
    two_bills(job, "200.00", "300.00")
    tell(captured("500.00"))
    cash(job, "7.18")

    waive_fee(brand, job.pk, missing_fees(job)[0].payment, "A gesture", "Dana")
    assert [d.settlement.balance for d in job_settlement(job).documents] == [0, 0]

    cash(job, "3.00")  # nobody asked for it
    assert asked(job)[1] == "-3.00"


def test_what_a_failed_refund_brings_back_may_be_waived_too(
    billing: FeePolicy, brand: Brand, bill: WorkOrder, tell: Tell
) -> None:
    tell(captured("500.00"))
    refund = queue_refund(Payment.objects.get(), D("250.00"), reason="Goodwill", by="Dana")
    first = missing_fees(bill)[0]
    waive_fee(brand, bill.pk, first.payment, "A gesture", "Dana")
    fail_refund(refund, why="The account is closed")
    rest = missing_fees(bill)[0]
    assert (rest.may_waive, rest.amount) == (True, D("17.95") - first.amount)

    waive_fee(brand, bill.pk, first.payment, "The rest too", "Dana")

    assert asked(bill)[:3] == ("500.00", "0.00", "0.00")
    assert not missing_fees(bill)[0].may_waive
    post(Payment.objects.get())
    assert asked(bill)[4] == Word.PAID

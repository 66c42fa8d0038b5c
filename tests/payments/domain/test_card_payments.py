"""The price by card is paid to the cent, whoever reports the fee or not."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Brand
from audit.run import Count, audit
from invoicing.domain import issuing
from invoicing.models import FeePolicy
from invoicing.queries.settlements import job_settlement
from invoicing.settlement.types import Word
from payments.domain.allocations import Share, allocate
from payments.domain.post import post
from payments.domain.record import Manual, record_payment
from payments.models import Payment
from payments.refunds.verbs import queue_refund, refund_fee
from tests.factories import PaymentFactory, WorkOrderFactory
from tests.payments.card_fees import captured, whole
from tests.payments.conftest import T0, Tell, incoming, with_policy
from workorders.domain import charges, jobs
from workorders.domain.charges import ChargeLine
from workorders.models import WorkOrder, WorkOrderStatus

D = Decimal
CAPPED: dict[str, Any] = {"percent": D("2.9"), "fixed": D("0.30"), "cap": D("20.00")}


@pytest.fixture
def capped(brand: Brand) -> FeePolicy:
    """2.9 % and 0.30, at most 20.00; a missing fee is billed."""
    return with_policy(brand, uncollected="bill", **CAPPED)


def billed(job: WorkOrder, *amounts: str, reason: str = "") -> WorkOrder:
    rows = {charge.description: charge.pk for charge in job.charges.all()}
    lines = [
        ChargeLine(name, D(amount), id=rows.get(name))
        for name, amount in zip(("Inspection", "Radon"), amounts, strict=False)
    ]
    charges.replace_charges(job.brand, job.pk, lines, reason=reason)
    job.refresh_from_db()
    if job.status == WorkOrderStatus.PENDING:
        jobs.set_status(job.brand, job.pk, WorkOrderStatus.CONFIRMED)
    return job


def read(job: WorkOrder) -> tuple[str, ...]:
    """billed, fee kept, balance, missing, word; and the audit finds nothing."""
    assert [str(finding) for finding in audit([job.brand], Count())] == []
    s = whole(job)
    return (*map(str, (s.billed, s.fee.kept, s.balance, s.fee.open)), s.word)


def second(amount: str, fee: str | None = None, minute: int = 9, **rest: Any) -> Any:
    return captured(
        amount, fee, minute=minute, order_id="ord-2", event_id=f"second-{minute}", **rest
    )


# The price by card ---------------------------------------------------------------------------


@pytest.mark.parametrize("uncollected", ["absorb", "bill"])
def test_a_fee_that_nobody_reports_is_the_rest(
    uncollected: str, brand: Brand, job: WorkOrder, tell: Tell
) -> None:
    with_policy(brand, uncollected=uncollected, **CAPPED)
    billed(job, "400.00")

    tell(captured("411.90"))

    assert read(job) == ("411.90", "11.90", "0.00", "0.00", Word.PAID)
    payment = Payment.objects.get()
    assert (payment.services_amount, payment.fee_amount) == (D("400.00"), D("11.90"))
    assert payment.fee_expected == D("11.90")


def test_a_fee_stops_at_its_cap(capped: FeePolicy, job: WorkOrder, tell: Tell) -> None:
    billed(job, "3000.00")

    tell(captured("3020.00"))

    assert read(job) == ("3020.00", "20.00", "0.00", "0.00", Word.PAID)


@pytest.mark.parametrize("fee", [None, "12.20"])
@pytest.mark.parametrize("uncollected", ["absorb", "bill"])
def test_a_card_pays_its_own_fee_and_one_that_lacks(
    fee: str | None, uncollected: str, brand: Brand, job: WorkOrder, tell: Tell
) -> None:
    with_policy(brand, uncollected=uncollected, **CAPPED)
    billed(job, "400.00")
    tell(captured("200.00"))
    assert whole(job).fee.open == D("6.10")

    tell(second("212.20", fee))

    assert read(job) == ("412.20", "12.20", "0.00", "0.00", Word.PAID)


def test_what_remains_is_a_surplus_without_a_fee(
    capped: FeePolicy, job: WorkOrder, tell: Tell
) -> None:
    billed(job, "400.00")

    tell(captured("500.00"))

    assert read(job) == ("411.90", "11.90", "-88.10", "0.00", Word.OVERPAID)
    assert Payment.objects.get().services_amount == D("488.10")


def test_a_reported_fee_of_zero_is_zero(capped: FeePolicy, job: WorkOrder, tell: Tell) -> None:
    billed(job, "400.00")

    tell(captured("411.90", "0.00"))

    payment = Payment.objects.get()
    assert (payment.fee_amount, payment.fee_expected) == (D(0), D("11.90"))
    # The surplus of services pays what is billed of the fee; there is no fee on it.
    assert read(job) == ("411.90", "11.90", "0.00", "0.00", Word.PAID)


def test_services_come_first(capped: FeePolicy, bill: WorkOrder, tell: Tell) -> None:
    tell(captured("500.00"))

    assert read(bill)[:4] == ("514.80", "0.00", "14.80", "14.80")


def test_a_missing_fee_by_card_carries_none(capped: FeePolicy, bill: WorkOrder, tell: Tell) -> None:
    tell(captured("500.00"))

    tell(second("14.80"))

    assert read(bill) == ("514.80", "14.80", "0.00", "0.00", Word.PAID)
    paid = Payment.objects.get(provider_order_id="ord-2")
    assert (paid.services_amount, paid.fee_amount, paid.fee_expected) == (D(0), D("14.80"), None)


# What it is measured against -----------------------------------------------------------------


def test_the_order_in_which_money_came_counts_not_that_in_which_it_is_reported(
    capped: FeePolicy, job: WorkOrder, tell: Tell
) -> None:
    billed(job, "400.00")
    tell(second("212.20"))
    assert read(job)[1:3] == ("0.00", "194.25")  # 212.20 of services, its fee missing

    tell(captured("200.00"))  # before it

    assert read(job) == ("412.20", "12.20", "0.00", "0.00", Word.PAID)
    parts = Payment.objects.order_by("paid_at").values_list("services_amount", "fee_amount")
    assert list(parts) == [(D("200.00"), D(0)), (D("200.00"), D("12.20"))]


def test_a_bill_that_changes_later_moves_no_parts(
    capped: FeePolicy, job: WorkOrder, tell: Tell
) -> None:
    billed(job, "400.00")
    tell(captured("411.90"))

    billed(job, "125.00", reason="Cancelled the same day")
    tell(incoming("settled", 20, "411.90", method="card"))

    payment = Payment.objects.get()
    assert (payment.services_amount, payment.fee_amount) == (D("400.00"), D("11.90"))
    assert read(job)[:3] == ("136.90", "11.90", "-275.00")


def test_money_before_any_bill_is_measured_by_the_first(
    capped: FeePolicy, job: WorkOrder, tell: Tell
) -> None:
    tell(captured("411.90"))
    assert Payment.objects.get().fee_amount == 0

    billed(job, "400.00")

    assert read(job) == ("411.90", "11.90", "0.00", "0.00", Word.PAID)


def test_a_draft_is_issued_for_it_and_counts(capped: FeePolicy, job: WorkOrder, tell: Tell) -> None:
    charges.replace_charges(job.brand, job.pk, [ChargeLine("Inspection", D("400.00"))])

    tell(captured("411.90"))

    assert read(job) == ("411.90", "11.90", "0.00", "0.00", Word.PAID)


def test_other_money_came_first(capped: FeePolicy, job: WorkOrder, tell: Tell) -> None:
    billed(job, "400.00")
    manual = Manual(method="cash", is_received=True, happened_at=T0)
    record_payment(job.brand, job, D("100.00"), manual, by="Dana")

    tell(captured("309.00", minute=5))

    assert read(job) == ("409.00", "9.00", "0.00", "0.00", Word.PAID)


# What goes back ------------------------------------------------------------------------------


def test_a_refund_returns_its_part_of_the_fee(
    capped: FeePolicy, job: WorkOrder, tell: Tell
) -> None:
    billed(job, "400.00")
    tell(captured("411.90"))

    tell(incoming("refunded", 20, "205.95", method="card"))

    payment = Payment.objects.get()
    refund = payment.refunds.get()
    assert (refund.services_amount, refund.fee_amount) == (D("200.00"), D("5.95"))
    assert read(job) == ("405.95", "5.95", "200.00", "0.00", Word.PARTLY_PAID)


def test_a_refund_follows_the_parts_of_its_payment(
    capped: FeePolicy, job: WorkOrder, tell: Tell
) -> None:
    billed(job, "400.00")
    tell(second("212.20"))
    tell(incoming("refunded", 20, "106.10", method="card", order_id="ord-2"))
    assert Payment.objects.get().refunds.get().fee_amount == 0

    tell(captured("200.00"))

    refund = Payment.objects.get(provider_order_id="ord-2").refunds.get()
    assert (refund.services_amount, refund.fee_amount) == (D("100.00"), D("6.10"))
    read(job)


def test_a_second_card_after_a_refund_that_is_owed_again(
    capped: FeePolicy, job: WorkOrder, tell: Tell
) -> None:
    billed(job, "400.00")
    tell(captured("411.90"))
    tell(incoming("refunded", 20, "411.90", method="card"))

    tell(second("411.90", minute=40))

    assert read(job) == ("411.90", "11.90", "0.00", "0.00", Word.PAID)


def test_a_surplus_that_goes_back_leaves_what_is_missing(
    capped: FeePolicy, job: WorkOrder, tell: Tell
) -> None:
    billed(job, "400.00")
    tell(captured("500.00", "0.00"))
    missing = whole(job).fee

    tell(incoming("refunded", 20, "88.10", method="card"))

    assert missing.kept == D("11.90")
    assert read(job) == ("411.90", "11.90", "0.00", "0.00", Word.PAID)


# Several bills, several jobs -----------------------------------------------------------------


def two_bills(job: WorkOrder) -> None:
    billed(job, "200.00")
    issuing.bill_separately(job.brand, job.pk, [ChargeLine("More", D("200.00"))])
    issuing.issue_bill(job.brand, job.pk)


def of_bills(job: WorkOrder) -> list[tuple[str, ...]]:
    """Received, fee kept and balance of each bill."""
    answers = [d.settlement for d in job_settlement(job).documents]
    return [tuple(map(str, (s.received, s.fee.kept, s.balance))) for s in answers]


def test_one_quote_is_shared_over_two_bills(capped: FeePolicy, job: WorkOrder, tell: Tell) -> None:
    two_bills(job)

    tell(captured("411.90"))

    assert of_bills(job) == [("205.95", "5.95", "0.00"), ("205.95", "5.95", "0.00")]
    assert read(job) == ("411.90", "11.90", "0.00", "0.00", Word.PAID)


@pytest.mark.parametrize("fee", [None, "12.20"])
def test_a_missing_fee_is_paid_on_the_bill_that_lacks_it(
    fee: str | None, capped: FeePolicy, job: WorkOrder, tell: Tell
) -> None:
    two_bills(job)
    tell(captured("200.00"))

    tell(second("212.20", fee))

    assert of_bills(job) == [("206.10", "6.10", "0.00"), ("206.10", "6.10", "0.00")]
    assert read(job) == ("412.20", "12.20", "0.00", "0.00", Word.PAID)


def test_what_a_dispute_leaves_of_a_payment_with_a_surplus(
    capped: FeePolicy, job: WorkOrder, tell: Tell
) -> None:
    """The surplus is lost first; what is left is quoted as before."""
    billed(job, "400.00")
    tell(captured("500.00", "0.00"))

    tell(incoming("chargeback", 20, "100.00", method="card"))

    assert read(job)[1:] == ("0.00", "11.90", "11.90", Word.FEE_DUE)


def test_over_several_jobs_the_shares_name_the_parts(
    capped: FeePolicy, job: WorkOrder, brand: Brand
) -> None:
    other = billed(WorkOrderFactory(brand=brand, number="FHI625"), "130.00")
    billed(job, "120.00")
    payment = PaymentFactory(
        work_order=job,
        amount=D("250.00"),
        is_fee_reported=False,
        paid_at=T0,
        method="card",
        provider="stripe",
        funding="credit",
    )
    allocate(payment, {job.pk: Share(D("120.00")), other.pk: Share(D("130.00"))})

    post(payment)

    assert payment.fee_expected == D("7.55")
    missing = [whole(one).fee.open for one in (job, other)]
    assert (missing, sum(missing)) == ([D("3.62"), D("3.93")], D("7.55"))


# A surplus that goes back --------------------------------------------------------------------


def test_a_surplus_goes_back_without_any_fee(capped: FeePolicy, job: WorkOrder, tell: Tell) -> None:
    """By the provider, which reports one sum; the next refund takes its part of the fee along."""
    billed(job, "400.00")
    tell(captured("500.00"))

    tell(incoming("refunded", 20, "88.10", method="card"))
    assert read(job) == ("411.90", "11.90", "0.00", "0.00", Word.PAID)

    tell(incoming("refunded", 30, "205.95", method="card", event_id="again"))
    parts = Payment.objects.get().refunds.order_by("number")
    assert list(parts.values_list("services_amount", "fee_amount")) == [
        (D("88.10"), D(0)),
        (D("200.00"), D("5.95")),
    ]


def test_what_a_form_refunds_of_a_surplus_carries_no_fee(
    capped: FeePolicy, job: WorkOrder, tell: Tell
) -> None:
    billed(job, "400.00")
    tell(captured("500.00"))
    payment = Payment.objects.get()
    assert refund_fee(payment, D("88.10")) == 0
    assert refund_fee(payment, D("288.10")) == D("5.95")
    assert refund_fee(payment, D("488.10")) == D("11.90")

    queue_refund(payment, D("88.10"), reason="Paid too much", by="Dana")

    assert read(job) == ("411.90", "11.90", "0.00", "0.00", Word.PAID)


def test_what_paid_anothers_fee_stays_when_a_surplus_goes_back(
    capped: FeePolicy, job: WorkOrder, tell: Tell
) -> None:
    billed(job, "400.00")
    tell(captured("400.00"))
    tell(second("20.00"))
    late = Payment.objects.get(provider_order_id="ord-2")
    assert (late.services_amount, late.fee_amount) == (D("8.10"), D("11.90"))

    queue_refund(late, D("8.10"), reason="Paid too much", by="Dana")

    assert read(job) == ("411.90", "11.90", "0.00", "0.00", Word.PAID)

"""RIA2159 with its neighbours, from facts to settlement; and quotes of attempts."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Brand
from activity.actors import acting_as, system
from activity.models import Change
from invoicing.domain.fee_decisions import bill_fee, waive_fee
from invoicing.domain.fees import add_policy
from invoicing.models import FeePolicy, LedgerEntry
from invoicing.settlement.types import Word
from payments.domain.post import post
from payments.domain.record import Manual, record_payment
from payments.models import Payment, PaymentAttempt
from tests.factories import AttemptFactory, PaymentFactory
from tests.payments.card_fees import DEBIT, captured, figures, whole
from tests.payments.conftest import T0, Tell, incoming, with_policy
from workorders.domain import jobs
from workorders.models import WorkOrder

D = Decimal


# RIA2159 and its neighbours ------------------------------------------------------------------


def test_paid_by_card_without_its_fee_is_paid_and_staff_see_it(
    policy: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    tell(captured("500.00"))

    assert figures(bill) == ("500.00", "500.00", "0.00", "17.95", Word.PAID)


def test_the_policy_may_bill_it(brand: Brand, bill: WorkOrder, tell: Tell) -> None:
    with_policy(brand, uncollected="bill")

    tell(captured("500.00"))

    assert figures(bill) == ("517.95", "500.00", "17.95", "17.95", Word.FEE_DUE)


@pytest.mark.parametrize("method", ["check", "cash"])
def test_billed_by_hand_and_then_paid_by_any_means(
    method: str, policy: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    tell(captured("500.00"))
    key = f"payment:{Payment.objects.get().pk}"

    bill_fee(bill.brand, bill.pk, key, "They agreed", "Dana")
    assert figures(bill) == ("517.95", "500.00", "17.95", "17.95", Word.FEE_DUE)

    manual = Manual(method="other" if method == "check" else "cash", is_received=True)
    record_payment(bill.brand, bill, D("17.95"), manual, by="Dana")
    assert figures(bill) == ("517.95", "517.95", "0.00", "0.00", Word.PAID)


def test_the_billed_fee_paid_by_card_carries_none(
    brand: Brand, bill: WorkOrder, tell: Tell
) -> None:
    with_policy(brand, uncollected="bill", fixed=D("0.30"))
    tell(captured("500.00"))

    tell(captured("18.25", fee="18.25", order_id="ord-2", event_id="second"))

    assert figures(bill) == ("518.25", "518.25", "0.00", "0.00", Word.PAID)
    assert Payment.objects.get(provider_order_id="ord-2").fee_expected is None


def test_paid_by_check_nothing_is_mentioned(policy: FeePolicy, bill: WorkOrder) -> None:
    manual = Manual(method="other", is_received=True)
    record_payment(bill.brand, bill, D("500.00"), manual, by="Dana")

    s = whole(bill)
    assert (s.word, s.fee.expected, s.fee.open) == (Word.PAID, D(0), D(0))
    assert s.because["fee_expected"] == s.because["fee_uncollected"] == []


def test_switched_off_before_the_payment_there_is_none(
    policy: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    with acting_as(system(), at=T0 - timedelta(hours=1)):
        jobs.set_fee_disabled(bill.brand, bill.pk, True, reason="Goodwill")

    tell(captured("500.00"))

    assert figures(bill) == ("500.00", "500.00", "0.00", "0.00", Word.PAID)


def test_a_fee_paid_with_the_services_is_collected(
    policy: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    tell(captured("517.95", fee="17.95"))

    assert figures(bill) == ("517.95", "517.95", "0.00", "0.00", Word.PAID)
    assert whole(bill).fee.kept == D("17.95")


@pytest.mark.parametrize("amount", ["500.00", "517.95"])
def test_switched_off_after_the_payment_changes_nothing(
    amount: str, policy: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    fee = "17.95" if amount == "517.95" else None
    tell(captured(amount, fee=fee))
    before = figures(bill)

    jobs.set_fee_disabled(bill.brand, bill.pk, True, reason="Goodwill")
    tell(incoming("settled", 9, amount, method="card"))

    assert figures(bill) == before


def test_a_fact_that_comes_after_the_switch_but_happened_before_it_is_quoted(
    policy: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    jobs.set_fee_disabled(bill.brand, bill.pk, True, reason="Goodwill")

    tell(captured("500.00"))  # months ago

    assert whole(bill).fee.open == D("17.95")


def test_switched_on_again_meanwhile(policy: FeePolicy, bill: WorkOrder, tell: Tell) -> None:
    for hours, off in ((-2, True), (2, False), (4, True)):
        with acting_as(system(), at=T0 + timedelta(hours=hours)):
            jobs.set_fee_disabled(bill.brand, bill.pk, off, reason="To and fro")

    tell(captured("400.00"))
    tell(captured("100.00", minute=180, order_id="ord-2", event_id="second"))

    assert Payment.objects.get(provider_order_id="ord-1").fee_expected is None
    assert Payment.objects.get(provider_order_id="ord-2").fee_expected == D("3.59")


def test_pruning_the_change_log_changes_no_quote(
    policy: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    with acting_as(system(), at=T0 - timedelta(hours=1)):
        jobs.set_fee_disabled(bill.brand, bill.pk, True, reason="Goodwill")
    with acting_as(system(), at=T0 + timedelta(hours=1)):
        jobs.set_fee_disabled(bill.brand, bill.pk, False, reason="Next visit")
    Change.objects.all().delete()

    tell(captured("400.00"))
    tell(captured("100.00", minute=120, order_id="ord-2", event_id="second"))

    assert Payment.objects.get(provider_order_id="ord-1").fee_expected is None
    assert Payment.objects.get(provider_order_id="ord-2").fee_expected == D("3.59")


def test_a_debit_card_under_a_credit_only_policy(
    policy: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    tell(captured("500.00", data=DEBIT))

    assert figures(bill) == ("500.00", "500.00", "0.00", "0.00", Word.PAID)


def test_partly_collected_the_rest_is_missing(
    policy: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    tell(captured("510.00", fee="10.00"))

    assert figures(bill) == ("510.00", "510.00", "0.00", "7.95", Word.PAID)


def test_another_policy_changes_nothing_of_earlier_payments(
    policy: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    tell(captured("500.00"))

    add_policy(bill.brand, percent=D("9"), fundings=["credit"], uncollected="bill")  # type: ignore[arg-type]
    tell(incoming("settled", 9, "500.00", method="card"))

    assert figures(bill) == ("500.00", "500.00", "0.00", "17.95", Word.PAID)


def test_a_lost_dispute_is_no_uncollected_fee(
    policy: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    tell(captured("517.95", fee="17.95"))
    tell(incoming("chargeback", 99, "517.95", method="card"))

    assert figures(bill) == ("500.00", "0.00", "500.00", "0.00", Word.DUE)


def test_waived_and_refunded_stays_settled(policy: FeePolicy, bill: WorkOrder, tell: Tell) -> None:
    tell(captured("500.00"))
    waive_fee(bill.brand, bill.pk, f"payment:{Payment.objects.get().pk}", "Our mistake")

    tell(incoming("refunded", 9, "100.00", method="card"))

    s = whole(bill)
    assert (s.balance, s.fee.open) == (D("100.00"), D(0))


# What was quoted on an attempt ----------------------------------------------------------------


def paid_by_card(job: WorkOrder, amount: str = "500.00", **rest: Any) -> Payment:
    values = {"method": "card", "provider": "stripe", "funding": "credit", "paid_at": T0}
    return PaymentFactory(work_order=job, amount=D(amount), **{**values, **rest})


def tried(payment: Payment, fee: str, amount: str = "517.95") -> PaymentAttempt:
    return AttemptFactory(
        work_order=payment.work_order, payment=payment, amount=D(amount), fee_expected=D(fee)
    )


@pytest.mark.parametrize("amount", ["500.00", "517.95"])
def test_the_attempts_quote_counts_whatever_the_policy_says(
    amount: str, brand: Brand, bill: WorkOrder
) -> None:
    with_policy(brand, percent=D("9"), fundings=["debit"], uncollected="bill")
    payment = paid_by_card(bill)
    tried(payment, "17.95", amount)

    post(payment)

    assert figures(bill) == ("517.95", "500.00", "17.95", "17.95", Word.FEE_DUE)


def test_an_import_without_quote_or_policy_owes_none(bill: WorkOrder) -> None:
    payment = paid_by_card(bill)

    post(payment)

    assert (payment.fee_expected, payment.uncollected) == (None, "")


def test_an_import_without_a_quote_is_quoted_once_by_what_was_true_then(
    policy: FeePolicy, bill: WorkOrder
) -> None:
    payment = paid_by_card(bill)

    post(payment)
    lines = LedgerEntry.objects.count()
    post(payment)

    assert (payment.fee_expected, payment.uncollected) == (D("17.95"), "absorb")
    assert LedgerEntry.objects.count() == lines


def test_a_policy_dated_back_leaves_what_is_here_and_quotes_what_is_imported_later(
    brand: Brand, bill: WorkOrder
) -> None:
    before = paid_by_card(bill, "300.00")
    post(before)

    with_policy(brand)
    post(before)
    after = paid_by_card(bill, "200.00")
    post(after)

    assert before.fee_expected is None
    assert after.fee_expected == D("7.18")


def test_a_capture_of_less_owes_its_share_of_the_quote(bill: WorkOrder) -> None:
    payment = paid_by_card(bill, "103.59", fee_amount=D("3.59"))
    tried(payment, "17.95")

    post(payment)

    assert payment.fee_expected == D("3.59")
    assert whole(bill).fee.uncollected == 0

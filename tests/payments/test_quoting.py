"""RIA2159 with its neighbours, from facts to settlement; and quotes that commute."""

import itertools
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from activity.actors import acting_as, system
from invoicing.bill import Settlement, Word
from invoicing.domain.fee_decisions import bill_fee, waive_fee
from invoicing.domain.fees import add_policy
from invoicing.models import FeePolicy, JobBalance, LedgerEntry
from invoicing.queries import job_settlement
from payments.domain.facts import IncomingFact
from payments.domain.manual import Manual, record_payment
from payments.domain.posting import post
from payments.models import Payment, PaymentAttempt
from tests.factories import AttemptFactory, PaymentFactory
from tests.payments.conftest import T0, Tell, incoming
from workorders.domain import charges, jobs
from workorders.domain.charges import ChargeLine
from workorders.models import WorkOrder, WorkOrderStatus

D = Decimal
CREDIT = {"funding": "credit", "last4": "4242"}
DEBIT = {"funding": "debit", "last4": "4242"}


@pytest.fixture
def policy(brand: Brand) -> FeePolicy:
    """3.59 % on credit cards, absorbed, for as long as anybody remembers."""
    return with_policy(brand)


def with_policy(brand: Brand, **rest: Any) -> FeePolicy:
    values: dict[str, Any] = {"percent": D("3.59"), "fundings": ["credit"], **rest}
    return add_policy(brand, T0 - timedelta(days=400), **values)


@pytest.fixture
def bill(job: WorkOrder) -> WorkOrder:
    """The job with its service of 500.00, issued."""
    charges.replace_charges(job.brand, job.pk, [ChargeLine("Home inspection", D("500.00"))])
    jobs.set_status(job.brand, job.pk, WorkOrderStatus.CONFIRMED)
    return job


def captured(amount: str, fee: str | None = None, data: Any = None, **rest: Any) -> IncomingFact:
    told = {"method": "card", "fee": None if fee is None else D(fee), "data": data or CREDIT}
    return incoming("captured", rest.pop("minute", 1), amount, **{**told, **rest})


def whole(job: WorkOrder) -> Settlement:
    """The job's settlement; its rollup must say the same."""
    answer = job_settlement(job).whole
    row = JobBalance.objects.get(work_order=job)
    assert (row.billed, row.balance, row.word) == (answer.billed, answer.balance, answer.word)
    assert row.fee_uncollected == answer.fee.open
    return answer


def figures(job: WorkOrder) -> tuple[str, ...]:
    """billed, received, balance, uncollected fee, and the word."""
    s = whole(job)
    return (*map(str, (s.billed, s.received, s.balance, s.fee.uncollected)), s.word)


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


def test_paid_with_its_fee_it_is_kept(policy: FeePolicy, bill: WorkOrder, tell: Tell) -> None:
    tell(captured("517.95", fee="17.95"))

    assert figures(bill) == ("517.95", "517.95", "0.00", "0.00", Word.PAID)
    assert whole(bill).fee.kept == D("17.95")


@pytest.mark.parametrize("told", ["500.00", "517.95"])
def test_switched_off_after_the_payment_changes_nothing(
    told: str, policy: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    fee = "17.95" if told == "517.95" else None
    tell(captured(told, fee=fee))
    before = figures(bill)

    jobs.set_fee_disabled(bill.brand, bill.pk, True, reason="Goodwill")
    tell(incoming("settled", 9, told, method="card"))

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

    tell(captured("500.00"))
    tell(captured("100.00", minute=180, order_id="ord-2", event_id="second"))

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


# Any order -------------------------------------------------------------------------------------


class _Undo(Exception):
    """Take everything back."""


def outcome(job: WorkOrder, tell: Tell, facts: Sequence[IncomingFact]) -> Any:
    """What these facts come to in this order, and nothing of them is left."""
    found: Any = None
    try:
        with transaction.atomic():
            for fact in facts:
                tell(fact)
            quotes = Payment.objects.order_by("provider_order_id").values_list(
                "status", "method", "services_amount", "fee_amount", "fee_expected", "uncollected"
            )
            s = whole(job) if JobBalance.objects.filter(work_order=job).exists() else None
            found = list(quotes), s and (s.billed, s.received, s.refunded, s.balance, s.fee, s.word)
            raise _Undo
    except _Undo:
        return found


def in_every_order(job: WorkOrder, tell: Tell, *facts: IncomingFact) -> Any:
    found = [outcome(job, tell, order) for order in itertools.permutations(facts)]
    assert all(other == found[0] for other in found), found
    return found[0]


@pytest.mark.parametrize("uncollected", ["absorb", "bill"])
@pytest.mark.parametrize(("data", "fee"), [(CREDIT, "17.95"), (DEBIT, None)])
def test_the_funding_may_be_told_late(
    data: Any, fee: str | None, uncollected: str, brand: Brand, bill: WorkOrder, tell: Tell
) -> None:
    with_policy(brand, uncollected=uncollected)

    quotes, _ = in_every_order(
        bill,
        tell,
        incoming("authorised", 0, "500.00", method="card"),
        captured("500.00", data={"last4": "4242"}),
        incoming("settled", 9, "500.00", method="card", data=data),
    )

    expected = None if fee is None else D(fee)
    assert quotes[0][-2:] == (expected, uncollected if fee else "")


def test_what_no_card_of_unknown_kind_owes_is_not_owed_once_it_is_known(
    brand: Brand, bill: WorkOrder, tell: Tell
) -> None:
    with_policy(brand, fundings=["unknown"], uncollected="bill")

    quotes, settled = in_every_order(
        bill,
        tell,
        captured("500.00", data={"last4": "4242"}),
        incoming("settled", 9, "500.00", method="card", data=DEBIT),
    )

    assert quotes[0][-2:] == (None, "")
    assert settled[3] == 0


def test_the_services_may_change_between_authorised_and_captured(
    policy: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    quotes, settled = in_every_order(
        bill,
        tell,
        incoming("authorised", 0, "500.00", method="card", data=CREDIT),
        captured("480.00", data={}),
        captured("400.00", minute=5, data={}),
    )

    assert quotes[0][-2] == D("14.36")
    assert settled[4].uncollected == D("14.36")


def test_the_fee_may_be_told_late(policy: FeePolicy, bill: WorkOrder, tell: Tell) -> None:
    _, settled = in_every_order(
        bill,
        tell,
        captured("517.95"),
        incoming("settled", 9, "517.95", method="card", fee=D("17.95")),
        incoming("refunded", 12, "103.59", method="card"),
    )

    assert (settled[3], settled[4].uncollected) == (D("100.00"), D(0))


def test_a_bank_debit_that_first_looked_like_a_card_owes_none(
    policy: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    quotes, _ = in_every_order(
        bill,
        tell,
        captured("500.00"),
        incoming("settled", 9, "500.00", method="ach"),
    )

    assert quotes[0][-2] is None


@pytest.fixture
def billing(brand: Brand) -> FeePolicy:
    return with_policy(brand, fundings=["credit", "unknown"], uncollected="bill")


facts = st.lists(
    st.builds(
        lambda status, minute, amount, fee, data, order: incoming(
            status, minute, amount, method="card", fee=fee, data=data, order_id=order
        ),
        st.sampled_from(["authorised", "captured", "settled", "refunded", "voided", "chargeback"]),
        st.integers(0, 4),
        st.sampled_from(["50.00", "500.00", "517.95"]),
        st.sampled_from([None, D("0.00"), D("17.95")]),
        st.sampled_from([{}, CREDIT, DEBIT, {"funding": "prepaid"}]),
        st.just("ord-1"),
    ),
    min_size=2,
    max_size=5,
    unique_by=lambda fact: fact.event_id,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(told=facts, shuffled=st.randoms(use_true_random=False))
def test_quotes_are_the_same_in_any_order(
    told: list[IncomingFact], shuffled: Any, billing: FeePolicy, bill: WorkOrder, tell: Tell
) -> None:
    other = [*told, *told[:1]]
    shuffled.shuffle(other)

    assert outcome(bill, tell, told) == outcome(bill, tell, other)

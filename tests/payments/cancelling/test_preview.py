"""Any job, any plan, and several people at once: the preview holds, nothing goes back twice."""

from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from invoicing.domain import issuing
from invoicing.queries import settlements
from payments.cancelling import cancel as cancelling
from payments.cancelling.cancel import Held, Preview, Remains
from payments.domain.post import post
from payments.models import Payment, Refund
from payments.refunds.verbs import queue_refund, refundable
from tests.factories import BrandFactory, WorkOrderFactory
from tests.payments.cancelled_jobs import KEEP, NOTHING, REFUND, D, cancel, fhi624, plan, prepaid
from tests.payments.conftest import together
from tests.payments.refund_requests import card
from workorders.domain import jobs
from workorders.domain.charges import ChargeLine, replace_charges
from workorders.models import WorkOrder, WorkOrderStatus

# --- any job, any plan ------------------------------------------------------------------------


class _Undo(Exception):
    """Take everything back."""


CENTS = st.integers(1, 90_000).map(lambda n: D(n).scaleb(-2))
FEES = st.integers(0, 2_000).map(lambda n: D(n).scaleb(-2))
PAYMENTS = st.lists(
    st.tuples(
        CENTS,
        FEES,
        st.sampled_from([None, "absorb", "bill"]),
        FEES,
        st.integers(0, 100),
        st.sampled_from(["completed", "completed", "pending", "disputed"]),
    ),
    max_size=3,
)


@settings(
    max_examples=60,
    deadline=None,
    # Without shrinking, which takes minutes of whole jobs: the example is small already.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    charges=st.lists(CENTS, max_size=3),
    discount=st.booleans(),
    tax=st.booleans(),
    confirm=st.booleans(),
    extra=st.sampled_from(["", "draft", "issued"]),
    prepay=st.booleans(),
    payments=PAYMENTS,
    remains=st.sampled_from(Remains),
    money=st.sampled_from(Held),
    fee=CENTS,
)
def test_what_is_previewed_is_what_happens(
    charges: list[Decimal],
    discount: bool,
    tax: bool,
    confirm: bool,
    extra: str,
    prepay: bool,
    payments: list[tuple[Decimal, Decimal, str | None, Decimal, int, str]],
    remains: Remains,
    money: Held,
    fee: Decimal,
    brand: Brand,
) -> None:
    try:
        with transaction.atomic():
            job: WorkOrder = WorkOrderFactory(brand=brand)
            _book(job, charges, discount, tax, confirm)
            if extra and confirm and charges:
                issuing.bill_separately(brand, job.pk, [ChargeLine("Radon", D("95.00"))])
            if extra == "issued" and confirm and charges:
                issuing.issue_bill(brand, job.pk)
            made = [_pay(job, *payment) for payment in payments]
            due = _due_on_the_bill(job)
            if prepay and due > 1:
                prepaid(job, str((due / 2).quantize(D("0.01"))))
            before = {p.pk: refundable(p) for p in made}
            done = cancel(job, plan(remains, money, fee=str(fee)))
            for refund in done.refunds:
                left = before[refund.payment.pk]
                assert ZERO <= refund.services <= left.services
                assert ZERO <= refund.fee <= left.fee
            if money == REFUND and done.after.balance < 0:
                assert all(refundable(p).services == 0 for p in made)
            if money == KEEP:
                assert not done.refunds
                assert not done.to_credit
            raise _Undo
    except _Undo:
        pass


ZERO = D(0)


def _due_on_the_bill(job: WorkOrder) -> Decimal:
    documents = settlements.job_settlement(job).documents
    issued = [d.settlement.amount_due for d in documents if d.invoice.status == "issued"]
    return issued[-1] if issued else ZERO


def _book(job: WorkOrder, charges: list[Decimal], discount: bool, tax: bool, confirm: bool) -> None:
    name, percent = ("Sales tax", D("8.25")) if tax else ("", D(0))
    lines = [ChargeLine("Inspection", a, tax_name=name, tax_percent=percent) for a in charges]
    if discount and charges:
        lines.append(ChargeLine("Discount", -charges[0] / 2 // D("0.01") * D("0.01") - 0))
    lines = [line for line in lines if line.amount]
    replace_charges(job.brand, job.pk, lines)
    if confirm:
        jobs.set_status(job.brand, job.pk, WorkOrderStatus.CONFIRMED)
        job.refresh_from_db()


def _pay(
    job: WorkOrder,
    services: Decimal,
    fee: Decimal,
    policy: str | None,
    expected: Decimal,
    back: int,
    status: str,
) -> Payment:
    quote = {"fee_expected": expected, "uncollected": policy} if policy else {}
    rest = {"uncollected": "absorb", "funding": "credit", **quote}
    payment = card(job, str(services + fee), str(fee), status=status, **rest)
    post(payment)
    some = (services * back / 100).quantize(D("0.01"))
    if some and back < 60 and status != "pending":
        queue_refund(payment, some, reason="Goodwill", by="Dana")
    return payment


# --- two at once ------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_people_cancel_at_once_and_the_money_goes_back_once() -> None:
    brand = BrandFactory()
    job: WorkOrder = WorkOrderFactory(brand=brand)
    fhi624(job)
    shown = cancelling.preview(job, plan())

    def work() -> Preview:
        return cancelling.cancel_job(brand, job.pk, plan(), expected=shown.fingerprint, by="Dana")

    answers = together(work, work, work)

    assert sorted(type(a).__name__ for a in answers) == [
        "Preview",
        "ValidationError",
        "ValidationError",
    ]
    assert [r.amount for r in Refund.objects.all()] == [D("211.14")]


@pytest.mark.django_db(transaction=True)
def test_a_refund_and_a_cancellation_at_once_never_give_back_twice() -> None:
    brand = BrandFactory()
    job: WorkOrder = WorkOrderFactory(brand=brand)
    payment = fhi624(job)
    shown = cancelling.preview(job, plan(NOTHING))

    def refund() -> Refund:
        return queue_refund(payment, D("329.00"), reason="Angry", by="Billing")

    def cancel_() -> Preview:
        how = plan(NOTHING)
        return cancelling.cancel_job(brand, job.pk, how, expected=shown.fingerprint, by="Dana")

    together(refund, cancel_)

    assert sum(r.amount for r in Refund.objects.all()) == D("340.52")

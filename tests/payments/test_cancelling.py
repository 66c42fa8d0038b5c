"""Cancelling a job with its money: what was previewed is what happens, to the cent."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Brand
from core import clock
from invoicing import queries
from invoicing.bill import Settlement, Word
from invoicing.domain import issuing, pool
from invoicing.domain.rollup import figures_of
from invoicing.models import ClientCredit, CreditKind, Invoice, InvoiceRevision
from payments.domain import cancelling, manual
from payments.domain.cancelling import Held, Outdated, Plan, Preview, Remains
from payments.domain.posting import post
from payments.domain.refunds import queue_refund, refundable
from payments.models import Method, Payment, Refund
from tests.factories import BrandFactory, ServiceFactory, WorkOrderFactory
from tests.invoicing import bills
from tests.payments.asking import card
from tests.payments.conftest import together
from workorders.domain import jobs
from workorders.domain.charges import ChargeLine, replace_charges
from workorders.models import ServiceType, WorkOrder, WorkOrderStatus

D = Decimal
NOTHING, FEE, EVERYTHING = Remains
REFUND, KEEP, CREDIT = Held


def fee_of(amount: str = "125.00") -> ChargeLine:
    described = "Same Day Cancelation - HI NOT Done"
    return ChargeLine(described, D(amount), service_type=ServiceType.CANCELLATION)


def plan(
    remains: Remains = FEE, money: Held = REFUND, fee: str = "125.00", reason: str = "Called off"
) -> Plan:
    return Plan(remains, money, reason, fee_of(fee) if remains == FEE else None)


def charged(job: WorkOrder, *amounts: str) -> WorkOrder:
    lines = [ChargeLine("General Home Inspection", D(amount)) for amount in amounts]
    replace_charges(job.brand, job.pk, lines)
    return job


def confirmed(job: WorkOrder, *amounts: str) -> WorkOrder:
    charged(job, *amounts)
    jobs.set_status(job.brand, job.pk, WorkOrderStatus.CONFIRMED)
    job.refresh_from_db()
    return job


def paid(job: WorkOrder, amount: str = "340.52", fee: str = "11.52", **rest: object) -> Payment:
    payment = card(job, amount, fee, **rest)
    post(payment)
    return payment


def fhi624(job: WorkOrder) -> Payment:
    confirmed(job, "329.00")
    return paid(job)


def cancel(job: WorkOrder, how: Plan) -> Preview:
    """Preview, agree, cancel; and what was shown is what is."""
    shown = cancelling.preview(job, how)
    done = cancelling.cancel_job(job.brand, job.pk, how, expected=shown.fingerprint, by="Dana")
    assert figures(settled(job)) == figures(shown.after)
    return done


def settled(job: WorkOrder) -> Settlement:
    return queries.job_settlement(job).whole


def figures(settlement: Settlement) -> dict[str, object]:
    return figures_of(settlement) | {"status": settlement.status}


def stands(job: WorkOrder) -> tuple[str, str, str, str]:
    """(billed, received, refunded, word) of the job now."""
    it = settled(job)
    return str(it.billed), str(it.received), str(it.refunded), it.word.value


# --- FHI624 and its neighbours ----------------------------------------------------------------


def test_fhi624_cancelled_but_not_free(job: WorkOrder) -> None:
    payment = fhi624(job)
    jobs.set_published(job.brand, job.pk, published=True)

    done = cancel(job, plan())

    refund = Refund.objects.get()
    job.refresh_from_db()
    it = settled(job)
    assert (refund.amount, refund.services_amount, refund.fee_amount) == (
        D("211.14"),
        D("204.00"),
        D("7.14"),
    )
    assert (refund.status, refund.payment, refund.reason) == ("queued", payment, "Called off")
    assert done.refunded == D("211.14")
    assert (it.services, it.fee.kept, it.billed) == (D("125.00"), D("4.38"), D("129.38"))
    assert (it.received, it.refunded, it.credits) == (D("340.52"), D("211.14"), D(0))
    assert (it.balance, it.word) == (D(0), Word.PAID)
    assert (job.status, job.reason) == ("cancelled", "Called off")
    assert job.published_at is not None
    revisions = InvoiceRevision.objects.order_by("number")
    assert [(r.number, r.services_total, r.reason) for r in revisions] == [
        (1, D("329.00"), ""),
        (2, D("125.00"), "Called off"),
    ]
    assert job.charges.get().service_type == ServiceType.CANCELLATION


def test_nothing_billed_and_never_paid(job: WorkOrder) -> None:
    cancel(job, plan(NOTHING))

    assert stands(job) == ("0.00", "0.00", "0.00", "Nothing due")
    assert not Invoice.objects.exists()


def test_nothing_billed_everything_goes_back_with_its_fee(job: WorkOrder) -> None:
    fhi624(job)

    cancel(job, plan(NOTHING))

    assert stands(job) == ("0.00", "340.52", "340.52", "Nothing due")
    assert not cancelling.money_held_unbilled(job.brand).exists()


def test_a_fee_that_nobody_paid_yet_is_due(job: WorkOrder) -> None:
    confirmed(job, "329.00")

    cancel(job, plan())

    assert stands(job) == ("125.00", "0.00", "0.00", "Due")
    assert settled(job).amount_due == D("125.00")
    assert Invoice.objects.get().due_on is not None


def test_a_pending_job_issues_only_what_stays_billed(job: WorkOrder) -> None:
    charged(job, "329.00")

    cancel(job, plan())

    assert [r.services_total for r in InvoiceRevision.objects.all()] == [D("125.00")]
    assert stands(job) == ("125.00", "0.00", "0.00", "Due")


def test_money_kept_with_nothing_billed_is_a_task(job: WorkOrder) -> None:
    fhi624(job)

    done = cancel(job, plan(NOTHING, KEEP))

    job.refresh_from_db()
    it = settled(job)
    assert (it.word, it.balance) == (Word.OVERPAID, D("-329.00"))
    assert [row.work_order for row in cancelling.money_held_unbilled(job.brand)] == [job]
    assert cancelling.holds_unbilled_money(job, it.balance, it.services)
    assert "$329.00 more than is billed stays here" in done.warnings[0]


def test_money_becomes_the_clients_credit(job: WorkOrder) -> None:
    fhi624(job)

    done = cancel(job, plan(money=CREDIT))

    credit = ClientCredit.objects.get()
    assert (credit.amount, done.to_credit, credit.reason) == (
        D("204.00"),
        D("204.00"),
        "Called off",
    )
    # The whole fee stays: nothing was refunded.
    assert stands(job) == ("136.52", "340.52", "0.00", "Paid")


def test_everything_remains_and_nothing_goes_back(job: WorkOrder) -> None:
    fhi624(job)

    done = cancel(job, plan(EVERYTHING))

    assert (done.refunds, InvoiceRevision.objects.count()) == ([], 1)
    assert stands(job) == ("340.52", "340.52", "0.00", "Paid")


def test_everything_remains_and_what_was_too_much_goes_back(job: WorkOrder) -> None:
    confirmed(job, "300.00")
    paid(job, "400.00", "0.00")

    done = cancel(job, plan(EVERYTHING))

    assert done.refunded == D("100.00")
    assert stands(job) == ("300.00", "400.00", "100.00", "Paid")


def test_everything_remains_on_a_pending_job_issues_it(job: WorkOrder) -> None:
    charged(job, "329.00")

    cancel(job, plan(EVERYTHING))

    assert stands(job) == ("329.00", "0.00", "0.00", "Due")


def test_a_service_named_cancellation_is_an_ordinary_line(job: WorkOrder) -> None:
    service = ServiceFactory(brand=job.brand, name="Cancellation", service_type="cancellation")
    line = ChargeLine(
        "Cancellation", D("125.00"), service_id=service.pk, service_type=ServiceType.CANCELLATION
    )
    replace_charges(job.brand, job.pk, [line])
    jobs.set_status(job.brand, job.pk, WorkOrderStatus.CONFIRMED)

    job.refresh_from_db()

    assert (job.status, stands(job)) == ("confirmed", ("125.00", "0.00", "0.00", "Due"))


# --- money of several kinds -------------------------------------------------------------------


def test_the_newest_payment_goes_back_first(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    now = clock.now()
    old = paid(job, "200.00", "0.00", happened_at=now - timedelta(days=3), paid_at=None)
    new = paid(job, "129.00", "0.00", happened_at=now - timedelta(days=1), paid_at=None)

    done = cancel(job, plan())

    assert [(r.payment, r.services) for r in done.refunds] == [
        (new, D("129.00")),
        (old, D("75.00")),
    ]


def test_what_was_refunded_before_is_not_refunded_again(job: WorkOrder) -> None:
    payment = fhi624(job)
    queue_refund(payment, D("100.00"), reason="Goodwill", by="Dana")

    done = cancel(job, plan())

    assert [(r.services, r.fee) for r in done.refunds] == [(D("104.00"), D("3.64"))]
    assert stands(job) == ("129.38", "340.52", "211.14", "Paid")


def test_a_fee_that_was_paid_by_itself_goes_back_with_the_services(job: WorkOrder) -> None:
    confirmed(job, "500.00")
    paid(job, "500.00", "0.00", fee_expected=D("17.95"), uncollected="bill", funding="credit")
    paid(job, "17.95", "17.95", fee_expected=None, uncollected="absorb", method="check")

    cancel(job, plan(NOTHING))

    assert stands(job) == ("0.00", "517.95", "517.95", "Nothing due")


def test_a_fee_that_is_due_goes_down_with_what_goes_back(job: WorkOrder) -> None:
    confirmed(job, "500.00")
    paid(job, "500.00", "0.00", fee_expected=D("17.95"), uncollected="bill", funding="credit")

    cancel(job, plan())

    it = settled(job)
    assert (it.balance, it.refunded + it.billed) == (D(0), D("500.00"))


def test_pending_money_is_warned_of_and_stays(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    check = manual.Manual(method=Method.CHECK, reference="1234")
    manual.record_payment(job.brand, job, D("329.00"), check, by="Dana")

    done = cancel(job, plan(NOTHING))

    assert "$329.00 is under way" in done.warnings[0]
    assert (settled(job).pending, settled(job).balance) == (D("329.00"), D(0))


def test_pending_money_of_a_draft_stays(job: WorkOrder) -> None:
    charged(job, "329.00")
    check = manual.Manual(method=Method.CHECK, reference="1234")
    manual.record_payment(job.brand, job, D("329.00"), check, by="Dana")

    cancel(job, plan(NOTHING))

    assert (settled(job).pending, settled(job).billed) == (D("329.00"), D(0))


def test_money_whose_outcome_is_unknown_is_warned_of(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    card(job, status="unknown")

    assert "$103.50 may have been charged" in cancelling.preview(job, plan()).warnings[0]


def test_a_disputed_payment_is_warned_of(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    paid(job, status="disputed")

    assert "bank disputes P-1" in cancelling.preview(job, plan()).warnings[0]


def test_a_credit_that_is_not_needed_any_more_is_the_clients_again(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    other = bills.bill(job.client, "100.00")
    credit = bills.credit(other, "60.00")
    pool.apply_credit(job.brand, credit.pk, Invoice.objects.get(work_order=job).pk, D("60.00"))
    paid(job, "269.00", "0.00")

    done = cancel(job, plan(fee="25.00"))

    credit.refresh_from_db()
    assert (done.refunded, credit.used) == (D("269.00"), D("25.00"))
    assert [taken.amount for taken in done.taken_off] == [D("35.00")]
    assert settled(job).balance == 0


def test_a_prepayment_goes_back_to_credit_when_nothing_stays_billed(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    credit = prepaid(job, "300.00")

    cancel(job, plan(NOTHING))

    credit.refresh_from_db()
    assert (credit.used, stands(job)) == (D(0), ("0.00", "0.00", "0.00", "Nothing due"))


def prepaid(job: WorkOrder, amount: str) -> ClientCredit:
    """A prepayment of the client, all of it applied to the job's bill."""
    credit: ClientCredit = ClientCredit.objects.create(
        brand=job.brand,
        client=job.client,
        kind=CreditKind.PREPAYMENT,
        amount=D(amount),
        label="Prepayment",
        method="check",
        happened_at=clock.now(),
    )
    invoice = Invoice.objects.filter(work_order=job, status="issued").latest("pk")
    pool.apply_credit(job.brand, credit.pk, invoice.pk, D(amount))
    return credit


def test_a_check_over_two_jobs_gives_back_this_jobs_share_only(job: WorkOrder) -> None:
    other: WorkOrder = WorkOrderFactory(brand=job.brand, client=job.client)
    for one in (job, other):
        confirmed(one, "300.00")
    check = manual.Manual(method=Method.CHECK, reference="9", is_received=True)
    payment = manual.record_check_over(
        job.brand, [(job, D("300.00")), (other, D("300.00"))], check, by="Dana", total=D("600.00")
    )
    manual.confirm(payment, by="Dana")

    done = cancel(job, plan(NOTHING))

    assert done.refunded == D("300.00")
    assert stands(other) == ("300.00", "300.00", "0.00", "Paid")


# --- bills of several kinds -------------------------------------------------------------------


def test_the_fee_stands_on_the_issued_bill_not_on_a_draft_beside_it(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    paid(job)
    issuing.bill_separately(job.brand, job.pk, [ChargeLine("Sewer scope", D("150.00"))])

    cancel(job, plan())

    assert [i.number for i in Invoice.objects.all()] == ["FHI624"]
    assert stands(job) == ("129.38", "340.52", "211.14", "Paid")


def test_two_issued_bills_come_to_the_fee_together(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    issuing.bill_separately(job.brand, job.pk, [ChargeLine("Sewer scope", D("150.00"))])
    issuing.issue_bill(job.brand, job.pk)
    paid(job, "479.00", "0.00")

    done = cancel(job, plan())

    assert done.refunded == D("354.00")
    assert stands(job)[0] == "125.00"


def test_after_a_void_the_fee_is_billed_anew(job: WorkOrder) -> None:
    confirmed(job, "329.00")
    issuing.void_invoice(job.brand, Invoice.objects.get().pk, reason="Wrong client")

    cancel(job, plan())

    assert [(i.number, i.status) for i in Invoice.objects.order_by("sequence")] == [
        ("FHI624", "void"),
        ("FHI624-2", "issued"),
    ]
    assert stands(job) == ("125.00", "0.00", "0.00", "Due")


def test_a_taxed_fee_is_billed_with_its_tax(job: WorkOrder) -> None:
    fhi624(job)
    fee = ChargeLine("Cancellation", D("100.00"), tax_name="Sales tax", tax_percent=D("8.25"))

    cancel(job, Plan(FEE, REFUND, "Called off", fee))

    assert settled(job).services == D("108.25")


# --- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "field"),
    [
        (plan(reason="  "), "reason"),
        (plan(reason="x" * 501), "reason"),
        (plan(fee="0.00"), "amount"),
        (plan(fee="-5.00"), "amount"),
        (plan(fee="1.001"), "amount"),
        (Plan(FEE, REFUND, "Called off"), "description"),
        (Plan(FEE, REFUND, "Called off", ChargeLine(" ", D("5.00"))), "description"),
    ],
)
def test_a_plan_that_cannot_stand_is_refused_and_nothing_happens(
    how: Plan, field: str, job: WorkOrder
) -> None:
    fhi624(job)

    with pytest.raises(ValidationError) as refused:
        cancelling.cancel_job(job.brand, job.pk, how, expected=None)

    job.refresh_from_db()
    assert list(refused.value.message_dict) == [field]
    assert (job.status, Refund.objects.count(), stands(job)[0]) == ("confirmed", 0, "340.52")


def test_a_cancelled_job_is_not_cancelled_again(job: WorkOrder) -> None:
    cancel(job, plan(NOTHING))

    with pytest.raises(ValidationError, match="cancelled already"):
        cancelling.cancel_job(job.brand, job.pk, plan(), expected=None)


def test_what_changed_since_the_preview_is_shown_anew(job: WorkOrder) -> None:
    payment = fhi624(job)
    shown = cancelling.preview(job, plan())
    queue_refund(payment, D("100.00"), reason="Goodwill", by="Billing")

    with pytest.raises(Outdated) as refused:
        cancelling.cancel_job(job.brand, job.pk, plan(), expected=shown.fingerprint)

    assert refused.value.preview.refunded == D("107.64")
    assert Refund.objects.count() == 1


def test_another_brands_job_does_not_exist(job: WorkOrder) -> None:
    with pytest.raises(WorkOrder.DoesNotExist):
        cancelling.cancel_job(BrandFactory(), job.pk, plan(), expected=None)


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
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    charges=st.lists(CENTS, max_size=3),
    discount=st.booleans(),
    tax=st.booleans(),
    confirm=st.booleans(),
    extra=st.booleans(),
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
    extra: bool,
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
            made = [_pay(job, *payment) for payment in payments]
            if extra and confirm and charges:
                issuing.bill_separately(brand, job.pk, [ChargeLine("Radon", D("95.00"))])
            due = settled(job).amount_due
            if prepay and confirm and due > 1:
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

"""Payments that people write down: exact amounts, typed refusals, one entry per verb."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.models import Brand
from activity.actors import Actor, ActorKind, acting_as
from activity.models import Change
from core import clock
from core.refusal import field_of
from payments.domain import record as manual
from payments.domain.record import Correction, Manual
from payments.models import Payment, PaymentAllocation
from tests.factories import BrandFactory, RefundFactory, WorkOrderFactory
from tests.payments.conftest import Tell, incoming, together
from workorders.models import WorkOrder

D = Decimal
CHECK = Manual("check", reference="1234", payer_name="Rowan Ellis")


def record(job: WorkOrder, amount: str = "329.00", manual_: Manual = CHECK) -> Payment:
    return manual.record_payment(job.brand, job, D(amount), manual_, by="Dana Whitfield")


def shares(payment: Payment) -> list[tuple[str, Decimal, str, str]]:
    rows = payment.allocations.order_by("work_order__number")
    return [(a.work_order.number, a.amount, a.status, a.payment_label) for a in rows]


@pytest.mark.parametrize(
    ("written", "status", "is_paid"),
    [
        (CHECK, "pending", False),
        (Manual("cash"), "completed", True),
        (Manual("wire", reference="W-1"), "pending", False),
        (Manual("bank_transfer", reference="T-1"), "pending", False),
        (Manual("other"), "pending", False),
        (Manual("other", is_received=True), "completed", True),
        (Manual("check", reference="1", is_received=True), "pending", False),
    ],
)
def test_each_method_starts_where_it_should(
    written: Manual, status: str, is_paid: bool, job: WorkOrder
) -> None:
    payment = record(job, "329.00", written)

    assert (payment.status, payment.paid_at is not None) == (status, is_paid)
    assert (payment.amount, payment.services_amount, payment.fee_amount) == (D(329), D(329), D(0))
    assert payment.allocations.get().status == status


def test_numbers_count_per_job(brand: Brand, job: WorkOrder) -> None:
    other = WorkOrderFactory(brand=brand)

    numbers = [record(j).number for j in (job, job, other, job)]

    assert numbers == [1, 2, 1, 3]


@pytest.mark.parametrize(
    ("amount", "written", "field"),
    [
        ("0", CHECK, "amount"),
        ("-1.00", CHECK, "amount"),
        ("NaN", CHECK, "amount"),
        ("1.005", CHECK, "amount"),
        ("1e13", CHECK, "amount"),
        ("1.00", Manual("check"), "reference"),
        ("1.00", Manual("wire", reference=" "), "reference"),
        ("1.00", Manual("bank_transfer"), "reference"),
        ("1.00", Manual("card"), "method"),
        ("1.00", Manual("check", reference="x" * 121), "reference"),
        ("1.00", Manual("cash", note="a\x00b"), "note"),
        ("1.00", Manual("cash", happened_at=clock.now() + timedelta(days=3)), "happened_at"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(
    amount: str, written: Manual, field: str, job: WorkOrder
) -> None:
    with pytest.raises(ValidationError) as caught:
        record(job, amount, written)

    assert field_of(caught.value) == field
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("currency", "good", "bad"),
    [("JPY", "33000", "330.5"), ("USD", "330.05", "330.005"), ("KWD", "330.005", "330.0005")],
)
def test_amounts_have_the_decimals_of_the_currency(
    currency: str, good: str, bad: str, db: None
) -> None:
    job = WorkOrderFactory(brand=BrandFactory(currency=currency))

    assert record(job, good).amount == D(good)
    with pytest.raises(ValidationError):
        record(job, bad)


def test_one_check_pays_three_jobs(brand: Brand) -> None:
    jobs = [WorkOrderFactory(brand=brand, number=f"FHI70{n}") for n in range(3)]
    parts = [(j, D("300.00")) for j in reversed(jobs)]

    payment = manual.record_check_over(brand, parts, CHECK, by="Dana", total=D("900.00"))

    label = "FHI702-P-1 · Check 1234 · $900.00 over 3 jobs"
    assert (payment.amount, payment.work_order) == (D("900.00"), jobs[2])
    assert shares(payment) == [(f"FHI70{n}", D("300.00"), "pending", label) for n in range(3)]


def test_shares_must_come_to_the_check(brand: Brand, job: WorkOrder) -> None:
    with pytest.raises(ValidationError) as caught:
        manual.record_check_over(brand, [(job, D("299.99"))], CHECK, by="Dana", total=D(300))

    assert field_of(caught.value) == "amount"
    assert not Payment.objects.exists()


def test_a_job_is_not_paid_twice_by_one_check_nor_by_another_brand(
    brand: Brand, job: WorkOrder
) -> None:
    foreign: WorkOrder = WorkOrderFactory(brand=BrandFactory())
    wrong = [[(job, D(1)), (job, D(2))], [(job, D(1)), (foreign, D(2))], []]

    for parts in wrong:
        with pytest.raises(ValidationError) as caught:
            manual.record_check_over(brand, parts, CHECK, by="Dana")
        assert field_of(caught.value) == "work_order"
    assert not Payment.objects.exists()


def test_a_check_is_recorded_corrected_and_voided_with_who_and_why(job: WorkOrder) -> None:
    with acting_as(Actor(ActorKind.STAFF, "Dana Whitfield", "1")):
        payment = record(job)
    with acting_as(Actor(ActorKind.STAFF, "Miguel Santos", "2")):
        corrected = manual.correct(
            payment, Correction(amount=D("392.00"), reference="1235"), reason="Digits swapped"
        )
    with acting_as(Actor(ActorKind.STAFF, "Priya Nair", "3")):
        voided = manual.void(payment, reason="Bounced")

    assert (corrected.amount, corrected.reference) == (D("392.00"), "1235")
    assert (voided.status, voided.reason) == ("voided", "Bounced")
    label = "FHI624-P-1 · Check 1235 · $392.00"
    assert shares(payment) == [("FHI624", D("392.00"), "voided", label)]
    changes = Change.objects.filter(entity="payments.payment").order_by("id")
    assert [c.actor_label for c in changes] == ["Dana Whitfield", "Miguel Santos", "Priya Nair"]
    assert (
        len({(c.txid, c.step) for c in Change.objects.filter(entity__startswith="payments.")}) == 3
    )


def test_a_wire_is_confirmed_by_somebody(job: WorkOrder) -> None:
    sent = clock.now() - timedelta(days=3)
    wire = Manual("wire", reference="W-1", follow_up_on=date(2026, 1, 1), happened_at=sent)
    payment = record(job, "329.00", wire)
    at = clock.now() - timedelta(days=1)

    confirmed = manual.confirm(payment, by="Dana Whitfield", at=at)

    assert (confirmed.status, confirmed.paid_at) == ("completed", at)
    assert (confirmed.confirmed_by, confirmed.follow_up_on) == ("Dana Whitfield", None)
    assert payment.allocations.get().status == "completed"
    with pytest.raises(ValidationError):
        manual.confirm(payment, by="Dana Whitfield")


def test_money_never_arrives_before_the_day_it_was_paid(job: WorkOrder) -> None:
    sent = clock.now() - timedelta(days=3)
    payment = record(job, "329.00", Manual("wire", reference="W-1", happened_at=sent))

    with pytest.raises(ValidationError) as caught:
        manual.confirm(payment, by="Dana Whitfield", at=sent - timedelta(days=1))

    assert field_of(caught.value) == "happened_at"
    assert Payment.objects.get().status == "pending"


def test_shares_of_a_corrected_check_follow(brand: Brand) -> None:
    jobs = [WorkOrderFactory(brand=brand, number=f"FHI70{n}") for n in range(2)]
    payment = manual.record_check_over(brand, [(j, D(100)) for j in jobs], CHECK, by="Dana")

    manual.correct(payment, Correction(amounts={jobs[1].pk: D("150.50")}), reason="Misread")

    payment.refresh_from_db()
    assert payment.amount == payment.services_amount == D("250.50")
    assert [s[1] for s in shares(payment)] == [D("100.00"), D("150.50")]
    assert shares(payment)[0][3].endswith("$250.50 over 2 jobs")
    with pytest.raises(ValidationError) as caught:
        manual.correct(payment, Correction(amount=D(1)), reason="No")
    assert field_of(caught.value) == "amount"


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_corrections_and_voids_need_a_reason(reason: str, job: WorkOrder) -> None:
    payment = record(job)

    verbs: list[Callable[[], Payment]] = [
        lambda: manual.void(payment, reason=reason),
        lambda: manual.correct(payment, Correction(amount=D(1)), reason=reason),
    ]
    for verb in verbs:
        with pytest.raises(ValidationError) as caught:
            verb()
        assert field_of(caught.value) == "reason"
    assert Payment.objects.get().status == "pending"


def test_a_correction_of_nothing_is_refused(job: WorkOrder) -> None:
    payment = record(job)

    with pytest.raises(ValidationError):
        manual.correct(payment, Correction(amount=D("329.00"), reference="1234"), reason="None")


def test_a_corrected_amount_is_to_be_reconciled_again(job: WorkOrder) -> None:
    payment = manual.reconcile(record(job, "10.00", Manual("cash")), note="Till", by="Priya")

    corrected = manual.correct(payment, Correction(amount=D("12.00")), reason="Recounted")

    assert payment.reconciled_by == "Priya"
    assert (corrected.reconciled_at, corrected.reconciled_by) == (None, "")


@pytest.mark.parametrize(
    ("status", "amount", "is_voidable"),
    [
        ("completed", "100.00", False),
        ("completed", "329.00", False),
        ("failed", "100.00", True),
        ("queued", "329.00", False),
        ("pending", "10.00", False),
    ],
)
def test_a_payment_is_not_voided_while_a_refund_of_it_counts(
    status: str, amount: str, is_voidable: bool, job: WorkOrder
) -> None:
    payment = record(job, "329.00", Manual("cash"))
    RefundFactory(payment=payment, status=status, amount=D(amount))

    if is_voidable:
        assert manual.void(payment, reason="Mistake").status == "voided"
        return
    with pytest.raises(ValidationError):
        manual.void(payment, reason="Mistake")
    assert Payment.objects.get().status == "completed"


def test_a_correction_never_goes_below_what_was_refunded(job: WorkOrder) -> None:
    payment = record(job, "329.00", Manual("cash"))
    RefundFactory(payment=payment, amount=D("100.00"))

    with pytest.raises(ValidationError) as caught:
        manual.correct(payment, Correction(amount=D("99.99")), reason="Typo")

    assert field_of(caught.value) == "amount"


def test_a_correction_never_takes_a_share_below_what_was_refunded_of_it(brand: Brand) -> None:
    jobs = [WorkOrderFactory(brand=brand) for _ in range(2)]
    shares = [(j, D("100.00")) for j in jobs]
    payment = manual.record_check_over(brand, shares, Manual("cash"), by="Dana")
    RefundFactory(payment=payment, work_order=jobs[1], amount=D("60.00"))

    with pytest.raises(ValidationError) as caught:
        manual.correct(payment, Correction(amounts={jobs[1].pk: D("59.99")}), reason="Typo")

    assert field_of(caught.value) == "amount"
    manual.correct(payment, Correction(amounts={jobs[0].pk: D("1.00")}), reason="Typo")


def test_a_providers_payment_is_not_touched_by_hand(tell: Tell, job: WorkOrder) -> None:
    tell(incoming("captured", 1, "340.52", method="card"))
    payment = Payment.objects.get()

    verbs: list[Callable[[], Payment]] = [
        lambda: manual.void(payment, reason="No"),
        lambda: manual.confirm(payment, by="Dana"),
        lambda: manual.correct(payment, Correction(amount=D(1)), reason="No"),
    ]
    for verb in verbs:
        with pytest.raises(ValidationError, match="Guardian moves this money"):
            verb()
    annotated = manual.annotate(payment, note="Asked Guardian", follow_up_on=date(2026, 4, 1))
    assert (annotated.note, annotated.status) == ("Asked Guardian", "completed")


def test_a_note_that_says_the_same_writes_nothing(job: WorkOrder) -> None:
    payment = record(job)
    manual.annotate(payment, note="In the mail", follow_up_on=date(2026, 4, 1))
    before = Change.objects.count()

    manual.annotate(payment, note="In the mail", follow_up_on=date(2026, 4, 1))

    assert Change.objects.count() == before


# --- at the same moment -----------------------------------------------------------------------


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_checks_over_the_same_jobs_in_any_order_never_deadlock(brand: Brand) -> None:
    jobs: list[WorkOrder] = [WorkOrderFactory(brand=brand) for _ in range(4)]
    orders = [jobs, jobs[::-1], [jobs[2], jobs[0], jobs[3], jobs[1]], jobs[1:] + jobs[:1]]

    def work(order: list[WorkOrder]) -> Callable[[], Payment]:
        return lambda: manual.record_check_over(
            brand, [(j, D("25.00")) for j in order], CHECK, by="Dana"
        )

    before = deadlocks()

    results = together(*[work(order) for order in orders * 2])

    assert [r for r in results if not isinstance(r, Payment)] == []
    assert PaymentAllocation.objects.count() == 32
    assert deadlocks() == before


@pytest.mark.django_db(transaction=True)
def test_of_two_voids_at_the_same_moment_one_is_refused(job: WorkOrder) -> None:
    payment = record(job)

    results = together(*[lambda: manual.void(payment, reason="Bounced")] * 2)

    assert sorted(type(r).__name__ for r in results) == ["Payment", "ValidationError"]
    changes = Change.objects.filter(entity="payments.payment", op="U")
    assert changes.count() == 1

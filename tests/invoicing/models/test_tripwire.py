"""A transaction that changed money and forgot a step fails at its end, whatever changed it."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Brand
from invoicing.domain import revisions, rollup, tripwire
from invoicing.domain.entries import write_entry
from invoicing.models import FeeDecision, Invoice, JobBalance, LedgerEntry, MoneyInFlight, Unsettled
from tests.factories import WorkOrderFactory
from tests.invoicing.billed_jobs import T0, D, billed, charge, line, paid, post
from workorders.domain.locks import lock_work_order
from workorders.models import Charge, WorkOrder

# Every test here really commits.
pytestmark = pytest.mark.django_db(transaction=True)
NOT_RECOMPUTED = "paystory_unsettled: job FHI624: its money changed and it was not recomputed"


def _entry(job: WorkOrder) -> None:
    write_entry(
        job,
        Invoice.objects.get(work_order=job).pk,
        kind="payment",
        services_amount=D("10"),
        source="payment:9",
        payment="payment:9",
        label="P-9",
        happened_at=T0,
    )


def _flight(job: WorkOrder) -> None:
    MoneyInFlight.objects.create(
        brand=job.brand,
        work_order=job,
        invoice=Invoice.objects.get(work_order=job),
        source="payment:9",
        payment="payment:9",
        services_amount=D("10"),
        label="P-9",
        happened_at=T0,
    )


def _decision(job: WorkOrder) -> None:
    FeeDecision.objects.create(
        brand=job.brand,
        work_order=job,
        payment="payment:9",
        payment_label="P-9",
        bill=True,
        amount=D("1"),
        reason="Agreed",
        happened_at=T0,
    )


def _revision(job: WorkOrder) -> None:
    invoice = Invoice.objects.get(work_order=job)
    revisions.write_revision(invoice, [], reason="Another scope")


def _void(job: WorkOrder) -> None:
    Invoice.objects.filter(work_order=job).update(status="void")


def _draft(job: WorkOrder) -> None:
    revisions.draft(job)


def _charge(job: WorkOrder) -> None:
    Charge.objects.filter(work_order=job).update(amount=D("1.00"))


def _no_charge(job: WorkOrder) -> None:
    job.charges.all().delete()


def _sql(job: WorkOrder) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workorders_charge SET amount = amount + 1 WHERE work_order_id = %s", [job.pk]
        )


CHANGES = [_entry, _flight, _decision, _revision, _void, _draft, _charge, _no_charge, _sql]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_is_not_recomputed_fails_at_commit(
    change: Callable[[WorkOrder], None], brand: Brand, job: WorkOrder
) -> None:
    billed(job, "329.00")
    before = JobBalance.objects.values().get(), LedgerEntry.objects.count()

    with pytest.raises(IntegrityError, match=NOT_RECOMPUTED), transaction.atomic():
        change(job)

    assert (JobBalance.objects.values().get(), LedgerEntry.objects.count()) == before
    assert not Unsettled.objects.exists()


@pytest.mark.parametrize("change", CHANGES)
def test_and_is_committed_once_it_is(
    change: Callable[[WorkOrder], None], brand: Brand, job: WorkOrder
) -> None:
    billed(job, "329.00")

    with transaction.atomic():
        change(lock_work_order(brand, job.pk))
        rollup.recompute(job)

    assert not Unsettled.objects.exists()


def test_a_change_after_recomputing_has_to_be_recomputed_again(
    brand: Brand, job: WorkOrder
) -> None:
    billed(job, "329.00")

    @transaction.atomic
    def verb() -> None:
        _entry(job)
        rollup.recompute(job)
        _charge(job)

    with pytest.raises(IntegrityError, match=NOT_RECOMPUTED):
        verb()


def test_another_jobs_recompute_is_not_this_ones(brand: Brand, job: WorkOrder) -> None:
    billed(job, "329.00")
    other = WorkOrderFactory(brand=brand, number="FHI625")

    @transaction.atomic
    def verb() -> None:
        _entry(job)
        rollup.recompute(other)

    with pytest.raises(IntegrityError, match="job FHI624"):
        verb()


def test_what_no_figure_depends_on_calls_for_nothing(brand: Brand, job: WorkOrder) -> None:
    invoice = billed(job, "329.00")

    with transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(due_on=date(2027, 1, 1))
        Charge.objects.update(amount=D("329.00"))

    assert not Unsettled.objects.exists()


def test_a_step_that_recomputes_at_its_end_is_not_checked_before(
    brand: Brand, job: WorkOrder
) -> None:
    billed(job, "329.00")

    with transaction.atomic():
        with rollup.deferred():
            _charge(job)
            rollup.recompute(job)
            rollup.check_settled()
        rollup.check_settled()


def test_the_check_fails_early_and_a_savepoint_undoes_it(brand: Brand, job: WorkOrder) -> None:
    billed(job, "329.00")

    @transaction.atomic
    def checked() -> None:
        _charge(job)
        tripwire.check()

    with transaction.atomic():
        with pytest.raises(IntegrityError, match=NOT_RECOMPUTED):
            checked()
        # What comes later is deferred as before.
        _charge(job)
        rollup.recompute(job)

    assert JobBalance.objects.get().services == D("329.00")


def test_a_deleted_job_leaves_nothing_unsettled(brand: Brand, job: WorkOrder) -> None:
    charge(job, line("329.00"))

    with transaction.atomic():
        JobBalance.objects.all().delete()
        job.delete()

    assert not WorkOrder.objects.exists()
    assert not Unsettled.objects.exists()


def test_a_reset_leaves_nothing_unsettled(brand: Brand, job: WorkOrder) -> None:
    billed(job, "329.00")

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('paystory.resetting', 'on', true)")
        _charge(job)

    assert not Unsettled.objects.exists()


def test_posting_leaves_nothing_unsettled(brand: Brand, job: WorkOrder) -> None:
    billed(job, "329.00")

    post(job, paid("100.00"))
    post(job, paid("0"))

    assert not Unsettled.objects.exists()

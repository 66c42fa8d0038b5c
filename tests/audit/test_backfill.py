"""Jobs from before there were invoices get their documents and ledger, and read as before."""

from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from accounts.models import Brand
from activity.models import Change, Entry
from activity.projection import project_pending
from audit.run import Count, audit
from invoicing.models import Invoice, InvoiceRevision, JobBalance, LedgerEntry
from invoicing.queries.settlements import job_settlements
from payments.domain import backfill, record
from payments.domain.post import post, post_job
from payments.models import Payment
from payments.refunds import verbs
from tests.audit.conftest import billed, by_card, by_check
from tests.factories import ChargeFactory, DisputeFactory, PaymentFactory, WorkOrderFactory
from workorders.domain.charges import ChargeLine, replace_charges
from workorders.models import WorkOrder, WorkOrderStatus

D = Decimal
pytestmark = pytest.mark.django_db(transaction=True)


def _confirmed(brand: Brand, number: str, *amounts: str) -> WorkOrder:
    job = billed(brand, number, *amounts)
    WorkOrder.objects.filter(pk=job.pk).update(status=WorkOrderStatus.CONFIRMED)
    return job


@pytest.fixture
def jobs(brand: Brand) -> list[WorkOrder]:
    """Jobs with money in every state."""
    # One check over two jobs, a fee, a refund done, one queued and one failed.
    first, second = _confirmed(brand, "RIA1", "329", "100"), _confirmed(brand, "RIA2", "300")
    check = record.Manual(method="check", reference="9")
    paid = record.record_check_over(brand, [(first, D("29")), (second, D("300"))], check, by="D")
    record.confirm(paid, by="Dana")
    card = by_card(first, "414", fee_amount=D("14"))
    done = verbs.queue_refund(card, D("40"), reason="Surplus", by="Dana")
    verbs.complete_refund(done, reference="re_1")
    failed = verbs.queue_refund(card, D("10"), reason="Surplus", by="Dana")
    verbs.fail_refund(failed, why="Account closed")
    verbs.queue_refund(card, D("5"), reason="Surplus", by="Dana")
    # Pending, voided, failed, disputed and lost in part.
    third = _confirmed(brand, "RIA3", "500")
    by_check(third, "100")
    record.void(by_check(third, "50"), reason="Typo")
    by_card(third, "70", status="failed")
    by_card(third, "60", status="disputed")
    lost = by_card(third, "200")
    DisputeFactory(payment=lost, amount=D("80"), status="lost")
    with transaction.atomic():
        post(lost)
    # Cancelled and returned; not confirmed yet; a deposit before it is; nothing at all.
    fourth = _confirmed(brand, "RIA4", "90")
    back = verbs.queue_refund(by_card(fourth, "90"), D("90"), reason="Cancelled", by="Dana")
    verbs.complete_refund(back, reference="re_2")
    WorkOrder.objects.filter(pk=fourth.pk).update(status=WorkOrderStatus.CANCELLED)
    fifth = WorkOrderFactory(brand=brand, number="RIA5")
    replace_charges(brand, fifth.pk, [ChargeLine("Radon", D("80"))])
    sixth = WorkOrderFactory(brand=brand, number="RIA6")
    replace_charges(brand, sixth.pk, [ChargeLine("Radon", D("80"))])
    by_card(sixth, "30")
    WorkOrderFactory(brand=brand, number="RIA7")
    return [first, second, third, fourth, fifth, sixth]


def _forget() -> None:
    """As before invoicing: none of its rows; the feeds as they were."""
    while project_pending():
        pass
    tables = [t for t in connection.introspection.table_names() if t.startswith("invoicing_")]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('paystory.resetting', 'on', true)")
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")


def _figures(brand: Brand) -> dict[str, tuple[Any, ...]]:
    rows = {job.pk: job.number for job in WorkOrder.objects.filter(brand=brand)}
    return {
        rows[pk]: (
            answer.whole.word,
            *(answer.whole.billed, answer.whole.received, answer.whole.refunded),
            *(answer.whole.pending, answer.whole.balance, answer.whole.fee),
            [(item.total, item.covered, item.status) for item in answer.whole.items],
        )
        for pk, answer in job_settlements(brand, rows).items()
    }


def _migrate() -> str:
    out = StringIO()
    call_command("migrate", stdout=out, verbosity=1)
    return out.getvalue()


def test_every_job_reads_as_before(brand: Brand, jobs: list[WorkOrder]) -> None:
    before = _figures(brand)
    assert before["RIA1"][1:6] == (D("441.42"), D("443.00"), D("46.58"), D("0.00"), D("45.00"))
    _forget()
    assert _figures(brand) != before

    _migrate()

    assert _figures(brand) == before
    assert list(audit([brand], Count())) == []
    assert JobBalance.objects.count() == len(jobs)
    assert InvoiceRevision.objects.filter(number__gt=1).count() == 0


def test_their_timelines_get_one_imported_line_each(brand: Brand, jobs: list[WorkOrder]) -> None:
    _forget()
    seen = set(Entry.objects.values_list("pk", flat=True))
    last = Change.objects.latest("pk").pk

    _migrate()
    while project_pending():
        pass

    assert not Change.objects.filter(pk__gt=last, imported=False).exists()
    entries = Entry.objects.exclude(pk__in=seen)
    assert {entry.actor_label for entry in entries} == {"Upgrade"}
    assert all(entry.imported for entry in entries)
    for job in jobs:
        mine = [e for e in entries if e.work_order_id == job.pk]
        codes = [e.code for e in mine if e.code.startswith("invoice.")]
        assert len(codes) == 1, (job.number, [e.code for e in mine])
        assert {e.occurred_at for e in mine} == {job.happened_at}
    assert not entries.filter(code__contains="plain").exists()
    # The brand's own feed may say that it has billing settings now; no job's says more.
    others = entries.exclude(code__startswith="invoice.").exclude(code__startswith="item.")
    assert [(e.work_order_id, e.code) for e in others if e.work_order_id is not None] == []


def test_documents_have_the_jobs_own_dates(brand: Brand, jobs: list[WorkOrder]) -> None:
    _forget()

    _migrate()

    for invoice in Invoice.objects.filter(status="issued").exclude(number="RIA6"):
        assert invoice.issued_at == invoice.work_order.happened_at
        assert invoice.happened_at == invoice.work_order.happened_at
    entries = {entry.source: entry for entry in LedgerEntry.objects.all()}
    check = Payment.objects.get(reference="9")
    assert entries[f"payment:{check.pk}"].happened_at == check.paid_at


def test_a_second_time_does_nothing_in_one_query(
    brand: Brand, jobs: list[WorkOrder], django_assert_num_queries: Any
) -> None:
    _forget()
    _migrate()
    entries = LedgerEntry.objects.count()

    done = backfill.backfill_jobs()

    assert (done.jobs, done.refused, LedgerEntry.objects.count()) == (0, [], entries)
    with django_assert_num_queries(1):
        assert not backfill.waiting().exists()


def test_an_interrupted_run_goes_on_where_it_stopped(
    brand: Brand, jobs: list[WorkOrder], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Arrange: the machine dies within the third job
    before = _figures(brand)
    _forget()
    calls = iter(range(100))

    def dying(job: WorkOrder, *, imported: bool) -> None:
        post_job(job, imported=imported)
        if next(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(backfill, "post_job", dying)
    with pytest.raises(KeyboardInterrupt):
        backfill.backfill_jobs()
    assert JobBalance.objects.count() == 2
    monkeypatch.setattr(backfill, "post_job", post_job)

    # Act
    done = backfill.backfill_jobs()

    # Assert
    assert done.jobs == len(jobs) - 2
    assert _figures(brand) == before


def test_a_job_that_cannot_be_billed_is_named_and_keeps_nobody_waiting(brand: Brand) -> None:
    bad = WorkOrderFactory(brand=brand, number="RIA1", status=WorkOrderStatus.CONFIRMED)
    ChargeFactory(work_order=bad, amount=D("-20"))
    good = WorkOrderFactory(brand=brand, number="RIA2", status=WorkOrderStatus.CONFIRMED)
    ChargeFactory(work_order=good, amount=D("20"))
    lines: list[str] = []

    done = backfill.backfill_jobs(lines.append)

    assert done.jobs == 1
    assert Invoice.objects.get().work_order_id == good.pk
    assert "RIA1: RIA1 would come to −$20.00." in done.refused[0]
    assert done.refused[0] in lines[0]


def test_the_command_does_the_same(brand: Brand, jobs: list[WorkOrder]) -> None:
    _forget()
    out = StringIO()

    call_command("backfill_jobs", stdout=out)

    assert f"{len(jobs)} jobs settled, 0 left." in out.getvalue()


def test_emptying_a_database_backfills_nothing(
    brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    ChargeFactory(work_order=WorkOrderFactory(brand=brand))

    backfill.after_migrate(verbosity=0)

    assert not JobBalance.objects.exists()


def test_a_partial_migrate_backfills_nothing(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    ChargeFactory(work_order=WorkOrderFactory(brand=brand))
    monkeypatch.setattr(backfill, "_is_up_to_date", lambda: False)

    backfill.after_migrate(verbosity=0, plan=[])

    assert not JobBalance.objects.exists()


def test_money_that_pays_a_job_without_charges(brand: Brand) -> None:
    PaymentFactory(work_order=WorkOrderFactory(brand=brand, number="RIA9"), amount=D("10"))

    backfill.backfill_jobs()

    assert JobBalance.objects.get().balance == D("-10")
    assert list(audit([brand], Count())) == []


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    assert not connection.in_atomic_block

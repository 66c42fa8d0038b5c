"""What an audit reads at once: used and granted credit, and the sources that are there."""

from decimal import Decimal

from accounts.models import Brand
from audit.batch import Batch, grants, grouped
from invoicing.domain import client_credit
from invoicing.models import Invoice
from tests.audit.conftest import billed, by_card
from workorders.models import WorkOrder

D = Decimal


def test_rows_are_grouped_in_their_order() -> None:
    assert grouped([3, 1, 4, 2], lambda n: n % 2) == {1: [3, 1], 0: [4, 2]}


def test_an_overpayment_is_granted_by_what_moved_and_used_by_what_invoices_took(
    brand: Brand,
) -> None:
    over = billed(brand, "RIA8", "100")
    by_card(over, "150")
    invoice = Invoice.objects.get(work_order=over)
    credit = client_credit.keep_as_credit(brand, invoice.pk, D("50"))
    client_credit.apply_credit(brand, credit.pk, invoice.pk, D("20"))

    sums = grants([credit])

    assert (sums.granted, sums.used) == ({credit.pk: D("50.00")}, {credit.pk: D("20.00")})


def test_a_batch_reads_only_its_own_jobs(brand: Brand, job: WorkOrder) -> None:
    other = billed(brand, "RIA9", "300")
    payment = by_card(other, "300")

    batch = Batch(brand, [other])

    assert set(batch.answers) == set(batch.entries) == {other.pk}
    assert batch.sources == {f"payment:{payment.pk}"}
    assert [row.work_order_id for row in batch.revisions[other.pk]] == [other.pk]

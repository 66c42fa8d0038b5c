"""Numbers: the job's, then with a suffix; credit notes by a counter. None twice, none missing."""

from functools import partial

import pytest
from django.db import transaction

from accounts.models import Brand
from invoicing.domain import issuing, numbering
from invoicing.domain.terms import terms_of
from invoicing.models import BillingSettings, Invoice, InvoiceKind
from tests.factories import BrandFactory, WorkOrderFactory
from tests.invoicing.billed_jobs import billed, charge, confirm, invoices, line
from tests.payments.conftest import together
from workorders.models import WorkOrder


def bill_again(job: WorkOrder) -> Invoice:
    issuing.bill_separately(job.brand, job.pk, [line("10", "More")])
    return issuing.issue_bill(job.brand, job.pk)


def test_an_invoice_is_called_as_its_job(job: WorkOrder) -> None:
    billed(job, "329.00")

    assert [bill_again(job).number, bill_again(job).number] == ["FHI624-2", "FHI624-3"]


def test_a_deleted_draft_leaves_no_gap(job: WorkOrder) -> None:
    charge(job, line("329.00"))
    charge(job)

    assert billed(job, "329.00").number == "FHI624"


def test_a_suffix_that_another_job_is_called_is_skipped(job: WorkOrder, brand: Brand) -> None:
    """Also while that job has no invoice yet: it shall have its own number."""
    other = WorkOrderFactory(brand=brand, number="FHI624-2")
    billed(job, "329.00")

    assert bill_again(job).number == "FHI624-3"
    assert billed(other, "1.00").number == "FHI624-2"
    assert bill_again(other).number == "FHI624-2-2"


def test_a_job_booked_under_the_number_of_an_invoice_gets_the_next(
    job: WorkOrder, brand: Brand
) -> None:
    billed(job, "329.00")
    bill_again(job)
    other = WorkOrderFactory(brand=brand, number="FHI624-2")

    assert billed(other, "1.00").number == "FHI624-2-2"


def test_other_brands_numbers_do_not_matter(job: WorkOrder) -> None:
    billed(WorkOrderFactory(brand=BrandFactory(), number="FHI624"), "1.00")

    assert billed(job, "329.00").number == "FHI624"


def test_credit_notes_count_on_and_skip_what_is_taken(brand: Brand) -> None:
    WorkOrderFactory(brand=brand, number="CM-000002")
    third = WorkOrderFactory(brand=brand, number="X-1")
    charge(third, line("1"))
    Invoice.objects.update(number="CM-000003")

    numbers = [numbering.take_credit_note_number(brand) for _ in range(2)]

    assert numbers == ["CM-000001", "CM-000004"]
    assert BillingSettings.objects.get().next_credit_note == 5


def test_a_job_called_like_a_credit_note_gets_another(brand: Brand) -> None:
    """A prefix without a dash may meet the number of a job."""
    settings = numbering.settings_of(brand)
    settings.credit_note_prefix, settings.credit_note_width = "FHI", 3
    settings.next_credit_note = 624
    settings.save()
    holder = WorkOrderFactory(brand=brand, number="FHI1")
    charge(holder, line("1"))
    Invoice.objects.update(number=numbering.take_credit_note_number(brand))

    assert billed(WorkOrderFactory(brand=brand, number="FHI624"), "9.00").number == "FHI624-2"


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_make_no_number_twice_and_none_missing() -> None:
    """Eight jobs confirmed, billed a second time, and credit notes numbered, all together."""
    brand = BrandFactory(slug="fhi")
    jobs = [WorkOrderFactory(brand=brand, number=f"FHI{n}") for n in range(7)]
    jobs.append(WorkOrderFactory(brand=brand, number="FHI0-2"))
    for job in jobs:
        charge(job, line("100"))

    def work(job: WorkOrder) -> list[str]:
        confirm(job)
        number = bill_again(job).number
        return [number, _credit_note_number(brand)]

    results = together(*(partial(work, job) for job in jobs))

    assert [r for r in results if isinstance(r, Exception)] == []
    assert {result[1] for result in results} == {f"CM-00000{n}" for n in range(1, 9)}
    for job in jobs:
        first, second = invoices(job).items()
        assert first == (job.number, "issued")
        expected = "FHI0-3" if job.number == "FHI0" else f"{job.number}-2"
        assert second == (expected, "issued")


@pytest.mark.django_db(transaction=True)
def test_eight_bills_of_one_job_come_one_after_another() -> None:
    job = WorkOrderFactory(brand=BrandFactory(), number="FHI624")
    billed(job, "100")

    results = together(*(partial(issuing.bill_separately, job.brand, job.pk, [line("1")]),) * 4)
    results += together(*(partial(issuing.issue_bill, job.brand, job.pk),) * 4)

    assert sum(isinstance(r, Invoice) for r in results[:4]) == 4  # all join one draft
    assert sum(isinstance(r, Invoice) for r in results[4:]) == 1  # and it is issued once
    assert invoices(job) == {"FHI624": "issued", "FHI624-2": "issued"}


def _credit_note_number(brand: Brand) -> str:
    with transaction.atomic():
        return numbering.take_credit_note_number(brand)


def test_sequences_count_per_kind(job: WorkOrder) -> None:
    billed(job, "1")

    assert numbering.next_sequence(job, InvoiceKind.STANDARD) == 2
    assert numbering.next_sequence(job, InvoiceKind.CREDIT_NOTE) == 1


def test_asking_for_settings_saves_none_and_locking_them_does(brand: Brand) -> None:
    assert numbering.settings_of(brand).credit_note_prefix == "CM-"
    assert terms_of(brand).preview() == "CM-000001"
    assert not BillingSettings.objects.exists()

    with transaction.atomic():
        locked = numbering.locked_settings(brand)
        assert numbering.locked_settings(brand).pk == locked.pk

    assert BillingSettings.objects.get() == locked

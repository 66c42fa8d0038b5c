"""What lists read of the rollup: filters, counts, the sums of a client."""

from decimal import Decimal

from accounts.models import Brand
from invoicing.queries import balances
from tests.invoicing import issued_invoices as bills
from workorders.models import Client, WorkOrder

D = Decimal


def test_each_filter_counts_the_jobs_that_it_lists(brand: Brand, person: Client) -> None:
    bills.bill(person, "100.00", number="FHI1")
    over = bills.bill(person, "100.00", number="FHI2")
    bills.paid(over, "130.00")

    counted = balances.counts(brand)
    listed = {
        key: WorkOrder.objects.filter(balances.such_jobs(brand, key)).count()
        for key in balances.FILTERS
    }

    assert counted == listed == {"outstanding": 1, "overpaid": 1, "fee_uncollected": 0}


def test_a_job_without_bills_has_zeros(brand: Brand, job: WorkOrder) -> None:
    row = balances.of_jobs(brand, [job.pk])[job.pk]

    assert (row.balance, row.billed, row.word) == (D("0.00"), D("0.00"), "Nothing due")


def test_a_client_is_the_sum_of_the_jobs(brand: Brand, person: Client) -> None:
    bills.bill(person, "100.00", number="FHI1")
    over = bills.bill(person, "100.00", number="FHI2")
    bills.paid(over, "130.00")

    sums = balances.of_clients(brand, [person.pk])[person.pk]

    assert (sums.owed, sums.overpaid) == (D("100.00"), D("30.00"))
    assert (sums.unissued, sums.beside, sums.credit) == (D("0.00"), D("0.00"), D("0.00"))

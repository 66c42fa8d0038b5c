"""Settlements of documents and jobs, read in a constant number of queries."""

from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Brand
from invoicing.models import Invoice
from invoicing.queries.settlements import job_settlements, line_of_charge
from invoicing.settlement.types import ReasonKind
from tests.invoicing import issued_invoices as bills
from workorders.models import Charge, Client, WorkOrder

D = Decimal


def read(brand: Brand, *invoices: Invoice) -> int:
    """How many queries reading their jobs takes."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        job_settlements(brand, [invoice.work_order_id for invoice in invoices])
    return len(queries)


def test_more_jobs_take_no_more_queries(brand: Brand, person: Client) -> None:
    made = [bills.bill(person, "100.00", number=f"FHI{n}") for n in range(1, 5)]

    assert read(brand, *made) == read(brand, made[0]) <= 7


def test_nothing_is_due_on_a_job_without_documents(brand: Brand, job: WorkOrder) -> None:
    answer = job_settlements(brand, [job.pk])[job.pk]

    assert (answer.documents, answer.is_issued, answer.whole.balance) == ([], False, D("0.00"))


def test_each_row_of_money_names_its_source(brand: Brand, person: Client) -> None:
    invoice = bills.bill(person, "100.00", number="FHI1")
    payments = [bills.paid(invoice, "30.00") for _ in range(2)]

    rows = bills.settled(invoice).because["received"]

    assert [row.source for row in rows] == [f"payment:{payment.pk}" for payment in payments]
    assert {row.kind for row in rows} == {ReasonKind.ENTRY}


def test_a_charge_becomes_a_line_with_its_tax() -> None:
    charge = Charge(pk=7, position=1, description="Radon", amount=D("90.00"), tax_percent=D("8.25"))

    line = line_of_charge(charge, "USD")

    assert (line.charge_id, line.amount, line.tax_amount) == (7, D("90.00"), D("7.43"))

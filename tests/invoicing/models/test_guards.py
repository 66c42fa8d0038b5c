"""What is issued stays: tried by raw SQL, by the ORM, by functions. The database itself refuses."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction

from accounts.models import Brand
from invoicing.domain import issuing
from invoicing.models import (
    FeeDecision,
    Invoice,
    InvoiceLine,
    InvoiceRevision,
    LedgerEntry,
)
from tests.invoicing.billed_jobs import D, billed, charge, invoices, line, paid, post
from workorders.models import WorkOrder

# Rows are written past every verb here, and nothing posts them.
pytestmark = pytest.mark.usefixtures("unwatched")

REFUSED = "paystory_append_only"
FACTS: list[type[models.Model]] = [InvoiceRevision, InvoiceLine, LedgerEntry, FeeDecision]


@pytest.fixture
def invoice(job: WorkOrder, brand: Brand) -> Invoice:
    """Issued, amended, paid, with a decision about its fee: a row of everything guarded."""
    made = billed(job, "329.00")
    post(job, paid("329.00"), expected="11.52")
    (old,) = job.charges.all()
    charge(job, line("300", charge=old), reason="Agreed")
    FeeDecision.objects.create(
        brand=brand,
        work_order=job,
        payment="payment:1",
        payment_label="P-1",
        bill=True,
        amount=D("11.52"),
        reason="Agreed",
        happened_at=job.happened_at,
    )
    return made


def refused(act: Callable[[], Any], words: str = REFUSED) -> None:
    """``act`` is refused by the database, and what it tried is undone."""
    with pytest.raises(DatabaseError, match=words), transaction.atomic():
        act()


def sql(text: str, *values: Any) -> Callable[[], None]:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(text, values)

    return run


def snapshot() -> dict[str, list[dict[str, Any]]]:
    tables: list[type[models.Model]] = [*FACTS, Invoice]
    return {m.__name__: list(m._default_manager.order_by("pk").values()) for m in tables}


@pytest.mark.parametrize(
    ("model", "column", "value"),
    [
        (InvoiceRevision, "services_total", "1"),
        (InvoiceRevision, "reason", "'x'"),
        (InvoiceRevision, "txid", "pg_current_xact_id()::text::bigint"),
        (InvoiceLine, "amount", "1"),
        (InvoiceLine, "charge_id", "NULL"),
        (LedgerEntry, "services_amount", "1"),
        (LedgerEntry, "kind", "'refund'"),
        (LedgerEntry, "fee_expected", "0"),
        (FeeDecision, "bill", "false"),
    ],
)
def test_no_fact_is_rewritten_by_sql(
    model: type[models.Model], column: str, value: str, invoice: Invoice
) -> None:
    before = snapshot()

    refused(sql(f"UPDATE {model._meta.db_table} SET {column} = {value}"))
    refused(sql(f"DELETE FROM {model._meta.db_table}"))

    assert snapshot() == before


@pytest.mark.parametrize("model", [*FACTS, Invoice])
def test_no_table_of_facts_is_emptied(model: type[models.Model], invoice: Invoice) -> None:
    connection.check_constraints()  # else Postgres itself refuses while some are waiting
    # A tracked table refuses by the name of capture, any other by ours.
    refused(sql(f"TRUNCATE {model._meta.db_table} CASCADE"), "paystory_(append_only|tracked)")


@pytest.mark.parametrize("model", FACTS)
def test_no_fact_is_rewritten_by_the_orm(model: type[models.Model], invoice: Invoice) -> None:
    row = model._default_manager.earliest("pk")
    name = {InvoiceLine: "description", LedgerEntry: "label"}.get(model, "reason")
    setattr(row, name, "Something else")

    refused(row.save)
    refused(lambda: model._default_manager.update(**{name: "x"}))
    refused(lambda: model._default_manager.bulk_update([row], [name]))
    refused(lambda: model._default_manager.filter(pk=row.pk)._raw_delete("default"))
    with pytest.raises((DatabaseError, models.ProtectedError)), transaction.atomic():
        row.delete()
    with pytest.raises((DatabaseError, models.ProtectedError)), transaction.atomic():
        model._default_manager.all().delete()


@pytest.mark.django_db(transaction=True)
def test_a_revision_gets_no_line_later(invoice: Invoice) -> None:
    """Not even with the revision's own transaction put into the line's."""
    revision = invoice.revisions.earliest("number")

    refused(
        lambda: InvoiceLine.objects.create(
            revision=revision, position=9, description="Late", amount=D("5")
        )
    )
    refused(
        sql(
            "INSERT INTO invoicing_invoiceline (revision_id, position, service_type, description,"
            " amount, tax_name, tax_percent, tax_amount)"
            " VALUES (%s, 9, 'standard', 'Late', 5, '', 0, 0)",
            revision.pk,
        )
    )


@pytest.mark.parametrize(
    "change",
    [
        "number = 'X-1'",
        "kind = 'credit_note'",
        "currency = 'EUR'",
        "invoice_date = invoice_date - 1",
        "status = 'draft'",
        "client_id = client_id + 1",
        "work_order_id = work_order_id + 1",
    ],
)
def test_what_an_issued_invoice_is_never_changes(change: str, invoice: Invoice) -> None:
    refused(sql(f"UPDATE invoicing_invoice SET {change}"))


def test_a_void_invoice_stays_void(job: WorkOrder, brand: Brand) -> None:
    void = issuing.void_invoice(brand, billed(job, "1").pk, reason="Wrong")

    refused(sql("UPDATE invoicing_invoice SET status = 'issued'"))
    refused(sql("UPDATE invoicing_invoice SET status = 'draft'"))
    void.status = "issued"
    refused(void.save)


@pytest.mark.parametrize(
    ("services", "fee", "in_flight"),
    [("10.00", "0", False), ("0", "1.00", False), ("10.00", "0", True)],
)
def test_an_invoice_with_money_on_it_is_not_voided(
    services: str, fee: str, in_flight: bool, job: WorkOrder
) -> None:
    billed(job, "329.00")
    post(job, paid(services, fee, in_flight=in_flight))

    refused(sql("UPDATE invoicing_invoice SET status = 'void'"))
    refused(lambda: Invoice.objects.update(status="void"))


def test_money_that_came_and_went_does_not_keep_it(job: WorkOrder) -> None:
    billed(job, "329.00")
    post(job, paid("329.00"))
    post(job, paid("0"))

    Invoice.objects.update(status="void")

    assert Invoice.objects.get(work_order=job).status == "void"


def test_an_issued_invoice_is_never_deleted(job: WorkOrder) -> None:
    """One without money or lines to protect it, too."""
    invoice = billed(job, "329.00")

    refused(sql("DELETE FROM invoicing_invoice"), "paystory_append_only|violates foreign key")
    with pytest.raises(models.ProtectedError):
        invoice.delete()
    refused(lambda: Invoice.objects.filter(pk=invoice.pk)._raw_delete("default"))
    assert Invoice.objects.exists()


def test_a_draft_is_deleted_freely(job: WorkOrder) -> None:
    charge(job, line("329.00"))

    Invoice.objects.get().delete()

    assert invoices(job) == {}


# --- deleting the job -----------------------------------------------------------------------------


def test_a_job_with_an_issued_invoice_is_not_deleted(job: WorkOrder) -> None:
    billed(job, "329.00")

    with pytest.raises((models.ProtectedError, DatabaseError)), transaction.atomic():
        job.delete()
    for table in ("invoicing_invoice", "workorders_workorder"):
        refused(sql(f"DELETE FROM {table}; SET CONSTRAINTS ALL IMMEDIATE"), ".")
    assert invoices(job) == {"FHI624": "issued"}


def test_a_job_with_a_draft_alone_may_go(job: WorkOrder) -> None:
    charge(job, line("329.00"))

    job.delete()

    assert not WorkOrder.objects.filter(number=job.number).exists()

"""Invoices, credits and fees for the world of changes, and what the database refuses of them."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, models

from activity.tracking import tracked
from core import clock
from invoicing.models import (
    BillingSettings,
    ClientCredit,
    CreditKind,
    CreditNoteLine,
    EntryKind,
    FeeDecision,
    FeePolicy,
    Fulfilment,
    Invoice,
    InvoiceKind,
    InvoiceRevision,
    InvoiceStatus,
    Item,
    ItemStatus,
    LedgerEntry,
)
from tests.activity.columns import Table
from tests.factories import ChargeFactory
from workorders.models import WorkOrder

APPEND_ONLY = frozenset(
    {
        *("invoicing.revision", "invoicing.ledger_entry", "invoicing.fee_decision"),
        "workorders.card_fee_switch",
    }
)
REFUSED = "paystory_(append_only|forward_only)"
# Of an invoice that is no draft any more.
FIXED = frozenset({"number", "kind", "invoice_date"})
DAY = date(2026, 3, 2)


def make_invoice(
    job: WorkOrder,
    number: int,
    kind: InvoiceKind = InvoiceKind.STANDARD,
    status: InvoiceStatus = InvoiceStatus.DRAFT,
) -> Invoice:
    """A draft that may be issued at once, or what became of one."""
    return Invoice.objects.create(
        brand=job.brand,
        work_order=job,
        client=job.client,
        kind=kind,
        status=status,
        number=f"draft-{number}",
        sequence=number,
        currency="USD",
        invoice_date=DAY,
        due_on=DAY,
        happened_at=clock.now(),
    )


def make_revision(invoice: Invoice, number: int) -> InvoiceRevision:
    """A bill of 329.00, amended if ``number`` is not 1."""
    return InvoiceRevision.objects.create(
        **_of(invoice),
        number=number,
        services_total=Decimal("329.00"),
        total_before=Decimal(0) if number == 1 else Decimal("400.00"),
        reason="" if number == 1 else "Measured again",
        happened_at=clock.now(),
    )


def make_line(invoice: Invoice) -> CreditNoteLine:
    """A line of a credit note's draft."""
    return CreditNoteLine.objects.create(
        **_of(invoice), position=1, description="Radon test", amount=Decimal("-45.00")
    )


def make_credit(job: WorkOrder) -> ClientCredit:
    """A prepayment by check."""
    return ClientCredit.objects.create(
        brand=job.brand,
        client=job.client,
        work_order=job,
        kind=CreditKind.PREPAYMENT,
        amount=Decimal("300.00"),
        label="Check 1234",
        method="check",
        reference="1234",
        happened_at=clock.now(),
    )


def make_entry(invoice: Invoice, credit: ClientCredit, number: int) -> LedgerEntry:
    """A use of credit, or a payment, which the feed reports by its own rows."""
    is_credit = number % 2 == 0
    return LedgerEntry.objects.create(
        **_of(invoice),
        kind=(EntryKind.FROM_CREDIT if is_credit else EntryKind.PAYMENT).value,
        services_amount=Decimal("50.00"),
        source=f"credit:{credit.pk}" if is_credit else "payment:1",
        sequence=number,
        payment="" if is_credit else "payment:1",
        credit=credit if is_credit else None,
        label=credit.label,
        occurred_on=DAY,
        happened_at=clock.now(),
    )


def make_decision(job: WorkOrder) -> FeeDecision:
    """A fee that somebody waived."""
    return FeeDecision.objects.create(
        brand=job.brand,
        work_order=job,
        payment="payment:1",
        payment_label="P-1",
        bill=False,
        amount=Decimal("17.95"),
        reason="Our mistake",
        happened_at=clock.now(),
    )


def make_policy(job: WorkOrder, number: int) -> FeePolicy:
    """A fee from a moment that no other policy has."""
    return FeePolicy.objects.create(
        brand=job.brand, effective_from=moment(number), percent=Decimal("3.5"), fundings=["credit"]
    )


def moment(number: int) -> datetime:
    """A moment of its own for each number."""
    return datetime(2030, 1, 1, tzinfo=UTC) + timedelta(minutes=number)


def make_item(job: WorkOrder, fulfilment: Fulfilment) -> Item:
    """An item of a charge that nobody deletes."""
    return Item.objects.create(
        brand=job.brand,
        work_order=job,
        charge=ChargeFactory(work_order=job),
        description="Radon test",
        total=Decimal("149.50"),
        covered=Decimal(0),
        status=ItemStatus.INVOICED.value,
        fulfilment=fulfilment,
    )


def _of(invoice: Invoice) -> dict[str, Any]:
    return {"brand": invoice.brand, "work_order": invoice.work_order, "invoice": invoice}


def rows(job: WorkOrder, numbers: Callable[[], int]) -> list[models.Model]:
    """A row or two of every tracked table of invoicing; the invoices first."""
    invoice = make_invoice(job, numbers())
    note = make_invoice(job, numbers(), InvoiceKind.CREDIT_NOTE)
    credit = make_credit(job)
    first = numbers() * 2
    return [
        invoice,
        note,
        make_invoice(job, numbers(), status=InvoiceStatus.ISSUED),
        make_revision(invoice, 1),
        make_revision(note, 1),
        make_line(note),
        credit,
        make_entry(invoice, credit, first),
        make_entry(invoice, credit, first + 1),
        BillingSettings.objects.create(brand=job.brand),
        make_policy(job, numbers()),
        make_decision(job),
        make_item(job, Fulfilment.NOT_STARTED),
        make_item(job, Fulfilment.ORDERED),
    ]


def fitted(row: models.Model, changed: dict[str, Any]) -> dict[str, Any]:
    """``changed`` as the tables' constraints allow it."""
    if isinstance(row, Invoice):
        now = {"kind": row.kind, "status": row.status, **changed}
        others = Invoice.objects.filter(
            work_order=row.work_order_id, kind=InvoiceKind.STANDARD, status=InvoiceStatus.DRAFT
        ).exclude(pk=row.pk)
        if (now["kind"], now["status"]) == ("standard", "draft") and others.exists():
            changed["status"] = InvoiceStatus.ISSUED.value  # a job has one draft
        for name in ("invoice_date", "due_on"):
            if name in changed:
                changed[name] = changed[name] or DAY
    if isinstance(row, ClientCredit):
        if "returned" in changed:
            changed["returned"] = min(changed["returned"] or Decimal(0), row.amount)
        if "amount" in changed:
            changed["amount"] = row.amount + (changed["amount"] or Decimal(1))
    return changed


def is_refused(table: Table, row: models.Model, changed: Mapping[str, Any]) -> bool:
    """Whether the database must refuse to write ``changed``."""
    if table.entity in APPEND_ONLY:
        return True
    if isinstance(row, Invoice) and row.status != InvoiceStatus.DRAFT:
        status = changed.get("status", row.status)
        backwards = status == InvoiceStatus.DRAFT or (
            row.status == InvoiceStatus.VOID and status != InvoiceStatus.VOID
        )
        return backwards or any(changed.get(n, getattr(row, n)) != getattr(row, n) for n in FIXED)
    if isinstance(row, ClientCredit):
        return any(changed.get(n, getattr(row, n)) != getattr(row, n) for n in ("kind", "amount"))
    if isinstance(row, Item) and "fulfilment" in changed:
        steps = Fulfilment.values
        return steps.index(changed["fulfilment"]) < steps.index(row.fulfilment)
    return False


def is_undeletable(table: Table, row: models.Model) -> bool:
    """Whether the database must refuse to delete the row."""
    issued = isinstance(row, Invoice) and row.status != InvoiceStatus.DRAFT
    return issued or table.entity in APPEND_ONLY


def is_captured(table: Table, row: models.Model) -> bool:
    """Whether changes that leave the row as it is now are captured by its own table's trigger."""
    only = tracked()[table.entity].only or "true"
    name = connection.ops.quote_name(table.model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM {name} r WHERE r.id = %s AND {only})",
            [row.pk],
        )
        return bool(cursor.fetchone()[0])

"""Issued bills for tests of credits, made through the verbs that people use."""

from decimal import Decimal

from accounts.models import Brand
from invoicing.domain import credit_notes, issuing
from invoicing.domain.credit_lines import CreditLine
from invoicing.models import ClientCredit, Invoice
from invoicing.queries import credits as reads
from invoicing.queries import settlements
from invoicing.settlement.types import Settlement
from payments.domain import record
from payments.models import Method, Payment
from tests.factories import WorkOrderFactory
from workorders.domain.charges import ChargeLine, replace_charges
from workorders.models import Client, WorkOrder

D = Decimal


def bill(client: Client, *charges: ChargeLine | str, number: str = "") -> Invoice:
    """A new job of ``client`` with ``charges`` (amounts, or whole lines), its bill issued."""
    brand: Brand = client.brand
    named = {"number": number} if number else {}
    job: WorkOrder = WorkOrderFactory(brand=brand, client=client, **named)
    lines = [c if isinstance(c, ChargeLine) else ChargeLine("Inspection", D(c)) for c in charges]
    replace_charges(brand, job.pk, lines)
    invoice = issuing.issue_bill(brand, job.pk)
    invoice.brand = brand
    return invoice


def taxed(amount: str, percent: str = "8.25", description: str = "Inspection") -> ChargeLine:
    """A charge with a tax on top."""
    return ChargeLine(description, D(amount), tax_name="Sales tax", tax_percent=D(percent))


def given_lines(*amounts: str) -> list[CreditLine]:
    """Lines that give these amounts back; a deduction has a minus."""
    return [CreditLine(f"Line {n}", -D(a)) for n, a in enumerate(amounts, start=1)]


def draft(invoice: Invoice, *amounts: str) -> Invoice:
    """A credit note's draft that gives back ``amounts`` of ``invoice``."""
    lines = given_lines(*amounts)
    return credit_notes.draft_credit_note(invoice.brand, invoice.pk, lines, reason="Goodwill")


def credit(invoice: Invoice, *amounts: str) -> ClientCredit:
    """The credit of an issued credit note."""
    note = credit_notes.issue_credit_note(invoice.brand, draft(invoice, *amounts).pk)
    issued_credit = reads.credit_of(note)
    assert issued_credit is not None
    return issued_credit


def credit_note_of(credit: ClientCredit) -> int:
    """The credit note that gave a credit."""
    assert credit.invoice_id is not None
    return credit.invoice_id


def paid(invoice: Invoice, amount: str) -> Payment:
    """Cash for an invoice's job."""
    job = WorkOrder.objects.get(pk=invoice.work_order_id)
    money = record.Manual(method=Method.CASH)
    return record.record_payment(invoice.brand, job, D(amount), money, by="Dana")


def settled(invoice: Invoice) -> Settlement:
    """What the settlement of one invoice says now."""
    job = WorkOrder.objects.get(pk=invoice.work_order_id)
    documents = settlements.job_settlement(job).documents
    return next(d.settlement for d in documents if d.invoice.pk == invoice.pk)

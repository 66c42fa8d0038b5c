"""The credit that a client has with the brand: granted, applied to invoices, taken off again.

Locks: the jobs involved first, ascending, then the credits, ascending. The database refuses a
credit that is used beyond its amount. Amounts are in the brand's currency, above zero.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from accounts.models import Brand
from core.money import ZERO, display, quantize
from invoicing.domain import rollup, stamp
from invoicing.domain.entries import write_entry
from invoicing.models import (
    ClientCredit,
    CreditKind,
    Invoice,
    InvoiceStatus,
    LedgerEntry,
)
from invoicing.queries import credits as reads
from invoicing.queries import settlements
from invoicing.settlement.types import EntryKind
from workorders.domain.locks import lock_work_orders
from workorders.domain.reasons import cleaned_reason
from workorders.models import WorkOrder

# What using a credit is on the ledger, by where the credit came from.
APPLIED = {
    CreditKind.CREDIT_NOTE: EntryKind.CREDIT,
    CreditKind.OVERPAYMENT: EntryKind.FROM_CREDIT,
    CreditKind.PREPAYMENT: EntryKind.FROM_CREDIT,
}


def left_of(credit: ClientCredit) -> Decimal:
    """What of a credit can still be used."""
    return reads.left_of(credit)


def applied_to(credit: ClientCredit, invoice_id: int) -> Decimal:
    """What of a credit an invoice has now."""
    return sum((reads.use_of(row) for row in credit.entries.filter(invoice=invoice_id)), ZERO)


# Verbs -------------------------------------------------------------------------------------------


@transaction.atomic
def apply_credit(
    brand: Brand, credit_id: int, invoice_id: int, amount: Decimal, *, reason: str = ""
) -> LedgerEntry:
    """Pay ``amount`` of an issued invoice with a credit of the same client.

    An overpayment may also be put back on the invoice that it came from, whatever is due there.
    ValidationError names ``amount`` (above zero, at most what is left of the credit and what is
    due) or ``invoice``.
    """
    jobs, invoice, credit = _locked(brand, credit_id, invoice_id)
    job = jobs[invoice.work_order_id]
    why = cleaned_reason(reason, required=False)
    _check_bears_credit(invoice)
    if credit.client_id != invoice.client_id:
        raise ValidationError({"invoice": f"{invoice.number} is another client’s."})
    _check(brand, amount, left_of(credit), f"is left of {credit.label}")
    if not came_from(credit, invoice):
        _check(brand, amount, _due(job, invoice), f"is due on {invoice.number}")
    entry = put_on(job, invoice, credit, amount, why)
    rollup.recompute(job)
    return entry


def came_from(credit: ClientCredit, invoice: Invoice) -> bool:
    """Whether a credit is money that was paid too much on this very invoice."""
    return credit.kind == CreditKind.OVERPAYMENT and credit.invoice_id == invoice.pk


@transaction.atomic
def unapply_credit(brand: Brand, credit_id: int, invoice_id: int, *, reason: str) -> LedgerEntry:
    """Take a credit off an invoice again, all that is applied; it is the client's to use anew.

    An overpayment whose money went back meanwhile returns to the invoice that it came from.
    ValidationError names ``reason``, or ``invoice`` where nothing of it is applied.
    """
    jobs, invoice, credit = _locked(brand, credit_id, invoice_id)
    job = jobs[invoice.work_order_id]
    why = cleaned_reason(reason, required=True)
    _check_bears_credit(invoice)
    if applied_to(credit, invoice.pk) <= 0:
        raise ValidationError({"invoice": f"Nothing of {credit.label} is on {invoice.number}."})
    is_own = came_from(credit, invoice)
    if is_own and applied_to(credit, invoice.pk) > surplus_of(job, invoice)[1]:
        text = f"The money of {credit.label} was refunded: it cannot become credit again."
        raise ValidationError({"invoice": text})
    entry = take_off(job, invoice, credit, why)
    if not is_own:
        settle_origin(jobs, credit)
    rollup.recompute(job)
    return entry


@transaction.atomic
def keep_as_credit(
    brand: Brand, invoice_id: int, amount: Decimal, *, reason: str = ""
) -> ClientCredit:
    """Move what an issued invoice was overpaid to the client's credit.

    Only money moves: a credit that is too much is taken off. ValidationError names ``amount``:
    above zero, at most the surplus and the money that is here.
    """
    why = cleaned_reason(reason, required=False)
    invoice = Invoice.objects.get(brand=brand, pk=invoice_id)
    job = lock_work_orders(brand, [invoice.work_order_id])[invoice.work_order_id]
    invoice.refresh_from_db()
    _check_bears_credit(invoice)
    surplus, money = surplus_of(job, invoice)
    _check(brand, amount, surplus, f"was paid too much on {invoice.number}")
    _check(brand, amount, money, "of that is money: the rest is a credit, take that off")
    credit = grant_overpayment(job, invoice, amount, reason=why)
    rollup.recompute(job)
    return credit


def surplus_of(job: WorkOrder, invoice: Invoice) -> tuple[Decimal, Decimal]:
    """What an invoice has too much, and the money on it that did not become credit already."""
    document = next(
        (d for d in settlements.job_settlement(job).documents if d.invoice.pk == invoice.pk), None
    )
    if document is None:
        return ZERO, ZERO
    held = document.settlement.received - document.settlement.refunded
    money = max(ZERO, held - document.settlement.became_credit)
    return max(ZERO, -document.settlement.balance), money


def _locked(
    brand: Brand, credit_id: int, invoice_id: int
) -> tuple[dict[int, WorkOrder], Invoice, ClientCredit]:
    credit = ClientCredit.objects.get(brand=brand, pk=credit_id)
    invoice = Invoice.objects.get(brand=brand, pk=invoice_id)
    ids = {invoice.work_order_id, *([credit.work_order_id] if credit.work_order_id else [])}
    jobs = lock_work_orders(brand, ids)
    with_origin = Q(pk=credit.pk) | Q(work_order=credit.work_order_id, kind="overpayment")
    mine = Q(pk=credit.pk) if credit.work_order_id is None else with_origin
    rows = ClientCredit.objects.select_for_update(no_key=True).filter(mine, brand=brand)
    credit = next(row for row in list(rows.order_by("pk")) if row.pk == credit.pk)
    invoice.refresh_from_db()
    return jobs, invoice, credit


def _check(brand: Brand, amount: Decimal, limit: Decimal, words: str) -> None:
    if not amount.is_finite() or amount <= 0 or amount != quantize(amount, brand.currency):
        raise ValidationError({"amount": "Enter an amount above zero."})
    if amount > limit:
        text = f"Only {display(max(limit, ZERO), brand.currency)} {words}."
        raise ValidationError({"amount": text})


def _check_bears_credit(invoice: Invoice) -> None:
    """A void invoice's money is moved by itself; a credit note is no bill."""
    if invoice.status != InvoiceStatus.ISSUED or invoice.is_credit_note:
        raise ValidationError({"invoice": f"{invoice.number} is not an issued invoice."})


def _due(job: WorkOrder, invoice: Invoice) -> Decimal:
    return max(ZERO, _balance(job, invoice))


def _balance(job: WorkOrder, invoice: Invoice) -> Decimal:
    documents = settlements.job_settlement(job).documents
    return next((d.settlement.balance for d in documents if d.invoice.pk == invoice.pk), ZERO)


# Inside other verbs: the caller holds the locks and recomputes -----------------------------------


def take_off(
    job: WorkOrder,
    invoice: Invoice,
    credit: ClientCredit,
    reason: str,
    part: Decimal | None = None,
) -> LedgerEntry:
    """Reverse what ``invoice`` has of ``credit``: ``part`` of it, by default all."""
    amount = applied_to(credit, invoice.pk) if part is None else part
    kind = APPLIED[CreditKind(credit.kind)]
    last = credit.entries.filter(invoice=invoice, kind=kind).order_by("-pk").first()
    entry = _credit_entry(job, invoice, credit, kind.reversal, amount, reason, reverses=last)
    credit.used -= amount
    credit.save(update_fields=["used"])
    return entry


def grant_overpayment(
    job: WorkOrder,
    invoice: Invoice,
    amount: Decimal,
    *,
    reason: str = "",
    at: datetime | None = None,
) -> ClientCredit:
    """Grant the client a credit for money that ``invoice`` holds too much of."""
    credit = ClientCredit.objects.create(
        brand=job.brand,
        client_id=job.client_id,
        work_order=job,
        kind=CreditKind.OVERPAYMENT,
        invoice=invoice,
        amount=amount,
        label=f"Overpayment of {invoice.number}",
        reason=reason,
        happened_at=stamp.moment(at),
    )
    _credit_entry(job, invoice, credit, EntryKind.TO_CREDIT, amount, reason)
    return credit


def settle(
    job: WorkOrder, written: Sequence[LedgerEntry] | None = None, *, imported: bool = False
) -> bool:
    """Make the credits that ``job`` gave agree with the money behind them; whether any changed.

    A void invoice holds nothing: money on it is the client's credit, and back if it goes. Where
    money left an issued invoice that is due now, the unused credit for its overpayment comes back
    to it: no more than what left (``written``, the lines of a post), or than the money on it does
    not cover. What was used of a credit stays used, for somebody to decide. ``imported``: an import
    says itself which credits there are, so none comes back to an issued invoice.
    """
    gone = _money_gone(written or ())
    voided = settlements.standard_invoices(job.brand, [job.pk]).filter(status=InvoiceStatus.VOID)
    has_void = voided.exists()
    if not has_void and not gone and written is not None:
        return False  # as nearly always: nothing needs settling for that
    mine = _granted(job)
    if not has_void and not mine:
        return False
    changed = False
    for document in settlements.job_settlement(job).documents:
        invoice, balance = document.invoice, document.settlement.balance
        own = [credit for credit in mine if credit.invoice_id == invoice.pk]
        if invoice.status == InvoiceStatus.VOID:
            if balance < 0:
                grant_overpayment(job, invoice, -balance, reason=f"{invoice.number} is void")
                changed = True
        elif invoice.status == InvoiceStatus.ISSUED and not imported:
            lack = max(gone.get(invoice.pk, ZERO), _uncovered(document))
            balance = min(balance, lack)
        else:
            continue
        changed |= _bring_back(job, invoice, own, balance)
    return changed


def _money_gone(written: Sequence[LedgerEntry]) -> dict[int, Decimal]:
    """What money left each invoice by these lines, services and fee."""
    net: dict[int, Decimal] = {}
    for entry in written:
        leaves = EntryKind(entry.kind).held < 0
        part = entry.services_amount + entry.fee_amount
        net[entry.invoice_id] = net.get(entry.invoice_id, ZERO) + (part if leaves else -part)
    return {invoice_id: part for invoice_id, part in net.items() if part > 0}


def _granted(job: WorkOrder) -> list[ClientCredit]:
    """The credits for what invoices of ``job`` were overpaid, locked in their order."""
    rows = ClientCredit.objects.select_for_update(no_key=True).filter(
        brand=job.brand, work_order=job, kind=CreditKind.OVERPAYMENT
    )
    return list(rows.order_by("pk"))


def _uncovered(document: settlements.Document) -> Decimal:
    """What became credit of an invoice and has no money behind it any more."""
    held = document.settlement.received - document.settlement.refunded
    return max(ZERO, document.settlement.became_credit - max(ZERO, held))


def _bring_back(
    job: WorkOrder, invoice: Invoice, own: Sequence[ClientCredit], lack: Decimal
) -> bool:
    changed = False
    for credit in own:
        part = min(lack, left_of(credit))
        if part > 0:
            put_on(job, invoice, credit, part, "the money went back")
            lack, changed = lack - part, True
    return changed


def settle_origin(jobs: Mapping[int, WorkOrder], credit: ClientCredit) -> None:
    """What of a credit is free again goes back to where its money left meanwhile."""
    if credit.kind != CreditKind.OVERPAYMENT or credit.work_order_id is None:
        return
    origin = jobs[credit.work_order_id]
    if settle(origin):
        rollup.recompute(origin)


def locked_credits(brand: Brand, job_ids: Iterable[int]) -> list[ClientCredit]:
    """Every credit that these jobs gave or use, locked in their order, the jobs locked before."""
    ids = list(job_ids)
    used = LedgerEntry.objects.filter(brand=brand, work_order__in=ids).exclude(credit=None)
    rows = ClientCredit.objects.select_for_update(no_key=True).filter(
        Q(work_order__in=ids) | Q(pk__in=used.values("credit")), brand=brand
    )
    return list(rows.order_by("pk"))


def return_credits(job: WorkOrder, invoice: Invoice) -> list[ClientCredit]:
    """Credits on an invoice that is being voided are the client's again; those taken off.

    What was its own money stays where it came back to: that money is gone since, or the invoice
    could not be voided.
    """
    taken = []
    for credit in locked_credits(job.brand, [job.pk]):
        if not came_from(credit, invoice) and applied_to(credit, invoice.pk) > 0:
            take_off(job, invoice, credit, f"{invoice.number} was voided")
            taken.append(credit)
    return taken


def moved_out(invoice: Invoice) -> bool:
    """Whether an overpayment left an invoice for the client's credit and is not all back."""
    documents = settlements.job_settlement(invoice.work_order).documents
    return any(d.settlement.became_credit for d in documents if d.invoice.pk == invoice.pk)


def put_on(
    job: WorkOrder, invoice: Invoice, credit: ClientCredit, amount: Decimal, reason: str
) -> LedgerEntry:
    """Use ``amount`` of ``credit`` on ``invoice``. The database refuses more than is left."""
    kind = APPLIED[CreditKind(credit.kind)]
    entry = _credit_entry(job, invoice, credit, kind, amount, reason)
    credit.used += amount
    credit.save(update_fields=["used"])
    return entry


def _credit_entry(
    job: WorkOrder,
    invoice: Invoice,
    credit: ClientCredit,
    kind: EntryKind,
    amount: Decimal,
    reason: str,
    reverses: LedgerEntry | None = None,
) -> LedgerEntry:
    return write_entry(
        job,
        invoice.pk,
        kind=kind.value,
        services_amount=amount,
        source=f"credit:{credit.pk}",
        credit=credit,
        label=credit.label,
        reference=credit.reference,
        method=credit.method,
        reverses=reverses,
        reason=reason,
        happened_at=stamp.moment(),
    )

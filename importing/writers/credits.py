"""Writes the client's credits of one job, and what was used of them.

The caller holds the locks of the job and of every job whose invoices the line names.
"""

from collections.abc import Callable
from decimal import Decimal

from accounts.models import Brand
from core.money import ZERO
from importing.errors import Refused
from importing.history.base import Change
from invoicing.domain import client_credit, follow_charges, prepayments, revisions, rollup
from invoicing.models import ClientCredit, CreditKind, Invoice, InvoiceKind, InvoiceStatus
from invoicing.queries.settlements import job_settlement
from payments.domain.status import save_changes
from workorders.models import WorkOrder

# What a later line may correct of a credit.
CORRECTABLE = frozenset({"reason", "reference", "method"})


class CreditWriter:
    """Writes overpayments, prepayments, and the uses of these and of credit notes."""

    def __init__(self, brand: Brand, job: WorkOrder) -> None:
        self.brand = brand
        self.job = job
        self._writers: dict[str, Callable[[Change], None]] = {
            "credit": self._credit,
            "applied": self._use,
        }

    def write(self, change: Change) -> None:
        """Write one change. Raises Refused with the path of what cannot be written."""
        self._writers[change.history.table](change)

    def _credit(self, change: Change) -> None:
        if change.before is not None:
            self._correct(change)
        elif change.version.values["kind"] == CreditKind.OVERPAYMENT:
            self._overpayment(change)
        else:
            self._prepayment(change)

    def _overpayment(self, change: Change) -> None:
        values, invoice = change.version.values, self._overpaid(change)
        credit = client_credit.grant_overpayment(
            self.job, invoice, values["amount"], reason=values["reason"], at=change.version.at
        )
        ClientCredit.objects.filter(pk=credit.pk).update(external_id=change.history.key)
        rollup.recompute(self.job)

    def _prepayment(self, change: Change) -> None:
        values = change.version.values
        name = f"{prepayments.METHODS.get(values['method'], '')} {values['reference']}".strip()
        ClientCredit.objects.create(
            brand=self.brand,
            client_id=self.job.client_id,
            work_order=self.job,
            kind=CreditKind.PREPAYMENT,
            amount=values["amount"],
            label=values["label"] or name or "Prepayment",
            method=values["method"],
            reference=values["reference"],
            reason=values["reason"],
            external_id=change.history.key,
            happened_at=change.version.at,
        )

    def _correct(self, change: Change) -> None:
        if set(change.patch) - CORRECTABLE:
            why = "a credit that was imported keeps its kind and its amount"
            raise Refused(change.history.path, why)
        save_changes(self._credit_of(change.history.key, change), change.patch)

    def _credit_of(self, key: str, change: Change) -> ClientCredit:
        mine = ClientCredit.objects.select_for_update(no_key=True).filter(
            brand=self.brand, work_order=self.job, external_id=key
        )
        credit = mine.first()
        if credit is None:
            raise Refused(change.history.path, "its credit is not here (a draft gives none)")
        return credit

    def _overpaid(self, change: Change) -> Invoice:
        number = change.version.values["invoice"]
        mine = Invoice.objects.filter(
            brand=self.brand, work_order=self.job, kind=InvoiceKind.STANDARD
        ).exclude(status=InvoiceStatus.DRAFT)
        invoice = (
            mine.filter(number__iexact=number) if number else mine.order_by("sequence")
        ).last()
        if invoice is None:
            what = f"{number} is no issued invoice of this job" if number else "nothing is issued"
            raise Refused(f"{change.history.path}.invoice", what)
        return invoice

    def _use(self, change: Change) -> None:
        if change.before is not None:
            raise Refused(change.history.path, "what was used of a credit stays as it was imported")
        amount = change.version.values["amount"]
        credit = self._credit_of(change.history.parent, change)
        invoice, job = self._invoice_to_pay(change)
        if credit.client_id != invoice.client_id:
            raise Refused(f"{change.history.path}.invoice", f"{invoice.number} is another client’s")
        remaining, room = client_credit.left_of(credit), _room(job, invoice)
        if amount > min(remaining, room):
            what = (
                f"left of {credit.label}" if remaining < room else f"asked for by {invoice.number}"
            )
            raise Refused(f"{change.history.path}.amount", f"only {min(remaining, room)} is {what}")
        client_credit.put_on(job, invoice, credit, amount, "")
        rollup.recompute(job)

    def _invoice_to_pay(self, change: Change) -> tuple[Invoice, WorkOrder]:
        """The invoice that a credit pays, issued if it was a draft, and its job."""
        number, path = change.version.values["invoice"], f"{change.history.path}.invoice"
        invoices = Invoice.objects.filter(brand=self.brand, kind=InvoiceKind.STANDARD)
        if number:
            invoice = invoices.filter(number__iexact=number).first()
        else:
            invoice = invoices.filter(work_order=self.job).order_by("sequence").last()
        if invoice is None:
            what = f"no invoice {number}" if number else "no invoice of this job"
            raise Refused(path, f"{what} here yet: its line must come first")
        invoice.brand = self.brand
        job = self.job if invoice.work_order_id == self.job.pk else invoice.work_order
        job.brand = self.brand
        if invoice.status == InvoiceStatus.DRAFT:
            revisions.issue(invoice, follow_charges.read(job).unbilled())
        if invoice.status == InvoiceStatus.VOID:
            raise Refused(path, f"{invoice.number} is void")
        return invoice, job


def _room(job: WorkOrder, invoice: Invoice) -> Decimal:
    """What of an invoice no credit pays yet, whatever money is on it, in the brand's currency."""
    for document in job_settlement(job).documents:
        if document.invoice.pk == invoice.pk:
            return document.settlement.services - document.settlement.credits
    return ZERO

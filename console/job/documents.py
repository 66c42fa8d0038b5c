"""The invoices of a work order on its page, and the fees that were not collected."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from accounts.models import Membership, Role
from console.feed.build import Action
from invoicing.domain.fee_decisions import MissingFee, missing_fees
from invoicing.models import Invoice, InvoiceStatus
from invoicing.queries import unused_credit
from invoicing.queries.settlements import Document, JobSettlement
from invoicing.settlement.types import Settlement
from workorders.models import WorkOrder

# Why a CSR is not offered what billing staff are.
BILLING_ONLY = "Billing staff decide whether to waive or bill it."


@dataclass(frozen=True)
class BillRow:
    """One document of the job and what its settlement says. Amounts in the brand's currency.

    ``verb`` is what bills it now ("Issue", "Bill again"), "" where nothing does.
    """

    invoice: Invoice
    settlement: Settlement
    url: str
    verb: str
    verb_url: str

    @property
    def total(self) -> Decimal:
        """What the document asks for, fee included."""
        return self.settlement.billed


@dataclass(frozen=True)
class FeeRow:
    """A card payment that came without its technology fee, or without all of it.

    ``actions`` are what this member may do, ``why_not`` says why there is nothing.
    """

    fee: MissingFee
    actions: list[Action]
    why_not: str


def bills(job: WorkOrder, settled: JobSettlement) -> list[BillRow]:
    """The documents of the job, in their order."""
    return [_bill(job, document, settled) for document in settled.documents]


def usable_credit(
    job: WorkOrder, settled: JobSettlement, membership: Membership
) -> unused_credit.UnusedCredit | None:
    """What of the client's credit could be used here. One query."""
    return unused_credit.unused(job.brand, job.client_id, settled.documents, membership)


def open_fees(job: WorkOrder, settled: JobSettlement, membership: Membership) -> list[FeeRow]:
    """The fees that were not collected; reads the decisions about them, where there is one."""
    return list(_fees(job, settled, membership)) if settled.whole.fee.open else []


def balance_actions(
    job: WorkOrder, settled: JobSettlement, membership: Membership
) -> dict[str, list[Action]]:
    """By the word of what is open: the verbs that settle it."""
    return {
        "not issued": _issue(job, settled),
        "not issued yet": _again(job, settled),
        "overpaid": _keep(job, settled, membership),
    }


def _bill(job: WorkOrder, document: Document, settled: JobSettlement) -> BillRow:
    args = [job.brand.slug, document.invoice.number]
    return BillRow(
        document.invoice,
        document.settlement,
        reverse("invoice", args=args),
        _verb(document, settled),
        reverse("invoice_issue", args=args),
    )


def _verb(document: Document, settled: JobSettlement) -> str:
    """A draft is issued; the last void bill of a job with no other is billed again."""
    if document.invoice.status == InvoiceStatus.DRAFT:
        return "Issue…" if document.lines else ""
    is_void = all(d.invoice.status == InvoiceStatus.VOID for d in settled.documents)
    return "Bill again…" if is_void and document is settled.documents[-1] else ""


def _issue(job: WorkOrder, settled: JobSettlement) -> list[Action]:
    rows = (_bill(job, document, settled) for document in settled.documents)
    return [Action(row.verb, row.verb_url) for row in rows if row.verb]


def _again(job: WorkOrder, settled: JobSettlement) -> list[Action]:
    """Billing again what a void bill asked for; a draft has to be issued first."""
    documents = settled.documents
    void = [d.invoice.number for d in documents if d.invoice.status == InvoiceStatus.VOID]
    if not void or any(d.invoice.status == InvoiceStatus.DRAFT for d in documents):
        return []
    return [Action("Bill again…", reverse("invoice_issue", args=[job.brand.slug, void[-1]]))]


def _keep(job: WorkOrder, settled: JobSettlement, membership: Membership) -> list[Action]:
    """Making a surplus the client's credit, for each invoice that holds one."""
    if not membership.at_least(Role.BILLING):
        return []
    over = (
        d.invoice.number
        for d in settled.documents
        if d.invoice.status == InvoiceStatus.ISSUED and d.settlement.balance < 0
    )
    slug = job.brand.slug
    return [
        Action("Keep as credit…", reverse("invoice_keep_credit", args=[slug, number]))
        for number in over
    ]


def _fees(job: WorkOrder, settled: JobSettlement, membership: Membership) -> Iterator[FeeRow]:
    """The fees that staff may still waive or bill, by payment; waived ones need nobody."""
    for fee in missing_fees(job, settled):
        if fee.may_waive:
            may = membership.at_least(Role.BILLING)
            actions = _fee_actions(job, fee) if may else []
            yield FeeRow(fee, actions, "" if may else BILLING_ONLY)


def _fee_actions(job: WorkOrder, fee: MissingFee) -> list[Action]:
    args = [job.brand.slug, job.number, fee.payment]
    actions = [Action("Waive…", reverse("fee_waive", args=args))]
    if fee.may_bill:
        actions.append(Action("Bill it…", reverse("fee_bill", args=args)))
    return actions

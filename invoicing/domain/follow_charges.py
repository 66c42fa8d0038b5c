"""Documents follow the job: a draft is its charges, a changed bill becomes a revision (law 3).

Asks the state, not the event: called after anything that may have changed charges or status, it
writes what is missing, and nothing where nothing differs. The caller holds the job's lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError

from core.money import total
from invoicing.domain import revisions, rollup
from invoicing.models import Invoice, InvoiceKind, InvoiceLine, InvoiceStatus
from invoicing.queries import settlements
from workorders.models import Charge, WorkOrder, WorkOrderStatus

# Why a bill changes that money called for before anything was charged.
FIRST_CHARGES = "First charges of this job"


@dataclass
class Documents:
    """A job's charges and standard invoices, with the lines that the issued ones bill."""

    job: WorkOrder
    charges: list[Charge]
    invoices: list[Invoice]
    lines: dict[int, list[InvoiceLine]] = field(default_factory=dict)

    @property
    def draft(self) -> Invoice | None:
        return next((i for i in self.invoices if i.status == InvoiceStatus.DRAFT), None)

    @property
    def issued(self) -> list[Invoice]:
        return [i for i in self.invoices if i.status == InvoiceStatus.ISSUED]

    def billed_by(self, *statuses: InvoiceStatus) -> set[int]:
        """The charges that the invoices of these statuses bill."""
        return {
            line.charge_id
            for invoice in self.invoices
            if invoice.status in statuses
            for line in self.lines.get(invoice.pk, [])
            if line.charge_id is not None
        }

    def unbilled(self) -> list[InvoiceLine]:
        """What a draft is made of: what no invoice ever billed, void ones neither."""
        return self._without(self.billed_by(InvoiceStatus.ISSUED, InvoiceStatus.VOID))

    def first_bill(self) -> list[InvoiceLine]:
        """What is issued once the job is confirmed: a draft with no bill before it."""
        is_first = all(i.status == InvoiceStatus.DRAFT for i in self.invoices)
        return self.unbilled() if self.draft is not None and is_first else []

    def to_issue(self) -> list[InvoiceLine]:
        """What issuing bills now: the draft as it is shown, else again what was voided."""
        if self.draft is not None:
            return self.unbilled()
        return self._without(self.billed_by(InvoiceStatus.ISSUED))

    def _without(self, billed: set[int]) -> list[InvoiceLine]:
        currency = self.job.brand.currency
        return [settlements.line_of_charge(c, currency) for c in self.charges if c.pk not in billed]


def read(job: WorkOrder) -> Documents:
    """The charges and standard invoices of ``job`` as they are now."""
    invoices = list(settlements.standard_invoices(job.brand, [job.pk]))
    for invoice in invoices:
        invoice.brand = job.brand
    lines = settlements.current_lines(settlements.current_revisions(invoices).values())
    return Documents(job, list(job.charges.order_by("position", "id")), invoices, lines)


def follow(
    job: WorkOrder, reason: str = "", at: datetime | None = None, *, issues: bool | None = None
) -> None:
    """Make the documents of ``job`` say what its charges and its status say; then recompute.

    A confirmed job has its first bill issued. One that was cancelled before anybody confirmed it
    owes nothing by that: its charges wait on the draft (docs/decisions/006). ``issues`` is for
    those who know a cancelled job's past: True issues its first bill, too, False issues none.

    Raises ValidationError naming ``reason`` where an issued bill changes without one, ``charges``
    where one would go below zero.
    """
    documents = read(job)
    _amend(documents, reason, at)
    _follow_with_draft(documents, at)
    lines = documents.first_bill()
    if documents.draft and lines and _is_billed(job, issues=issues):
        revisions.issue(documents.draft, lines, at)
    rollup.recompute(job)


def _is_billed(job: WorkOrder, *, issues: bool | None) -> bool:
    """Whether the first bill of ``job`` is issued by itself."""
    if issues is None:
        return job.status == WorkOrderStatus.CONFIRMED
    return issues and job.status != WorkOrderStatus.PENDING


def issued_by_confirming(job: WorkOrder) -> Decimal | None:
    """What the bill that confirming ``job`` issues asks for, tax included; None without one."""
    lines = read(job).first_bill()
    if not lines:
        return None
    return total((line.amount + line.tax_amount for line in lines), job.brand.currency)


def is_issued(job: WorkOrder) -> bool:
    """Whether a bill of ``job`` with anything on it went out: changing its charges needs a reason.

    One that only money called for had no lines yet; the first need none.
    """
    return InvoiceLine.objects.filter(
        revision__invoice__brand=job.brand_id,
        revision__invoice__work_order=job,
        revision__invoice__kind=InvoiceKind.STANDARD,
        revision__invoice__status=InvoiceStatus.ISSUED,
    ).exists()


def _amend(documents: Documents, reason: str, at: datetime | None) -> None:
    """A new revision of each issued invoice whose charges are different now.

    A charge that is new goes to the last issued invoice, unless a draft collects what comes.
    """
    by_id = {c.pk: c for c in documents.charges}
    known = documents.billed_by(InvoiceStatus.ISSUED, InvoiceStatus.VOID)
    new = [c for c in documents.charges if c.pk not in known] if documents.draft is None else []
    for number, invoice in enumerate(documents.issued, start=1):
        before = documents.lines.get(invoice.pk, [])
        mine = {line.charge_id for line in before} & set(by_id)
        if number == len(documents.issued):
            mine |= {c.pk for c in new}
        currency = documents.job.brand.currency
        after = [settlements.line_of_charge(c, currency) for c in documents.charges if c.pk in mine]
        if revisions.content(after) == revisions.content(before):
            continue
        why = reason.strip() or ("" if before or _had_lines(invoice) else FIRST_CHARGES)
        _check_amendment(invoice, after, why)
        revisions.write_revision(invoice, after, reason=why, at=at)
        documents.lines[invoice.pk] = after


def _had_lines(invoice: Invoice) -> bool:
    """Whether an invoice ever billed anything: money may come before any charge."""
    return InvoiceLine.objects.filter(revision__invoice=invoice).exists()


def _check_amendment(invoice: Invoice, lines: Sequence[InvoiceLine], reason: str) -> None:
    if not reason.strip():
        text = f"{invoice.number} is issued: say why its bill changes. It stands on the timeline."
        raise ValidationError({"reason": text})
    revisions.check_not_below_zero(invoice, lines)


def _follow_with_draft(documents: Documents, at: datetime | None) -> None:
    """There is a draft exactly while some charge was never billed, by no void invoice either.

    Next to other invoices none is below zero: it would lower the job and could never be issued.
    """
    waiting = documents.unbilled()
    if documents.draft is not None:
        _drop_empty(documents)
    elif waiting:
        # All of its kind are known here.
        sequence = max((i.sequence for i in documents.invoices), default=0) + 1
        documents.invoices.append(revisions.draft(documents.job, at, sequence))
    if documents.draft is not None and len(documents.invoices) > 1:
        revisions.check_not_below_zero(documents.draft, waiting)


def issue_for_money(job: WorkOrder, at: datetime) -> None:
    """Issue a draft of ``job`` because money came that its issued invoices do not ask for.

    A job without any invoice gets one, which bills nothing yet. Nothing where every invoice is
    void, or where the draft next to an issued one would lower the job: the money then stays on
    the last invoice, which is overpaid. ValidationError names ``charges`` where the only draft
    is below zero. The caller recomputes.
    """
    documents = read(job)
    waiting = documents.unbilled()
    is_below_zero = revisions.sum_of(waiting, job.brand.currency) < 0
    if documents.issued and (documents.draft is None or is_below_zero):
        return
    if documents.draft is None and documents.invoices:
        return
    revisions.issue(documents.draft or revisions.draft(job, at), waiting, at)


def tidy(job: WorkOrder) -> None:
    """Take away the draft that only money under way had called for, once that is gone."""
    drafts = settlements.standard_invoices(job.brand, [job.pk]).filter(status=InvoiceStatus.DRAFT)
    if drafts.exists():
        _drop_empty(read(job))


def _drop_empty(documents: Documents) -> None:
    draft = documents.draft
    if draft is None or documents.unbilled():
        return
    if not draft.in_flight.exists() and not draft.entries.exists():
        draft.delete()
        documents.invoices.remove(draft)

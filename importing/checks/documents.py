"""What contradicts itself in the documents, credits and older figures of a line. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from core.money import ZERO, charge_tax, total
from importing.checks.common import EARLIER, twice
from importing.documents.invoices import gross
from importing.documents.read import read_documents
from importing.documents.rounding import is_within_a_unit
from importing.documents.shape import Charge, Document, ParsedDocuments, Revision, as_billed
from importing.errors import Refused
from importing.format.documents import CreditIn, InvoiceIn, InvoiceLineIn, LegacyIn
from importing.format.job import ChargeIn, Job
from invoicing.models import CreditKind, InvoiceKind, InvoiceStatus
from payments.models import RECEIVED_STATUSES


def check_documents(job: Job, currency: str) -> Iterator[Refused]:
    """Every contradiction, with its path. Amounts are in ``currency``, the brand's."""
    if job.version == 1:
        yield from _first_format_only(job)
    problems = [
        *_taxes(job, currency),
        *_invoices(job),
        *_credits(job, currency),
        *_legacies(job),
    ]
    yield from problems
    if not problems:
        parsed = read_documents(job, currency)
        yield from _documents(job, parsed, currency)


def _first_format_only(job: Job) -> Iterator[Refused]:
    for name in ("invoices", "credits", "legacy"):
        if getattr(job, name):
            yield Refused(name, "belongs to version 2 of the format")


# Taxes -------------------------------------------------------------------------------------------


def _taxes(job: Job, currency: str) -> Iterator[Refused]:
    yield from _charge_taxes("charges", job.charges, job, currency)
    for n, step in enumerate(job.history):
        yield from _charge_taxes(f"history[{n}].charges", step.charges or (), job, currency)
    for n, invoice in enumerate(job.invoices):
        if invoice.status != InvoiceStatus.VOID:
            where = (
                f"revisions[{len(invoice.revisions) - 1}].lines" if invoice.revisions else "lines"
            )
            for m, line in enumerate(invoice.last_lines):
                yield from _tax(f"invoices[{n}].{where}[{m}].tax.amount", line, currency)


def _charge_taxes(
    path: str, charges: Sequence[ChargeIn], job: Job, currency: str
) -> Iterator[Refused]:
    for n, charge in enumerate(charges):
        if charge.tax is None:
            continue
        if job.version == 1:
            yield Refused(f"{path}[{n}].tax", "belongs to version 2 of the format")
        yield from _tax(f"{path}[{n}].tax.amount", charge, currency)


def _tax(path: str, line: ChargeIn | InvoiceLineIn, currency: str) -> Iterator[Refused]:
    """A tax that is given is what its percentage comes to, give or take a cent."""
    if line.tax is None or line.tax.amount is None:
        return
    exact = charge_tax(line.amount, line.tax.percent, currency)
    if not is_within_a_unit(line.tax.amount, exact, currency):
        why = f"{line.tax.percent} % of {line.amount} is {exact}; a cent more or less is believed"
        yield Refused(path, why)


# Invoices ----------------------------------------------------------------------------------------


def _invoices(job: Job) -> Iterator[Refused]:
    seen: set[str] = set()
    drafts = 0
    for n, invoice in enumerate(job.invoices):
        path = f"invoices[{n}]"
        if invoice.number in seen:
            yield Refused(f"{path}.number", twice(invoice.number))
        seen.add(invoice.number)
        if invoice.at < job.at:
            yield Refused(f"{path}.at", "before the job was booked")
        yield from _invoice(invoice, path)
        if invoice.status == InvoiceStatus.DRAFT and invoice.kind == InvoiceKind.STANDARD:
            drafts += 1
            if drafts > 1:
                yield Refused(f"{path}.status", "a job has one draft at most")


def _invoice(invoice: InvoiceIn, path: str) -> Iterator[Refused]:
    yield from _lines(f"{path}.lines", invoice.lines)
    last = invoice.at
    for n, revision in enumerate(invoice.revisions):
        if revision.at < last:
            yield Refused(f"{path}.revisions[{n}].at", EARLIER)
        last = max(last, revision.at)
        yield from _lines(f"{path}.revisions[{n}].lines", revision.lines)
    figures = invoice.legacy is not None and invoice.legacy.total_amount is not None
    drafted = invoice.status == InvoiceStatus.DRAFT
    is_note = invoice.kind == InvoiceKind.CREDIT_NOTE
    if not invoice.lines and not figures and (is_note or not drafted):
        yield Refused(f"{path}.lines", "missing: a document says what it bills")
    if invoice.revisions and (drafted or is_note):
        what = "a draft" if drafted else "a credit note"
        yield Refused(f"{path}.revisions", f"{what} has none")
    if invoice.credits and not is_note:
        yield Refused(f"{path}.credits", "is for credit notes")
    if is_note and drafted and not invoice.credits:
        yield Refused(f"{path}.credits", "missing: a draft names the invoice that it gives back")
    if invoice.due_on and invoice.invoice_date and invoice.due_on < invoice.invoice_date:
        yield Refused(f"{path}.due_on", "before the invoice’s own date")
    yield from _void(invoice, last, path)


def _void(invoice: InvoiceIn, last: datetime, path: str) -> Iterator[Refused]:
    if invoice.status != InvoiceStatus.VOID:
        if invoice.voided_at is not None:
            yield Refused(f"{path}.voided_at", "is for void documents")
        return
    if not invoice.reason:
        yield Refused(f"{path}.reason", "missing: say why it is void")
    if invoice.voided_at is None:
        yield Refused(f"{path}.voided_at", "missing: say when it was voided")
    elif invoice.voided_at < last:
        yield Refused(f"{path}.voided_at", EARLIER)


def _lines(path: str, lines: Sequence[InvoiceLineIn]) -> Iterator[Refused]:
    for n, line in enumerate(lines):
        if line.charge is None and line.description is None:
            yield Refused(f"{path}[{n}]", "needs a charge or a description")


# Credits -----------------------------------------------------------------------------------------


def _credits(job: Job, currency: str) -> Iterator[Refused]:
    seen: set[str] = set()
    for n, credit in enumerate(job.credits):
        path = f"credits[{n}]"
        for key in {k for k in (credit.id, credit.number) if k}:
            if key in seen:
                yield Refused(f"{path}.{'id' if key == credit.id else 'number'}", "stands twice")
            seen.add(key)
        if credit.at < job.at and credit.kind != CreditKind.PREPAYMENT:
            yield Refused(f"{path}.at", "before the job was booked")
        yield from _kind_of_credit(credit, path)
        yield from _amount(credit, job, path, currency)
        yield from _uses(credit, path)
    over = total((c.amount for c in job.credits if c.kind == CreditKind.OVERPAYMENT), currency)
    if over and over > _paid(job, currency):
        n = max(n for n, c in enumerate(job.credits) if c.kind == CreditKind.OVERPAYMENT)
        yield Refused(f"credits[{n}].amount", "more was overpaid than the payments come to")


def _paid(job: Job, currency: str) -> Decimal:
    """What the payments of the line brought in, this job's shares alone, in ``currency``."""
    amounts = []
    for payment in job.payments:
        statuses = [payment.status, *(s.status for s in payment.history if s.status)]
        if payment.provider_steps or any(status in RECEIVED_STATUSES for status in statuses):
            number = job.number.lower()
            shares = [s.amount for s in payment.shares if s.work_order.lower() == number]
            amounts.append(shares[0] if shares else payment.amount)
    return total(amounts, currency)


def _kind_of_credit(credit: CreditIn, path: str) -> Iterator[Refused]:
    allowed = {
        CreditKind.CREDIT_NOTE: ("number", "lines", "invoice"),
        CreditKind.OVERPAYMENT: ("invoice",),
        CreditKind.PREPAYMENT: ("method", "reference"),
    }[credit.kind]
    for name in ("number", "lines", "invoice", "method", "reference"):
        if getattr(credit, name) and name not in allowed:
            yield Refused(f"{path}.{name}", f"is not for a credit of kind {credit.kind.value}")
    yield from _lines(f"{path}.lines", credit.lines)


def _amount(credit: CreditIn, job: Job, path: str, currency: str) -> Iterator[Refused]:
    """A credit note gives what its lines come to, under ``credits`` or under ``invoices``."""
    note = next((i for i in job.invoices if credit.number and i.number == credit.number), None)
    if note is None:
        if credit.lines and gross(credit.lines, currency) != -credit.amount:
            sum_ = gross(credit.lines, currency)
            yield Refused(f"{path}.amount", f"the lines come to {sum_}: they give back {-sum_}")
        return
    if credit.lines:
        yield Refused(f"{path}.lines", f"stand under invoices, with {note.number}")
    sum_ = gross(note.last_lines, currency)
    if note.last_lines and credit.amount not in (-sum_, -(note.total or sum_)):
        yield Refused(f"{path}.amount", f"{note.number} gives back {-sum_}")


def _uses(credit: CreditIn, path: str) -> Iterator[Refused]:
    seen: set[str] = set()
    remaining = credit.amount
    for n, use in enumerate(credit.applied):
        here = f"{path}.applied[{n}]"
        if use.id is not None and use.id in seen:
            yield Refused(f"{here}.id", twice(use.id))
        seen.add(use.id or "")
        if use.at < credit.at:
            yield Refused(f"{here}.at", "before there was a credit")
        if use.amount > remaining:
            yield Refused(f"{here}.amount", f"only {remaining} is left of the credit")
        remaining = max(ZERO, remaining - use.amount)


# Older figures -----------------------------------------------------------------------------------


def _legacies(job: Job) -> Iterator[Refused]:
    rows: list[tuple[str, LegacyIn | None]] = [("legacy", job.legacy)]
    rows += [(f"invoices[{n}].legacy", i.legacy) for n, i in enumerate(job.invoices)]
    for path, row in rows:
        if row is None or not row.is_prepayment:
            continue
        if row.total_amount is None or row.total_amount <= 0:
            yield Refused(f"{path}.total_amount", "a prepayment is of more than zero")
        if path == "legacy" and job.payments:
            why = "the line has payments: give the money once, here or there"
            yield Refused(f"{path}.is_prepayment", why)


# Documents, once it is clear what they are -------------------------------------------------------


def _documents(job: Job, parsed: ParsedDocuments, currency: str) -> Iterator[Refused]:
    keys = [*(d.key for d in parsed.documents), *(c.key for c in parsed.credits)]
    for n, credit in enumerate(job.credits):
        if credit.id and keys.count(credit.id) > 1:
            yield Refused(f"credits[{n}].id", f"“{credit.id}” is the number of a document, too")
    charges = {charge["key"]: charge for charge in parsed.charges[-1]}
    taken: set[str] = set()
    for document in parsed.documents:
        yield from _total(job, document)
        if document.asks_for_money and parsed.has_invoices:
            yield from _charges_of(document.revisions[-1], charges, taken, currency)


def _total(job: Job, document: Document) -> Iterator[Refused]:
    given = next((i for i in job.invoices if i.number == document.number), None)
    is_note = document.kind == InvoiceKind.CREDIT_NOTE
    if is_note and document.total >= 0:
        yield Refused(
            document.revisions[-1].path, "a credit note gives back: less than zero in all"
        )
    if given is None or given.total is None or given.total == document.total:
        return
    if not document.revisions[-1].lines:  # a draft: its charges are its lines
        return
    why = f"the lines come to {document.total}, with tax"
    yield Refused(f"{document.path}.total", why)


def _charges_of(
    revision: Revision, charges: dict[str, Charge], taken: set[str], currency: str
) -> Iterator[Refused]:
    """An issued invoice bills the charges that the job has now, each once."""
    for n, line in enumerate(revision.lines):
        path = f"{revision.path}[{n}]"
        if line.charge not in charges:
            yield Refused(path, "bills no charge that the job has now: name it with `charge`")
            continue
        if line.charge in taken:
            yield Refused(f"{path}.charge", f"{line.charge} is billed already")
        taken.add(line.charge)
        charged = as_billed(charges[line.charge], currency)
        names = {"tax_amount": "tax.amount", "tax_percent": "tax.percent", "tax_name": "tax.name"}
        for name in ("description", "service_type", "amount", *names):
            ours, theirs = getattr(line, name), getattr(charged, name)
            if ours != theirs:
                why = f"“{ours}”, but the charge {line.charge} says “{theirs}”"
                yield Refused(f"{path}.{names.get(name, name)}", why)

"""What an import took otherwise than by our own rules, for the report. Pure.

Nothing is refused for it: an older system's documents stay to the cent what clients have.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from core.money import charge_tax, display, total
from importing.documents.read import read_documents
from importing.documents.shape import Document, ParsedDocuments, as_billed
from importing.format.job import Job
from workorders.models import WorkOrderStatus


@dataclass(frozen=True)
class Remark:
    """What somebody should know of a line; ``path`` as in ``checks.line.Problem``."""

    line: int
    path: str
    text: str


def remarks(job: Job, currency: str) -> Iterator[tuple[str, str]]:
    """The path and the words of everything that was taken as it came. Amounts in ``currency``."""
    if not _has_tax(job) and not was_never_confirmed(job):
        return
    parsed = read_documents(job, currency)
    for document in parsed.documents:
        yield from _taxes(document, currency)
    if not parsed.has_invoices:
        yield from _charges(job, parsed, currency)


def _has_tax(job: Job) -> bool:
    charges = [*job.charges, *(c for step in job.history for c in step.charges or ())]
    lines = [
        *(x for i in job.invoices for x in i.last_lines),
        *(x for c in job.credits for x in c.lines),
    ]
    return any(charge.tax for charge in charges) or any(line.tax for line in lines)


def _taxes(document: Document, currency: str) -> Iterator[tuple[str, str]]:
    """A document whose taxes are not line by line what their percentages come to."""
    lines = document.revisions[-1].lines
    ours = total((charge_tax(x.amount, x.tax_percent, currency) for x in lines), currency)
    theirs = total((x.tax_amount for x in lines), currency)
    if any(x.tax_amount != charge_tax(x.amount, x.tax_percent, currency) for x in lines):
        yield document.revisions[-1].path, _kept(theirs, ours, currency)


def _charges(job: Job, parsed: ParsedDocuments, currency: str) -> Iterator[tuple[str, str]]:
    lines = [as_billed(charge, currency) for charge in parsed.charges[-1]]
    computed = [charge_tax(x.amount, x.tax_percent, currency) for x in lines]
    if any(x.tax_amount != tax for x, tax in zip(lines, computed, strict=True)):
        theirs = total((x.tax_amount for x in lines), currency)
        yield "charges", _kept(theirs, total(computed, currency), currency)
    comes_to = total((x.gross for x in lines), currency)
    if comes_to and was_never_confirmed(job):
        words = f"cancelled without having been confirmed: {display(comes_to, currency)}"
        yield "charges", f"{words} is not billed"


def was_never_confirmed(job: Job) -> bool:
    """Whether a job is cancelled and was never confirmed: it owes nothing by that."""
    statuses = [job.status, *(step.status for step in job.history if step.status)]
    return statuses[-1] == WorkOrderStatus.CANCELLED and WorkOrderStatus.CONFIRMED not in statuses


def _kept(theirs: Decimal, ours: Decimal, currency: str) -> str:
    return (
        f"the tax is kept as it was, {display(theirs, currency)}; "
        f"line by line it would be {display(ours, currency)}"
    )

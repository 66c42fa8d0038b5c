"""Documents, credits and older figures of a job → histories. Pure."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from importing.documents.shape import Credit, CreditUse, Document, ParsedDocuments
from importing.format.documents import LegacyIn
from importing.format.job import Job
from importing.format.kinds import LAST_YEAR
from importing.history.base import History, Version, single
from importing.naming import IMPORTER
from invoicing.models import InvoiceKind, InvoiceStatus


def document_histories(job: Job, parsed: ParsedDocuments) -> Iterator[History]:
    """One history per document, credit, use of a credit, and row of older figures."""
    first_seen = _first_seen(job, parsed)
    issued = _issued(parsed, first_seen)
    # A credit note comes after the invoice that it gives back, wherever the file has it.
    for document in sorted(parsed.documents, key=lambda d: d.kind == InvoiceKind.CREDIT_NOTE):
        versions = tuple(_versions(document, first_seen, _turn_of(document, issued)))
        topic = f"invoice:{document.key}"
        yield History("invoice", document.key, topic, versions, path=document.path)
    for credit in parsed.credits:
        yield _credit(credit, issued.get(credit.invoice))
    for use in parsed.uses:
        yield _credit_use(use, issued.get(use.invoice))
    rows = [("", job.legacy, "legacy")]
    rows += [(i.number, i.legacy, f"invoices[{n}].legacy") for n, i in enumerate(job.invoices)]
    for number, row, path in rows:
        if row is not None:
            version = Version(job.at, IMPORTER, {"row": row_of(row)})
            yield single("legacy", number, version, path)


def row_of(row: LegacyIn) -> dict[str, Any]:
    """The older figures as they are stored: those that were given, amounts as text."""
    return row.model_dump(mode="json", exclude_unset=True)


def _first_seen(job: Job, parsed: ParsedDocuments) -> Mapping[str, datetime]:
    """When each charge was added to the job, by its key."""
    result: dict[str, datetime] = {}
    changed = [step.at for step in job.history if step.charges is not None]
    for at, charges in zip([job.at, *changed], parsed.charges, strict=True):
        for charge in charges:
            result.setdefault(charge["key"], at)
    return result


# A job has one draft at most, which is the last of its documents.
DRAFTED = datetime(LAST_YEAR, 12, 31, tzinfo=UTC)


def _issued(parsed: ParsedDocuments, first_seen: Mapping[str, datetime]) -> dict[str, datetime]:
    """When each invoice is issued and all that it bills is there, by its number."""
    return {
        document.number: next(_versions(document, first_seen)).turn
        for document in parsed.documents
        if document.kind == InvoiceKind.STANDARD
    }


def _turn_of(document: Document, issued: Mapping[str, datetime]) -> datetime | None:
    """After what a document comes, however the file orders them; None for nothing."""
    if document.status == InvoiceStatus.DRAFT:
        return DRAFTED
    return issued.get(document.credits) if document.kind == InvoiceKind.CREDIT_NOTE else None


def _versions(
    document: Document, first_seen: Mapping[str, datetime], after: datetime | None = None
) -> Iterator[Version]:
    drafted = document.status == InvoiceStatus.DRAFT
    is_void = document.status == InvoiceStatus.VOID
    values: dict[str, Any] = {
        "number": document.number,
        "kind": document.kind,
        "status": InvoiceStatus.DRAFT if drafted else InvoiceStatus.ISSUED,
        "invoice_date": document.invoice_date,
        "due_on": document.due_on,
        "terms_days": document.terms_days,
        "credits": document.credits,
        # Of a void document the reason says why it is void.
        "reason": "" if is_void else document.reason,
    }
    turn = max(document.revisions[0].at, after or document.revisions[0].at)
    for revision in document.revisions:
        added = [first_seen[line.charge] for line in revision.lines if line.charge in first_seen]
        turn = max([turn, revision.at, *added])
        values = {**values, "lines": revision.lines, "why": revision.why}
        yield Version(revision.at, revision.actor, values, turn)
    if document.voided_at is not None:
        last = document.revisions[-1]
        values = {**values, "status": InvoiceStatus.VOID, "reason": document.reason}
        yield Version(document.voided_at, last.actor, values, max(turn, document.voided_at))


def _credit(credit: Credit, after: datetime | None) -> History:
    names = ("kind", "amount", "label", "invoice", "method", "reference", "reason")
    values = {name: getattr(credit, name) for name in names}
    version = Version(credit.at, credit.actor, values, after)
    return single("credit", credit.key, version, credit.path)


def _credit_use(use: CreditUse, after: datetime | None) -> History:
    values = {"invoice": use.invoice, "amount": use.amount}
    version = Version(use.at, use.actor, values, after)
    topic = f"applied:{use.credit}:{use.key}"
    return single("applied", use.key, version, use.path, topic=topic, parent=use.credit)

"""Documents, credits and older figures of a job → stories. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from importing.documents.shape import Applied, Credit, Document, Papers
from importing.format.documents import LegacyIn
from importing.format.job import Job
from importing.history.base import Story, Version
from importing.naming import IMPORTER
from invoicing.models import InvoiceStatus


def bill_stories(job: Job, papers: Papers) -> Iterator[Story]:
    """One story per document, credit, use of a credit, and row of older figures."""
    since = _since(job, papers)
    for document in papers.documents:
        versions = tuple(_versions(document, since))
        topic = f"invoice:{document.key}"
        yield Story("invoice", document.key, topic, versions, path=document.path)
    for credit in papers.credits:
        yield _credit(credit)
    for applied in papers.applied:
        yield _applied(applied)
    rows = [("", job.legacy, "legacy")]
    rows += [(i.number, i.legacy, f"invoices[{n}].legacy") for n, i in enumerate(job.invoices)]
    for number, row, path in rows:
        if row is not None:
            version = Version(job.at, IMPORTER, {"row": row_of(row)})
            yield Story("legacy", number, f"legacy:{number}", (version,), path=path)


def row_of(row: LegacyIn) -> dict[str, Any]:
    """The older figures as they are kept: those that were given, amounts as text."""
    return row.model_dump(mode="json", exclude_unset=True)


def _since(job: Job, papers: Papers) -> Mapping[str, datetime]:
    """Since when each charge is there."""
    found: dict[str, datetime] = {}
    changed = [step.at for step in job.history if step.charges is not None]
    for at, charges in zip([job.at, *changed], papers.charges, strict=True):
        for charge in charges:
            found.setdefault(charge["key"], at)
    return found


def _versions(document: Document, since: Mapping[str, datetime]) -> Iterator[Version]:
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
    turn = document.bills[0].at
    for bill in document.bills:
        there = [since[line.charge] for line in bill.lines if line.charge in since]
        turn = max([turn, bill.at, *there])
        values = {**values, "lines": bill.lines, "why": bill.why}
        yield Version(bill.at, bill.actor, values, turn)
    if document.voided_at is not None:
        last = document.bills[-1]
        values = {**values, "status": InvoiceStatus.VOID, "reason": document.reason}
        yield Version(document.voided_at, last.actor, values, max(turn, document.voided_at))


def _credit(credit: Credit) -> Story:
    names = ("kind", "amount", "label", "invoice", "method", "reference", "reason")
    values = {name: getattr(credit, name) for name in names}
    version = Version(credit.at, credit.actor, values)
    return Story("credit", credit.key, f"credit:{credit.key}", (version,), path=credit.path)


def _applied(applied: Applied) -> Story:
    values = {"invoice": applied.invoice, "amount": applied.amount}
    version = Version(applied.at, applied.actor, values)
    topic = f"applied:{applied.credit}:{applied.key}"
    return Story("applied", applied.key, topic, (version,), applied.credit, applied.path)

"""The credits that a line gives by themselves, with what was used of them. Pure.

Amounts are in the brand's currency.
"""

from collections.abc import Iterator
from dataclasses import replace

from activity.actors import Actor
from importing.documents.figures import credit_note, one_line
from importing.documents.invoices import line_of
from importing.documents.shape import Credit, CreditUse, Document
from importing.format.documents import CreditIn
from importing.format.job import Job
from importing.naming import actor_of, key_of
from invoicing.models import CreditKind


def read_credits(
    job: Job, inherited: Actor, currency: str
) -> Iterator[Document | Credit | CreditUse]:
    """Every credit of ``job.credits`` and each use of it, in the order of the file.

    A credit note becomes a document, unless ``job.invoices`` has it already.
    """
    documents = {invoice.number for invoice in job.invoices}
    for n, given in enumerate(job.credits):
        path, actor = f"credits[{n}]", actor_of(given, inherited)
        key = key_of(given, n)
        if given.kind != CreditKind.CREDIT_NOTE:
            yield _credit_of(given, key, actor, path)
        else:
            key = given.number or key
            if key not in documents:
                yield _credit_note_of(given, key, actor, path, currency)
        for m, use in enumerate(given.applied):
            yield CreditUse(
                key=key_of(use, m),
                credit=key,
                invoice=use.invoice,
                amount=use.amount,
                at=use.at,
                actor=actor_of(use, actor),
                path=f"{path}.applied[{m}]",
            )


def _credit_of(given: CreditIn, key: str, actor: Actor, path: str) -> Credit:
    return Credit(
        key=key,
        kind=given.kind,
        amount=given.amount,
        at=given.at,
        actor=actor,
        path=path,
        invoice=given.invoice or "",
        method=given.method or "",
        reference=given.reference or "",
        reason=given.reason,
    )


def _credit_note_of(given: CreditIn, key: str, actor: Actor, path: str, currency: str) -> Document:
    lines = tuple(line_of(line, None, "", currency) for line in given.lines)
    description = given.reason[:240] or "Credit"
    note = credit_note(
        key,
        given.number or "",
        lines or one_line(description, -given.amount),
        given.at,
        actor,
        path,
    )
    return replace(note, reason=given.reason, credits=given.invoice or "")

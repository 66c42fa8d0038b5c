"""Documents and credits that an older system gives by its figures alone. Pure.

Such a system lowered a total by the credit on it; the total is restored and the credit becomes a
credit note with its use. Amounts are in the brand's currency.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from activity.actors import Actor
from core.money import ZERO
from importing.documents.charges import charge_for_line, sum_of
from importing.documents.shape import Charge, Credit, CreditUse, Document, Line, Revision, as_billed
from importing.format.documents import LegacyIn
from importing.format.job import Job
from importing.legacy.figures import restored_total
from importing.naming import IMPORTER, actor_of
from invoicing.models import CreditKind, InvoiceKind, InvoiceStatus

RESTORED = "Covered by a credit"
CREDITED = "Credit applied before the import"
WHOLE = "As billed before the import"


def read_job_figures(
    job: Job, charges: tuple[Charge, ...], currency: str
) -> tuple[tuple[Charge, ...], list[Document | Credit | CreditUse]]:
    """The charges of a job before a credit lowered its total, and the documents of its figures.

    A total below zero is a credit note; a prepayment is a credit (docs/import-format.md).
    """
    legacy = job.legacy or LegacyIn()
    whole = restored_total(legacy)
    at = job.history[-1].at if job.history else job.at
    if whole is None:
        return charges, list(credit_of_figures(legacy, "", at, "legacy"))
    if legacy.is_prepayment:
        return charges, [prepayment(legacy, job.number, job.at, actor_of(job, IMPORTER), "legacy")]
    comes_to = sum_of(charges, currency)
    if whole < 0:
        gives = comes_to < 0
        lines = tuple(replace(as_billed(c, currency), charge="") for c in charges) if gives else ()
        note = credit_note("#legacy", "", lines or one_line(WHOLE, whole), at, IMPORTER, "legacy")
        return () if gives else charges, [note]
    if not charges and whole:
        charges = (charge_for_line(Line("#legacy", WHOLE, "standard", whole)),)
    elif legacy.credit_applied and comes_to == legacy.total_amount:
        extra = Line("#legacy", RESTORED, "standard", legacy.credit_applied)
        charges = (*charges, charge_for_line(extra))
    return charges, list(credit_of_figures(legacy, "", at, "legacy"))


def one_line(description: str, amount: Decimal) -> tuple[Line, ...]:
    """The only line of a document: it bills no charge and has no tax."""
    return (Line("", description, "standard", amount),)


def credit_note(
    key: str, number: str, lines: tuple[Line, ...], at: datetime, actor: Actor, path: str
) -> Document:
    """An issued credit note of these lines; without a number it takes the brand's next."""
    revision = Revision(at, actor, lines, f"{path}.lines")
    kind, status = InvoiceKind.CREDIT_NOTE, InvoiceStatus.ISSUED
    return Document(key, number, kind, status, (revision,), path)


def prepayment(legacy: LegacyIn, number: str, at: datetime, actor: Actor, path: str) -> Credit:
    """The prepayment that a row of older figures is about."""
    key, amount = f"#prepaid:{number}", legacy.total_amount or ZERO
    label = f"Prepayment {number}"
    return Credit(key, CreditKind.PREPAYMENT, amount, at, actor, f"{path}.legacy", label)


def credit_of_figures(
    legacy: LegacyIn, number: str, at: datetime, path: str
) -> Iterator[Document | CreditUse]:
    """The credit that lowered a total: a credit note that the file has no row for, and its use."""
    amount, whole = legacy.credit_applied, restored_total(legacy)
    if not amount or legacy.is_prepayment:
        return
    where = path if path == "legacy" else f"{path}.legacy"
    key = f"#credit:{number}"
    note = credit_note(key, "", one_line(CREDITED, -amount), at, IMPORTER, where)
    yield replace(note, credits=number)
    used = amount if whole is None else min(amount, max(ZERO, whole))
    if used:
        yield CreditUse("#1", key, number, used, at, IMPORTER, f"{where}.credit_applied")

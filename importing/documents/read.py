"""The documents and credits of a line, however they were given, as one shape. Pure.

An older system may tell of documents by themselves (``invoices``, ``credits``) or by its figures
(``legacy``). Every line of a document that counts bills a charge of the job, so that an invoice
which came by import is amended like any other. Amounts are in the brand's currency.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from activity.actors import Actor
from core.money import ZERO, charge_tax, total
from importing.documents.shape import (
    Applied,
    Bill,
    Charge,
    Credit,
    Document,
    Line,
    Papers,
    as_billed,
)
from importing.format.documents import CreditIn, InvoiceIn, InvoiceLineIn, LegacyIn
from importing.format.job import ChargeIn, Job
from importing.legacy.figures import restored_total, service_type_of
from importing.naming import IMPORTER, actor_of, key_of
from invoicing.models import CreditKind, InvoiceKind, InvoiceStatus

RESTORED = "Covered by a credit"
CREDITED = "Credit applied before the import"
WHOLE = "As billed before the import"


def papers_of(job: Job, currency: str) -> Papers:
    """What ``job`` tells of documents and credits, its charges as each step has them."""
    given = [job.charges, *(s.charges for s in job.history if s.charges is not None)]
    charges = [tuple(_charge(c, key_of(c, n)) for n, c in enumerate(lines)) for lines in given]
    actor = actor_of(job, IMPORTER)
    if not job.invoices:
        charges[-1], found = _of_the_job(job, charges[-1], currency)
    else:
        rows = [_Row(invoice, n, actor) for n, invoice in enumerate(job.invoices)]
        told = any(charges)
        charges[-1] = (*charges[-1], *_added(rows, told, currency))
        found = list(_of_the_invoices(rows, charges, currency))
    told_of = {a.invoice for credit in job.credits for a in credit.applied}
    found = [f for f in found if not _is_told(f, told_of, job.number)]
    found += _of_the_credits(job, actor, currency)
    return Papers(
        tuple(charges),
        tuple(f for f in found if isinstance(f, Document)),
        tuple(f for f in found if isinstance(f, Credit)),
        tuple(f for f in found if isinstance(f, Applied)),
    )


def _is_told(found: "Document | Credit | Applied", invoices: set[str], number: str) -> bool:
    """Whether a credit made of figures stands under ``credits`` already, with its use."""
    if not invoices or not getattr(found, "credit", found.key).startswith("#credit:"):
        return False
    invoice = getattr(found, "credit", found.key).removeprefix("#credit:")
    return (invoice or number) in invoices


# Charges -----------------------------------------------------------------------------------------


def _charge(charge: ChargeIn, key: str) -> Charge:
    name = charge.service or charge.description or ""
    return {
        "key": key,
        "service": charge.service,
        "description": charge.description or charge.service,
        "service_type": charge.service_type or service_type_of(name),
        "amount": charge.amount,
        "tax_name": charge.tax.name if charge.tax else "",
        "tax_percent": charge.tax.percent if charge.tax else ZERO,
    }


def _made(line: Line) -> Charge:
    """The charge of a line that came without one."""
    return {
        "key": line.charge,
        "service": None,
        "description": line.description,
        "service_type": line.service_type,
        "amount": line.amount,
        "tax_name": line.tax_name,
        "tax_percent": line.tax_percent,
    }


def _sum(charges: Iterable[Charge], currency: str) -> Decimal:
    return total((as_billed(c, currency).gross for c in charges), currency)


# Documents that were given -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """One given invoice and what it turns out to be."""

    given: InvoiceIn
    position: int
    inherited: Actor

    @property
    def path(self) -> str:
        return f"invoices[{self.position}]"

    @property
    def actor(self) -> Actor:
        return actor_of(self.given, self.inherited)

    @property
    def legacy(self) -> LegacyIn:
        return self.given.legacy or LegacyIn()

    def bills(self, currency: str) -> list[tuple[InvoiceLineIn, ...]]:
        """First lines and revisions, the last as it was before a credit lowered it."""
        found = [self.given.lines, *(r.lines for r in self.given.revisions)]
        found[-1] = restored(found[-1], self.legacy, self.given.number, currency)
        return found

    def comes_to(self, currency: str) -> Decimal:
        return gross(self.bills(currency)[-1], currency)

    def kind(self, currency: str) -> InvoiceKind | None:
        """None: it is no document, but a prepayment. Below nothing it gives back."""
        if self.legacy.is_prepayment:
            return None
        gives = self.given.kind == InvoiceKind.CREDIT_NOTE or self.comes_to(currency) < 0
        return InvoiceKind.CREDIT_NOTE if gives else InvoiceKind.STANDARD

    def makes_charges(self, currency: str) -> bool:
        return self.given.status != "void" and self.kind(currency) == InvoiceKind.STANDARD


def gross(lines: Iterable[InvoiceLineIn], currency: str) -> Decimal:
    """What lines come to, tax included."""
    return total(
        (x.amount + (x.tax.of(x.amount, currency) if x.tax else ZERO) for x in lines), currency
    )


def restored(
    lines: Sequence[InvoiceLineIn], legacy: LegacyIn, number: str, currency: str
) -> tuple[InvoiceLineIn, ...]:
    """The lines with what a credit took off their total; the figures alone make one line."""
    whole = restored_total(legacy)
    if whole is None:
        return tuple(lines)
    if not lines:
        return (InvoiceLineIn(description=f"{WHOLE} ({number})", amount=whole),)
    if legacy.credit_applied and gross(lines, currency) == legacy.total_amount:
        return (*lines, InvoiceLineIn(description=RESTORED, amount=legacy.credit_applied))
    return tuple(lines)


def _added(rows: Sequence[_Row], told: bool, currency: str) -> Iterator[Charge]:
    """Charges for lines that have none: all of them where the line tells of no charges."""
    for row in rows:
        if not row.makes_charges(currency):
            continue
        lines = row.bills(currency)[-1]
        before = len(row.given.last_lines) if told else 0
        for n, given in enumerate(lines[before:], start=before):
            key = given.charge or f"{row.given.number}#{n + 1}".replace(" ", "_")
            yield _made(_line(given, None, key, currency))


def _of_the_invoices(
    rows: Sequence[_Row], charges: Sequence[Sequence[Charge]], currency: str
) -> Iterator[Document | Credit | Applied]:
    taken: set[str] = set()
    for row in rows:
        kind = row.kind(currency)
        if kind is None:
            yield _prepaid(row.legacy, row.given.number, row.given.at, row.actor, row.path)
            continue
        yield (document := _document(row, kind, charges, taken, currency))
        if kind == InvoiceKind.STANDARD:
            at = document.voided_at or document.bills[-1].at
            yield from _credited(row.legacy, document.number, at, row.path)


def _document(
    row: _Row,
    kind: InvoiceKind,
    charges: Sequence[Sequence[Charge]],
    taken: set[str],
    currency: str,
) -> Document:
    given, path = row.given, row.path
    heads = [(given.at, row.actor, "", f"{path}.lines")]
    for n, r in enumerate(given.revisions):
        heads.append((r.at, actor_of(r, row.actor), r.reason, f"{path}.revisions[{n}].lines"))
    every = [charge for lines in reversed(charges) for charge in lines]
    bills = []
    for (at, actor, why, where), lines in zip(heads, row.bills(currency), strict=True):
        counts = where == heads[-1][3] and row.makes_charges(currency)
        pool, used = (list(charges[-1]), taken) if counts else (every, set())
        bills.append(Bill(at, actor, tuple(_matched(lines, pool, used, currency)), where, why))
    return Document(
        key=given.number,
        number=given.number,
        kind=kind,
        status=given.status,
        bills=tuple(bills),
        path=path,
        invoice_date=given.invoice_date,
        due_on=given.due_on,
        terms_days=given.terms_days,
        reason=given.reason,
        voided_at=given.voided_at,
        credits=given.credits or "",
    )


def _matched(
    lines: Iterable[InvoiceLineIn], charges: Sequence[Charge], taken: set[str], currency: str
) -> Iterator[Line]:
    """Each line with the charge that it names, else one of its words and amount."""
    for given in lines:
        charge = next((c for c in charges if _bills(given, c, taken)), None)
        if charge is not None:
            taken.add(charge["key"])
        yield _line(given, charge, charge["key"] if charge else "", currency)


def _bills(given: InvoiceLineIn, charge: Charge, taken: set[str]) -> bool:
    if given.charge is not None:
        return bool(charge["key"] == given.charge)
    same = given.description in (None, charge["description"]) and given.amount == charge["amount"]
    return same and charge["key"] not in taken


def _line(given: InvoiceLineIn, charge: Charge | None, key: str, currency: str) -> Line:
    told = as_billed(charge, currency) if charge else None
    words = given.description or (told.description if told else "")
    type_ = given.service_type or (told.service_type if told else service_type_of(words))
    line = Line(key, words, type_, given.amount)
    if given.tax is not None:
        tax = given.tax
        amount = tax.of(given.amount, currency)
        return replace(line, tax_name=tax.name, tax_percent=tax.percent, tax_amount=amount)
    if told is None or not told.tax_name:
        return line
    amount = charge_tax(given.amount, told.tax_percent, currency)
    return replace(line, tax_name=told.tax_name, tax_percent=told.tax_percent, tax_amount=amount)


# An older system's figures -----------------------------------------------------------------------


def _of_the_job(
    job: Job, charges: tuple[Charge, ...], currency: str
) -> tuple[tuple[Charge, ...], list[Document | Credit | Applied]]:
    """Figures of a whole job: its charges as they were before a credit, and what they stand for."""
    legacy = job.legacy or LegacyIn()
    whole = restored_total(legacy)
    at = job.history[-1].at if job.history else job.at
    if whole is None:
        return charges, list(_credited(legacy, "", at, "legacy"))
    if legacy.is_prepayment:
        return charges, [_prepaid(legacy, job.number, job.at, actor_of(job, IMPORTER), "legacy")]
    comes_to = _sum(charges, currency)
    if whole < 0:
        gives = comes_to < 0
        lines = tuple(replace(as_billed(c, currency), charge="") for c in charges) if gives else ()
        note = _note("#legacy", "", lines or _one(WHOLE, whole), at, IMPORTER, "legacy")
        return () if gives else charges, [note]
    if not charges and whole:
        charges = (_made(Line("#legacy", WHOLE, "standard", whole)),)
    elif legacy.credit_applied and comes_to == legacy.total_amount:
        extra = Line("#legacy", RESTORED, "standard", legacy.credit_applied)
        charges = (*charges, _made(extra))
    return charges, list(_credited(legacy, "", at, "legacy"))


def _one(words: str, amount: Decimal) -> tuple[Line, ...]:
    return (Line("", words, "standard", amount),)


def _note(
    key: str, number: str, lines: tuple[Line, ...], at: datetime, actor: Actor, path: str
) -> Document:
    bill = Bill(at, actor, lines, f"{path}.lines")
    kind, status = InvoiceKind.CREDIT_NOTE, InvoiceStatus.ISSUED
    return Document(key, number, kind, status, (bill,), path)


def _prepaid(legacy: LegacyIn, number: str, at: datetime, actor: Actor, path: str) -> Credit:
    key, amount = f"#prepaid:{number}", legacy.total_amount or ZERO
    label = f"Prepayment {number}"
    return Credit(key, CreditKind.PREPAYMENT, amount, at, actor, f"{path}.legacy", label)


def _credited(
    legacy: LegacyIn, number: str, at: datetime, path: str
) -> Iterator[Document | Applied]:
    """The credit that lowered a total: a credit note that was never told of, and its use."""
    amount, whole = legacy.credit_applied, restored_total(legacy)
    if not amount or legacy.is_prepayment:
        return
    where = path if path == "legacy" else f"{path}.legacy"
    key = f"#credit:{number}"
    note = _note(key, "", _one(CREDITED, -amount), at, IMPORTER, where)
    yield replace(note, credits=number)
    used = amount if whole is None else min(amount, max(ZERO, whole))
    if used:
        yield Applied("#1", key, number, used, at, IMPORTER, f"{where}.credit_applied")


# Credits that were given -------------------------------------------------------------------------


def _of_the_credits(
    job: Job, inherited: Actor, currency: str
) -> Iterator[Document | Credit | Applied]:
    documents = {invoice.number for invoice in job.invoices}
    for n, given in enumerate(job.credits):
        path, actor = f"credits[{n}]", actor_of(given, inherited)
        key = key_of(given, n)
        if given.kind != CreditKind.CREDIT_NOTE:
            yield _credit(given, key, actor, path)
        else:
            key = given.number or key
            if key not in documents:
                yield _granted(given, key, actor, path, currency)
        for m, applied in enumerate(given.applied):
            yield Applied(
                key=key_of(applied, m),
                credit=key,
                invoice=applied.invoice,
                amount=applied.amount,
                at=applied.at,
                actor=actor_of(applied, actor),
                path=f"{path}.applied[{m}]",
            )


def _credit(given: CreditIn, key: str, actor: Actor, path: str) -> Credit:
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


def _granted(given: CreditIn, key: str, actor: Actor, path: str, currency: str) -> Document:
    lines = tuple(_line(line, None, "", currency) for line in given.lines)
    words = given.reason[:240] or "Credit"
    note = _note(
        key, given.number or "", lines or _one(words, -given.amount), given.at, actor, path
    )
    return replace(note, reason=given.reason, credits=given.invoice or "")

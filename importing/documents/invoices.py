"""The invoices that a line gives by themselves, with the charges that they bill. Pure.

Every line of a document that counts bills a charge of the job, so that an imported invoice is
amended like any other. Amounts are in the brand's currency.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from activity.actors import Actor
from core.money import ZERO, charge_tax, total
from importing.documents.charges import charge_for_line
from importing.documents.figures import RESTORED, WHOLE, credit_of_figures, prepayment
from importing.documents.rounding import retaxed
from importing.documents.shape import Charge, Credit, CreditUse, Document, Line, Revision, as_billed
from importing.format.documents import InvoiceIn, InvoiceLineIn, LegacyIn
from importing.legacy.figures import restored_total, service_type_of
from importing.naming import actor_of
from invoicing.models import InvoiceKind


@dataclass(frozen=True)
class GivenInvoice:
    """An invoice of the file and its place in ``invoices``."""

    given: InvoiceIn
    position: int
    inherited: Actor

    @property
    def path(self) -> str:
        """Where the line of the file has it."""
        return f"invoices[{self.position}]"

    @property
    def actor(self) -> Actor:
        """Who issued it."""
        return actor_of(self.given, self.inherited)

    @property
    def legacy(self) -> LegacyIn:
        """The older system's figures of it, empty where there are none."""
        return self.given.legacy or LegacyIn()

    def line_sets(self, currency: str) -> list[tuple[InvoiceLineIn, ...]]:
        """The lines of each revision, the last as they were before a credit lowered them."""
        sets = [self.given.lines, *(r.lines for r in self.given.revisions)]
        sets[-1] = restored_lines(sets[-1], self.legacy, self.given.number, currency)
        return sets

    def comes_to(self, currency: str) -> Decimal:
        """The total of the last revision in ``currency``, tax included."""
        return gross(self.line_sets(currency)[-1], currency)

    def kind(self, currency: str) -> InvoiceKind | None:
        """What it becomes; None for a prepayment. Below zero it is a credit note."""
        if self.legacy.is_prepayment:
            return None
        gives = self.given.kind == InvoiceKind.CREDIT_NOTE or self.comes_to(currency) < 0
        return InvoiceKind.CREDIT_NOTE if gives else InvoiceKind.STANDARD

    def makes_charges(self, currency: str) -> bool:
        """Whether its lines must bill charges of the job: an invoice that is not void."""
        return self.given.status != "void" and self.kind(currency) == InvoiceKind.STANDARD


def gross(lines: Iterable[InvoiceLineIn], currency: str) -> Decimal:
    """What lines come to in ``currency``, tax included."""
    return total(
        (x.amount + (x.tax.of(x.amount, currency) if x.tax else ZERO) for x in lines), currency
    )


def restored_lines(
    lines: Sequence[InvoiceLineIn], legacy: LegacyIn, number: str, currency: str
) -> tuple[InvoiceLineIn, ...]:
    """The lines, with one more for what a credit took off; without lines, one of the figures."""
    whole = restored_total(legacy)
    if whole is None:
        return tuple(lines)
    if not lines:
        return (InvoiceLineIn(description=f"{WHOLE} ({number})", amount=whole),)
    if legacy.credit_applied and gross(lines, currency) == legacy.total_amount:
        return (*lines, InvoiceLineIn(description=RESTORED, amount=legacy.credit_applied))
    return tuple(lines)


def missing_charges(
    rows: Sequence[GivenInvoice], has_charges: bool, currency: str
) -> Iterator[Charge]:
    """Charges for invoice lines that have none.

    Without ``has_charges`` (the file gives no charges at all) every line needs one.
    """
    for row in rows:
        if not row.makes_charges(currency):
            continue
        lines = row.line_sets(currency)[-1]
        before = len(row.given.last_lines) if has_charges else 0
        for n, given in enumerate(lines[before:], start=before):
            key = given.charge or f"{row.given.number}#{n + 1}".replace(" ", "_")
            charge = charge_for_line(line_of(given, None, key, currency))
            is_given = given.tax is not None and given.tax.amount is not None
            yield charge if is_given else {**charge, "tax_amount": None}


def read_invoices(
    rows: Sequence[GivenInvoice], charges: Sequence[Sequence[Charge]], currency: str
) -> Iterator[Document | Credit | CreditUse]:
    """The documents, prepayments and used credits that the given invoices stand for.

    ``charges`` are those of the job at each of its steps, the last as they are now.
    """
    taken: set[str] = set()
    for row in rows:
        kind = row.kind(currency)
        if kind is None:
            yield prepayment(row.legacy, row.given.number, row.given.at, row.actor, row.path)
            continue
        yield (document := _document_of(row, kind, charges, taken, currency))
        if kind == InvoiceKind.STANDARD:
            at = document.voided_at or document.revisions[-1].at
            yield from credit_of_figures(row.legacy, document.number, at, row.path)


def _document_of(
    row: GivenInvoice,
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
    revisions = []
    for (at, actor, why, where), lines in zip(heads, row.line_sets(currency), strict=True):
        counts = where == heads[-1][3] and row.makes_charges(currency)
        candidates, used = (list(charges[-1]), taken) if counts else (every, set())
        matched = tuple(_matched(lines, candidates, used, currency))
        revisions.append(Revision(at, actor, matched, where, why))
    revisions[-1] = _as_totalled(revisions[-1], row, currency)
    return Document(
        key=given.number,
        number=given.number,
        kind=kind,
        status=given.status,
        revisions=tuple(revisions),
        path=path,
        invoice_date=given.invoice_date,
        due_on=given.due_on,
        terms_days=given.terms_days,
        reason=given.reason,
        voided_at=given.voided_at,
        credits=given.credits or "",
    )


def _as_totalled(revision: Revision, row: GivenInvoice, currency: str) -> Revision:
    """The last revision with the taxes that its total asks for, where rounding explains them."""
    asked = row.given.total
    if asked is None and not row.legacy.credit_applied:
        asked = row.legacy.total_amount
    if asked is None or not revision.lines:
        return revision
    if total((line.gross for line in revision.lines), currency) == asked:
        return revision
    lines = retaxed(revision.lines, asked, currency)
    return revision if lines is None else replace(revision, lines=lines)


def _matched(
    lines: Iterable[InvoiceLineIn], charges: Sequence[Charge], taken: set[str], currency: str
) -> Iterator[Line]:
    """Each line with the charge that it names, else one of the same description and amount."""
    for given in lines:
        charge = next((c for c in charges if _bills(given, c, taken)), None)
        if charge is not None:
            taken.add(charge["key"])
        yield line_of(given, charge, charge["key"] if charge else "", currency)


def _bills(given: InvoiceLineIn, charge: Charge, taken: set[str]) -> bool:
    if given.charge is not None:
        return bool(charge["key"] == given.charge)
    same = given.description in (None, charge["description"]) and given.amount == charge["amount"]
    return same and charge["key"] not in taken


def _is_taxed_alike(given: InvoiceLineIn, billed: Line) -> bool:
    """Whether a line is of the same amount at the same percentage as its charge."""
    percent = given.tax.percent if given.tax else ZERO
    return (given.amount, percent) == (billed.amount, billed.tax_percent)


def line_of(given: InvoiceLineIn, charge: Charge | None, key: str, currency: str) -> Line:
    """A line of a document. What it does not say is as on ``charge``, the tax included."""
    billed = as_billed(charge, currency) if charge else None
    text = given.description or (billed.description if billed else "")
    type_ = given.service_type or (billed.service_type if billed else service_type_of(text))
    line = Line(key, text, type_, given.amount)
    if given.tax is not None:
        tax = given.tax
        amount = tax.of(given.amount, currency)
        if tax.amount is None and billed is not None and _is_taxed_alike(given, billed):
            amount = billed.tax_amount
        return replace(line, tax_name=tax.name, tax_percent=tax.percent, tax_amount=amount)
    if billed is None or not billed.tax_name:
        return line
    amount = billed.tax_amount
    if given.amount != billed.amount:
        amount = charge_tax(given.amount, billed.tax_percent, currency)
    name, percent = billed.tax_name, billed.tax_percent
    return replace(line, tax_name=name, tax_percent=percent, tax_amount=amount)

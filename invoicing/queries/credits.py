"""Credit notes, and the credit that clients have with the brand, as every page reads them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F

from accounts.models import Brand
from core.money import ZERO, total
from invoicing.models import (
    ClientCredit,
    CreditNoteLine,
    Invoice,
    InvoiceBalance,
    InvoiceKind,
    InvoiceLine,
    InvoiceStatus,
    LedgerEntry,
)
from invoicing.queries import settlements
from invoicing.settlement.types import EntryKind

Line = InvoiceLine | CreditNoteLine

# A list on a page is never endless; a client has a handful of credits.
SHOWN = 200


@dataclass(frozen=True)
class Standing:
    """A client's credit with what of it is left to use, in the brand's currency."""

    credit: ClientCredit
    left: Decimal

    @property
    def is_open(self) -> bool:
        """Whether anything of it can still be used."""
        return self.left > 0


@dataclass(frozen=True)
class Application:
    """What one invoice has of a credit now, and since when."""

    invoice: Invoice
    amount: Decimal
    since: date


@dataclass(frozen=True)
class OpenInvoice:
    """An issued invoice that asks for money, and how much."""

    invoice: Invoice
    due: Decimal


def open_credits(brand: Brand, client_id: int) -> list[Standing]:
    """A client's credits with something left, the newest first; one query."""
    rows = ClientCredit.objects.filter(
        brand=brand, client=client_id, amount__gt=F("used") + F("returned")
    )
    return [Standing(row, left_of(row)) for row in rows.order_by("-id")[:SHOWN]]


def client_credits(brand: Brand, client_id: int, limit: int = SHOWN) -> list[Standing]:
    """A client's credits, those with something left first, the newest first; one query."""
    rows = ClientCredit.objects.filter(brand=brand, client=client_id).select_related("invoice")
    by_rest = rows.annotate(is_spent=F("amount") - F("used") - F("returned")).order_by("-id")
    open_ = list(by_rest.filter(is_spent__gt=0)[:limit])
    spent = list(by_rest.filter(is_spent=0)[: limit - len(open_)]) if len(open_) < limit else []
    return [Standing(row, left_of(row)) for row in [*open_, *spent]]


def from_void(brand: Brand, work_order_id: int) -> list[Standing]:
    """What came for void invoices of a job and nobody decided about yet."""
    rows = ClientCredit.objects.filter(
        brand=brand,
        work_order=work_order_id,
        kind="overpayment",
        invoice__status=InvoiceStatus.VOID,
        amount__gt=F("used") + F("returned"),
    )
    return [Standing(row, left_of(row)) for row in rows.select_related("invoice").order_by("pk")]


def left_of(credit: ClientCredit) -> Decimal:
    """What of a credit can still be used."""
    return credit.amount - credit.used - credit.returned


def use_of(entry: LedgerEntry) -> Decimal:
    """What an entry adds to its credit's use. The one that granted it adds nothing."""
    return ZERO if is_grant(entry) else EntryKind(entry.kind).use * entry.services_amount


def is_grant(entry: LedgerEntry) -> bool:
    """Whether an entry moved money of its invoice to the credit that it names."""
    return entry.kind == EntryKind.TO_CREDIT and entry.reverses_id is None


def applications(credit: ClientCredit) -> list[Application]:
    """The invoices that have something of a credit, in the order in which they got it."""
    entries = credit.entries.select_related("invoice__work_order").order_by("pk")
    rows: defaultdict[int, list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        rows[entry.invoice_id].append(entry)
    uses = []
    for mine in rows.values():
        amount = sum((use_of(entry) for entry in mine), ZERO)
        if amount > 0:
            last = next(e for e in reversed(mine) if EntryKind(e.kind).use > 0)
            uses.append(Application(last.invoice, amount, last.occurred_on))
    return uses


def open_invoices(brand: Brand, client_id: int) -> list[OpenInvoice]:
    """A client's issued invoices that ask for money, those due first on top."""
    rows = InvoiceBalance.objects.filter(
        brand=brand,
        amount_due__gt=0,
        invoice__brand=brand,
        invoice__client=client_id,
        invoice__kind=InvoiceKind.STANDARD,
        invoice__status=InvoiceStatus.ISSUED,
    )
    ordered = rows.select_related("invoice__work_order").order_by("invoice__due_on", "invoice_id")
    return [OpenInvoice(row.invoice, row.amount_due) for row in ordered[:SHOWN]]


# Credit notes ------------------------------------------------------------------------------------


def lines_of(note: Invoice) -> Sequence[Line]:
    """A credit note's lines: those of its draft, else those that it was issued with."""
    if note.status == InvoiceStatus.DRAFT:
        return list(note.draft_lines.order_by("position"))
    return billed_lines(note)


def billed_lines(invoice: Invoice) -> Sequence[InvoiceLine]:
    """The lines of an issued document as they count now."""
    return settlements.current_lines(settlements.current_revisions([invoice]).values()).get(
        invoice.pk, []
    )


def sum_of(lines: Sequence[Line], currency: str) -> Decimal:
    """What lines come to, tax included; below zero for a credit note."""
    return total((line.amount + line.tax_amount for line in lines), currency)


def notes_on(invoice: Invoice) -> list[Invoice]:
    """The credit notes that were made from an invoice, drafts and void ones too."""
    rows = Invoice.objects.filter(brand=invoice.brand_id, credits=invoice)
    return list(rows.filter(kind=InvoiceKind.CREDIT_NOTE).order_by("sequence"))


def note_lines(invoice: Invoice) -> list[InvoiceLine]:
    """The lines of an invoice's issued credit notes, the oldest note first."""
    notes = [n for n in notes_on(invoice) if n.status == InvoiceStatus.ISSUED]
    by_note = settlements.current_lines(settlements.current_revisions(notes).values())
    return [line for note in notes for line in by_note.get(note.pk, [])]


def credited(invoice: Invoice) -> Decimal:
    """What the issued credit notes of an invoice give back; drafts and void ones give nothing."""
    notes = [n for n in notes_on(invoice) if n.status == InvoiceStatus.ISSUED]
    revisions = settlements.current_revisions(notes).values()
    given = (-(r.services_total + r.tax_total) for r in revisions)
    return total(given, invoice.currency)


def creditable(invoice: Invoice) -> Decimal:
    """What further credit notes may still give back of an invoice's services, tax included."""
    billed = sum_of(billed_lines(invoice), invoice.currency)
    return max(total([], invoice.currency), billed - credited(invoice))


def credit_of(note: Invoice) -> ClientCredit | None:
    """What an issued credit note put to the client's credit; none of a draft."""
    return note.pool.filter(kind="credit_note").first()

"""Documents, credits and charges of a line, in one shape however they were given. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from activity.actors import Actor
from core.money import ZERO, charge_tax
from invoicing.models import CreditKind, InvoiceKind, InvoiceStatus

# A charge as it is written: key, service, description, service_type, amount, tax. Its
# ``tax_amount`` None is computed from the percentage.
Charge = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """A line of a document. ``charge`` is the key of the charge that it bills, "" for none."""

    charge: str
    description: str
    service_type: str
    amount: Decimal
    tax_name: str = ""
    tax_percent: Decimal = ZERO
    tax_amount: Decimal = ZERO

    @property
    def gross(self) -> Decimal:
        """The amount with its tax, in the brand's currency."""
        return self.amount + self.tax_amount


@dataclass(frozen=True)
class Revision:
    """The lines of a document from ``at`` on; ``path`` is their place in the line of the file."""

    at: datetime
    actor: Actor
    lines: tuple[Line, ...]
    path: str
    why: str = ""


@dataclass(frozen=True)
class Document:
    """An invoice or a credit note. ``number`` "" takes the brand's next when it is issued."""

    key: str
    number: str
    kind: InvoiceKind
    status: InvoiceStatus
    revisions: tuple[Revision, ...]
    path: str
    invoice_date: date | None = None
    due_on: date | None = None
    terms_days: int = 0
    reason: str = ""
    voided_at: datetime | None = None
    credits: str = ""

    @property
    def asks_for_money(self) -> bool:
        """Whether the client owes by it: an invoice that is not void."""
        return self.kind == InvoiceKind.STANDARD and self.status != InvoiceStatus.VOID

    @property
    def total(self) -> Decimal:
        """What its last revision comes to, tax included, in the brand's currency."""
        return sum((line.gross for line in self.revisions[-1].lines), ZERO)


@dataclass(frozen=True)
class Credit:
    """An overpayment or a prepayment; a credit note's credit comes with its document."""

    key: str
    kind: CreditKind
    amount: Decimal
    at: datetime
    actor: Actor
    path: str
    label: str = ""
    invoice: str = ""
    method: str = ""
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True)
class CreditUse:
    """What of a credit pays an invoice; ``invoice`` "" is the job's own.

    ``credit`` is the key of a credit or of a credit note.
    """

    key: str
    credit: str
    invoice: str
    amount: Decimal
    at: datetime
    actor: Actor
    path: str


@dataclass(frozen=True)
class ParsedDocuments:
    """All documents and credits of a line; ``charges`` are those at each step of the job."""

    charges: tuple[tuple[Charge, ...], ...]
    documents: tuple[Document, ...] = ()
    credits: tuple[Credit, ...] = ()
    uses: tuple[CreditUse, ...] = ()

    @property
    def has_invoices(self) -> bool:
        """Whether the line gives the invoices; else they follow from the charges of the job."""
        return any(d.kind == InvoiceKind.STANDARD for d in self.documents)


def as_billed(charge: Charge, currency: str) -> Line:
    """A charge as a line of a bill."""
    tax = charge["tax_amount"]
    if tax is None:
        tax = charge_tax(charge["amount"], charge["tax_percent"], currency)
    names = ("description", "service_type", "amount", "tax_name", "tax_percent")
    return Line(charge["key"], **{name: charge[name] for name in names}, tax_amount=tax)

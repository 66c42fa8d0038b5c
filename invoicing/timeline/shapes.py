"""The typed data of entries and threads about invoices, credits, fees and items.

Amounts are exact, in the brand's currency; days and moments are text as they were captured.
``gone``: the row is deleted. ``takes``: number and kind are those that the thread had.
"""

from decimal import Decimal
from typing import Generic, TypeVar

from activity.shapes import Amount, Diff, Part, Shape

# Rows ----------------------------------------------------------------------------------------


class InvoiceRow(Part):
    """An invoice or a credit note; empty where only its lines or its revision changed."""

    kind: str = ""
    status: str = ""
    number: str = ""
    invoice_date: str = ""
    terms_days: int | None = None
    due_on: str = ""
    credits_id: int | None = None
    reason: str = ""


class RevisionRow(Part):
    """An issued revision of a document."""

    invoice_id: int | None = None
    number: int
    services_total: Amount
    tax_total: Amount
    total_before: Amount
    reason: str = ""

    @property
    def total(self) -> Decimal:
        """What it bills, tax included, fee not."""
        return self.services_total + self.tax_total


class LineRow(Part):
    """A line of a credit note's draft."""

    invoice_id: int | None = None
    description: str = ""
    amount: Amount
    tax_amount: Amount


class CreditRow(Part):
    """A client's credit."""

    kind: str = ""
    amount: Amount
    returned: Amount | None = None
    label: str = ""
    method: str = ""
    reference: str = ""
    reason: str = ""


class LedgerRow(Part):
    """An entry of the ledger."""

    invoice_id: int | None = None
    kind: str = ""
    services_amount: Amount
    credit_id: int | None = None
    label: str = ""
    reason: str = ""


class DecisionRow(Part):
    """A decision about a fee that was not collected."""

    payment_label: str = ""
    bill: bool = False
    amount: Amount
    reason: str = ""


class PolicyRow(Part):
    """A policy of the technology fee."""

    effective_from: str = ""
    percent: Amount
    fixed: Amount
    cap: Amount | None = None
    fundings: list[str] = []
    uncollected: str = ""


class SettingsRow(Part):
    """How a brand numbers its documents, and when they are due."""

    credit_note_prefix: str = ""
    credit_note_width: int | None = None
    terms_days: int | None = None


class ItemRow(Part):
    """An item of a job."""

    description: str = ""
    fulfilment: str = ""


# Entries -------------------------------------------------------------------------------------

R = TypeVar("R", bound=Part)


class Row(Part, Generic[R]):
    """A row, what changed in it, and whether it is gone."""

    row: R
    diff: Diff = {}
    gone: bool = False


class Line(Part):
    """What became of one line of a credit note's draft (``op`` I, U, D)."""

    op: str = "U"
    before: LineRow | None = None
    after: LineRow | None = None


class DocumentEntry(Shape):
    """What one step did to one document.

    ``billed``: what it changed in the services billed. ``pool``: the client's credit of a note.
    """

    number: str = ""
    kind: str = ""
    row: InvoiceRow = InvoiceRow()
    diff: Diff = {}
    lines: list[Line] = []
    revision: RevisionRow | None = None
    revision_diff: Diff = {}
    billed: Amount | None = None
    pool: Row[CreditRow] | None = None


class RevisedEntry(DocumentEntry):
    """A document's revision was made, or rewritten in the database."""

    revision: RevisionRow


class RowEntry(Shape, Generic[R]):
    """One row that was added, changed or deleted."""

    row: R
    diff: Diff = {}
    gone: bool = False


class LedgerEntry(RowEntry[LedgerRow]):
    """An entry of the ledger; ``credited``: what it changed in the credits used."""

    number: str = ""
    credited: Amount | None = None
    pool: Row[CreditRow] | None = None


class CreditEntry(RowEntry[CreditRow]):
    """A client's credit."""


class DecisionEntry(RowEntry[DecisionRow]):
    """A fee was waived or billed."""


class PolicyEntry(RowEntry[PolicyRow]):
    """A policy of the technology fee."""


class SettingsEntry(RowEntry[SettingsRow]):
    """Numbers and terms of a brand."""


class ItemsEntry(Shape):
    """Items that one step moved to the same point."""

    items: list[Row[ItemRow]]
    gone: bool = False


# Threads -------------------------------------------------------------------------------------


class InvoiceThread(Shape):
    """An invoice or a credit note; ``total`` is that of its newest revision, if it has one."""

    number: str = ""
    kind: str = ""
    due_on: str = ""
    invoice_date: str = ""
    reason: str = ""
    total: Amount | None = None
    revision: int | None = None


class CreditThread(Shape, CreditRow):
    """A client's credit."""

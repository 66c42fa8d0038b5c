"""The documents of a job in an import file: invoices, credits, and an older system's figures."""

from decimal import Decimal
from typing import Annotated

from core.money import charge_tax
from importing.format.base import Happening, Strict, about
from importing.format.kinds import (
    Amount,
    At,
    Day,
    DocumentNumber,
    Key,
    NotNegative,
    Paid,
    Percent,
    Positive,
    Reference,
    Short,
    Text,
    TrueOrFalse,
)
from invoicing.models import CreditKind, InvoiceKind, InvoiceStatus
from payments.models import Method
from workorders.models import ServiceType


class TaxIn(Strict):
    """The tax of one line; it comes on top of the line’s amount."""

    name: Annotated[Text, about("As clients read it.", "Sales tax", max_length=60)]
    percent: Annotated[Percent, about("8.25 is 8.25 %; at most four decimals.", "8.25")]
    amount: Annotated[
        Amount | None,
        about("Without it: the percentage of the line, rounded half up.", "8.25"),
    ] = None

    def of(self, amount: Decimal, currency: str) -> Decimal:
        """The tax on a line of ``amount``, in ``currency``."""
        return charge_tax(amount, self.percent, currency) if self.amount is None else self.amount


class InvoiceLineIn(Strict):
    """One line of a document. What it does not say of its charge is as on the charge."""

    charge: Annotated[
        Key | None,
        about(
            "Id of the charge that it bills. Without one: the first charge of the same words "
            "and amount that no other line bills.",
            "L1",
        ),
    ] = None
    description: Annotated[
        Text | None, about("As billed.", "General Home Inspection", max_length=240)
    ] = None
    service_type: Annotated[
        ServiceType | None, about("Without it: the charge’s, or by the rule for names.")
    ] = None
    amount: Annotated[
        Amount, about("Before tax; a discount, or what is given back, is negative.", "329.00")
    ]
    tax: Annotated[TaxIn | None, about("Its tax.")] = None


class LegacyIn(Strict):
    """Figures of the older system, stored as they are. See *Older figures* above."""

    total_amount: Annotated[
        Amount | None, about("Its total, lowered by the credit that was used.", "75.00")
    ] = None
    credit_applied: Annotated[
        NotNegative | None, about("What of a credit lowered the total.", "25.00")
    ] = None
    is_prepayment: Annotated[
        TrueOrFalse | None, about("The row is money that came before there was a bill.", False)
    ] = None
    total_with_fees: Annotated[
        Amount | None, about("Its total with the technology fee.", "517.95")
    ] = None
    total_fees: Annotated[Amount | None, about("Its technology fee.", "17.95")] = None
    remaining_balance: Annotated[Amount | None, about("What it said is due.", "0.00")] = None
    paid: Annotated[
        Paid | None,
        about("Whether it said that all is paid, or how much.", True),
    ] = None


class RevisionIn(Happening):
    """The whole bill as it was from ``at`` on."""

    reason: Annotated[Short, about("Why the bill changed.", "Cancelled the same day", min_length=1)]
    lines: Annotated[tuple[InvoiceLineIn, ...], about("All lines from then on.", min_length=1)]


class InvoiceIn(Happening):
    """A document as the older system had it; ``at`` is when it was issued.

    A credit note gives back: its lines come to less than zero. So does an invoice whose lines
    come to less than zero, which becomes a credit note.
    """

    number: Annotated[
        DocumentNumber, about("Kept as it is; unique among the brand’s documents.", "INV-2041")
    ]
    kind: Annotated[InvoiceKind, about("What it is.", "standard")] = InvoiceKind.STANDARD
    status: Annotated[InvoiceStatus, about("Its status now.", "issued")] = InvoiceStatus.ISSUED
    invoice_date: Annotated[
        Day | None, about("Its own date; without it the day of `at`.", "2026-05-02")
    ] = None
    due_on: Annotated[Day | None, about("Without it: its date and the terms.", "2026-05-16")] = None
    terms_days: Annotated[int, about("Days to pay.", 14, ge=0, le=3650, strict=True)] = 0
    reason: Annotated[
        Short, about("Why it is void, or why a credit note was made.", "Billed twice")
    ] = ""
    voided_at: Annotated[At | None, about("When it was voided; needed where it is void.")] = None
    credits: Annotated[
        DocumentNumber | None, about("Of a credit note: the invoice that it gives back.")
    ] = None
    lines: Annotated[
        tuple[InvoiceLineIn, ...],
        about("As issued. Not needed next to `legacy.total_amount`. A draft’s are its charges."),
    ] = ()
    total: Annotated[
        Amount | None, about("If given it must be what the last lines come to.", "329.00")
    ] = None
    revisions: Annotated[
        tuple[RevisionIn, ...], about("Changed bills after the issue, oldest first.")
    ] = ()
    legacy: Annotated[LegacyIn | None, about("The older system’s figures of it.")] = None

    @property
    def last_lines(self) -> tuple[InvoiceLineIn, ...]:
        """The bill as it counts now."""
        return self.revisions[-1].lines if self.revisions else self.lines


class CreditUseIn(Happening):
    """What of a credit pays an invoice. Once imported it never changes."""

    id: Annotated[Key | None, about("Its id; without one its position counts.")] = None
    invoice: Annotated[
        DocumentNumber,
        about("Number of the invoice, of this job or of one that is already here.", "INV-2041"),
    ]
    amount: Annotated[Positive, about("How much of the credit.", "150.00")]


class CreditIn(Happening):
    """What the brand owes the client; ``at`` is when it was granted or received.

    A credit note that is listed under `invoices` too is named here by its number, to use it.
    """

    id: Annotated[Key | None, about("The credit’s id; without one its position counts.")] = None
    kind: Annotated[CreditKind, about("Where it came from.", "credit_note")]
    number: Annotated[
        DocumentNumber | None,
        about("Of a credit note; without one it takes the brand’s next.", "CM-77"),
    ] = None
    amount: Annotated[Positive, about("All of it, used or not.", "250.00")]
    lines: Annotated[
        tuple[InvoiceLineIn, ...],
        about("Of a credit note: they come to the amount, below zero."),
    ] = ()
    invoice: Annotated[
        DocumentNumber | None,
        about("The invoice that was overpaid, or that a credit note gives back."),
    ] = None
    method: Annotated[Method | None, about("Of a prepayment: with what.", "check")] = None
    reference: Annotated[Reference | None, about("Check number, wire reference.", "1234")] = None
    reason: Annotated[Short, about("Why it was granted.", "Inspector was late")] = ""
    applied: Annotated[tuple[CreditUseIn, ...], about("What was used of it.")] = ()

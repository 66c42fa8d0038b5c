"""Tables of invoicing: documents, the ledger, terms, rollups. Verbs are in ``invoicing.domain``."""

from invoicing.models.document import (
    CreditNoteLine,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceRevision,
)
from invoicing.models.money import (
    CREDIT_KINDS,
    ClientCredit,
    CreditKind,
    LedgerEntry,
    MoneyInFlight,
)
from invoicing.models.rollup import Fulfilment, InvoiceBalance, Item, JobBalance
from invoicing.models.terms import BillingSettings, FeeDecision, FeePolicy
from invoicing.models.tripwire import BilledCharge, Step, Unsettled
from invoicing.settlement.types import EntryKind, InvoiceStatus, ItemStatus, Uncollected

__all__ = [
    "CREDIT_KINDS",
    "BilledCharge",
    "BillingSettings",
    "ClientCredit",
    "CreditKind",
    "CreditNoteLine",
    "EntryKind",
    "FeeDecision",
    "FeePolicy",
    "Fulfilment",
    "Invoice",
    "InvoiceBalance",
    "InvoiceKind",
    "InvoiceLine",
    "InvoiceRevision",
    "InvoiceStatus",
    "Item",
    "ItemStatus",
    "JobBalance",
    "LedgerEntry",
    "MoneyInFlight",
    "Step",
    "Uncollected",
    "Unsettled",
]

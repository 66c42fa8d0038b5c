"""The bills of a work order on its page: each document, and fees that were not collected."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.models import Membership
from invoicing.bill import Settlement
from invoicing.models import Invoice, InvoiceStatus
from invoicing.queries import JobSettlement
from workorders.models import WorkOrder


@dataclass(frozen=True)
class BillRow:
    """One document of the job and what its settlement says. Amounts in the brand's currency."""

    invoice: Invoice
    settlement: Settlement

    @property
    def total(self) -> Decimal:
        """What the document asks for, fee included."""
        return self.settlement.billed

    @property
    def is_draft(self) -> bool:
        """Whether it is not issued yet."""
        return self.invoice.status == InvoiceStatus.DRAFT


def context(job: WorkOrder, settled: JobSettlement, membership: Membership) -> dict[str, Any]:
    """What the page shows of bills. Reads nothing: everything is in ``settled``."""
    return {"bills": [BillRow(d.invoice, d.settlement) for d in settled.documents]}

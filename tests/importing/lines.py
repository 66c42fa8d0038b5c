"""Lines with documents, credits and older figures, and the settlements after their import."""

from decimal import Decimal
from typing import Any

from accounts.models import Brand
from importing.loader import Report
from invoicing.models import FeePolicy as Policy
from invoicing.models import Invoice
from invoicing.queries.settlements import job_settlement
from invoicing.settlement.types import Settlement
from tests.importing.conftest import Line, a_job, a_payment
from workorders.models import WorkOrder

ISSUED = "2026-05-02T12:00:00-06:00"
LATER = "2026-05-09T12:00:00-06:00"
D = Decimal


def a_bill(number: str = "INV-1", amount: str = "329.00", **changes: Any) -> Line:
    """An issued invoice of one line."""
    return {
        "number": number,
        "at": ISSUED,
        "lines": [{"description": "General Home Inspection", "amount": amount}],
        **changes,
    }


def a_use(invoice: str, amount: str, **changes: Any) -> Line:
    return {"invoice": invoice, "amount": amount, "at": LATER, **changes}


def billed(*invoices: Line, **changes: Any) -> Line:
    """A job whose charges follow from its invoices."""
    return a_job(charges=[], invoices=list(invoices), **changes)


def settled(brand: Brand, number: str = "FHI1") -> Settlement:
    job = WorkOrder.objects.get(brand=brand, number=number)
    job.brand = brand
    return job_settlement(job).whole


def settled_document(brand: Brand, number: str) -> Settlement:
    invoice = Invoice.objects.get(brand=brand, number=number)
    invoice.work_order.brand = brand
    documents = job_settlement(invoice.work_order).documents
    return next(d.settlement for d in documents if d.invoice.pk == invoice.pk)


def paths(report: Report) -> list[tuple[str, str]]:
    return [(p.path, p.reason) for p in report.problems]


def a_policy(brand: Brand, **changes: Any) -> Policy:
    """3.59 % of every card, absorbed."""
    values: dict[str, Any] = {
        "effective_from": "2026-01-01T00:00:00Z",
        "percent": D("3.59"),
        "fundings": ["credit", "debit", "prepaid", "unknown"],
    }
    return Policy.objects.create(brand=brand, **{**values, **changes})


def ria(**changes: Any) -> Line:
    """RIA2159: 500.00 by card without its fee."""
    return a_job(
        **{
            "number": "RIA2159",
            "status": "confirmed",
            "charges": [{"id": "L1", "service": "General Home Inspection", "amount": "500.00"}],
            "payments": [a_card()],
            "legacy": {"total_with_fees": "517.95", "remaining_balance": "0.00"},
            **changes,
        }
    )


def a_card(**changes: Any) -> Line:
    return a_payment(
        **{
            "method": "card",
            "provider": "stripe",
            "status": "completed",
            "funding": "credit",
            "amount": "500.00",
            "reference": "pi_1",
            **changes,
        }
    )

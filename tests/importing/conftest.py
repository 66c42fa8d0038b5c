"""A brand to import into, and jobs to import."""

import json
from typing import Any

import pytest

from accounts.models import Brand
from importing.loader import Report, load
from tests.factories import BrandFactory

Line = dict[str, Any]

AT = "2026-05-02T10:00:00-06:00"


@pytest.fixture
def brand(db: None) -> Brand:
    """FHI, in USD."""
    return BrandFactory(slug="fhi", number_prefix="FHI")


def a_job(**changes: Any) -> Line:
    """A job with few keys: one client and one charge of 329.00."""
    return {
        "brand": "fhi",
        "number": "FHI1",
        "at": AT,
        "actor": {"kind": "staff", "name": "Dana Whitfield"},
        "client": {"id": "C1", "name": "Priya Raman"},
        "charges": [{"id": "L1", "service": "General Home Inspection", "amount": "329.00"}],
        **changes,
    }


def a_payment(**changes: Any) -> Line:
    """A check of 329.00, pending."""
    return {
        "id": "P1",
        "at": "2026-05-04T09:00:00-06:00",
        "method": "check",
        "provider": "manual",
        "status": "pending",
        "amount": "329.00",
        "reference": "1234",
        **changes,
    }


def an_order(*steps: tuple[str, str], **changes: Any) -> Line:
    """A Guardian card payment of 340.52 with a history of (status, hour of 4 May)."""
    history = [{"status": s, "at": f"2026-05-04T{hour}:00-06:00"} for s, hour in steps]
    return {
        "id": "P1",
        "at": "2026-05-04T08:00:00-06:00",
        "method": "card",
        "provider": "guardian",
        "card_brand": "Visa",
        "last4": "4242",
        "amount": "340.52",
        "fee_amount": "11.52",
        "order_id": "GRD-1",
        "statusHistory": history,
        **changes,
    }


def run(*lines: Line, **options: Any) -> Report:
    """Import lines."""
    return load([json.dumps(line).encode() for line in lines], **options)


def counts(report: Report) -> tuple[int, int, int, int]:
    """Created, updated, unchanged, rejected."""
    return report.created, report.updated, report.unchanged, report.rejected

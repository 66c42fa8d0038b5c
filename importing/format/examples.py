"""Lines that docs/import-format.md shows; a test imports them."""

from typing import Any

EXAMPLE: dict[str, Any] = {
    "brand": "fhi",
    "number": "FHI624",
    "at": "2026-05-02T10:02:00-06:00",
    "actor": {"kind": "staff", "name": "Dana Whitfield"},
    "client": {"id": "C-1188", "name": "Priya Raman", "email": "priya.raman@example.com"},
    "scheduled_for": "2026-05-04T09:00:00-06:00",
    "published_at": "2026-05-04T14:10:00-06:00",
    "inspector": "Luis Ortega",
    "address": "118 Alder Court, Boise ID",
    "contacts": [
        {
            "role": "client",
            "name": "Priya Raman",
            "email": "priya.raman@example.com",
            "gets_invoices": True,
        }
    ],
    "charges": [{"id": "L1", "service": "General Home Inspection", "amount": "329.00"}],
    "history": [
        {"at": "2026-05-02T10:20:00-06:00", "status": "confirmed"},
        {
            "at": "2026-05-04T15:30:00-06:00",
            "status": "cancelled",
            "reason": "Buyer withdrew the same day",
            "charges": [
                {"id": "L2", "service": "Same Day Cancelation - HI NOT Done", "amount": "125.00"}
            ],
        },
    ],
    "attempts": [
        {
            "at": "2026-05-04T08:12:00-06:00",
            "actor": {"kind": "client", "name": "Priya Raman"},
            "method": "card",
            "provider": "guardian",
            "card_brand": "Visa",
            "last4": "4242",
            "status": "failed",
            "amount": "340.52",
            "decline_code": "insufficient_funds",
        }
    ],
    "payments": [
        {
            "id": "P1",
            "at": "2026-05-04T08:14:05-06:00",
            "method": "card",
            "provider": "guardian",
            "card_brand": "Visa",
            "last4": "4242",
            "funding": "credit",
            "amount": "340.52",
            "fee_amount": "11.52",
            "order_id": "GRD-88190",
            "statusHistory": [
                {"status": "authorised", "at": "2026-05-04T08:14:05-06:00"},
                {"status": "captured", "at": "2026-05-04T08:14:41-06:00"},
                {
                    "status": "refunded",
                    "at": "2026-05-04T15:42:00-06:00",
                    "amount": "211.14",
                    "refund_id": "rf_88213",
                },
            ],
        }
    ],
}
INVOICES: dict[str, Any] = {
    "version": 2,
    "brand": "fhi",
    "number": "CED1042",
    "at": "2026-05-02T10:02:00-06:00",
    "client": {"id": "C-1204", "name": "Owen Marsh", "email": "owen.marsh@example.com"},
    "status": "confirmed",
    "charges": [
        {
            "id": "L1",
            "service": "General Home Inspection",
            "amount": "400.00",
            "tax": {"name": "Sales tax", "percent": "8.25"},
        }
    ],
    "invoices": [
        {
            "number": "INV-2040",
            "status": "void",
            "at": "2026-05-02T11:00:00-06:00",
            "voided_at": "2026-05-02T11:20:00-06:00",
            "reason": "Wrong address",
            "lines": [{"description": "General Home Inspection", "amount": "450.00"}],
        },
        {
            "number": "INV-2041",
            "at": "2026-05-02T11:30:00-06:00",
            "terms_days": 14,
            "lines": [{"charge": "L1", "amount": "450.00"}],
            "revisions": [
                {
                    "at": "2026-05-03T09:00:00-06:00",
                    "actor": {"kind": "staff", "name": "Dana Whitfield"},
                    "reason": "Smaller than measured",
                    "lines": [{"charge": "L1", "amount": "400.00"}],
                }
            ],
            "total": "433.00",
        },
    ],
}
CREDITS: dict[str, Any] = {
    "brand": "fhi",
    "number": "CED1043",
    "at": "2026-05-03T10:00:00-06:00",
    "client": {"id": "C-1204", "name": "Owen Marsh", "email": "owen.marsh@example.com"},
    "invoices": [
        {
            "number": "INV-2050",
            "at": "2026-05-03T10:30:00-06:00",
            "lines": [{"description": "Radon Test", "amount": "400.00"}],
        }
    ],
    "credits": [
        {
            "id": "K1",
            "kind": "credit_note",
            "number": "CM-77",
            "amount": "250.00",
            "at": "2026-05-04T09:00:00-06:00",
            "reason": "Inspector was late",
            "lines": [
                {"description": "Inspector was late", "amount": "-270.00"},
                {"description": "Key returned", "amount": "20.00"},
            ],
            "applied": [
                {"invoice": "INV-2041", "amount": "150.00", "at": "2026-05-04T09:05:00-06:00"},
                {"invoice": "INV-2050", "amount": "100.00", "at": "2026-05-11T09:05:00-06:00"},
            ],
        },
        {
            "kind": "prepayment",
            "amount": "300.00",
            "method": "check",
            "reference": "1234",
            "at": "2026-05-03T11:00:00-06:00",
        },
    ],
}
LEGACY: dict[str, Any] = {
    "brand": "fhi",
    "number": "CED1044",
    "at": "2026-05-05T10:00:00-06:00",
    "client": {"name": "Tom Abbott", "email": "tom@abbottrealty.example"},
    "status": "confirmed",
    "charges": [{"id": "L1", "service": "Radon Test", "amount": "100.00"}],
    "legacy": {
        "total_amount": "75.00",
        "credit_applied": "25.00",
        "total_with_fees": "77.69",
        "total_fees": "2.69",
        "remaining_balance": "75.00",
        "paid": False,
    },
}

POLICIES: dict[str, Any] = {
    "brand": "fhi",
    "fee_policies": [
        {"effective_from": "2021-01-01T00:00:00-07:00", "percent": "2.9", "fundings": ["credit"]},
        {
            "effective_from": "2024-03-01T00:00:00-07:00",
            "percent": "3.59",
            "fixed": "0.30",
            "cap": "20.00",
            "fundings": ["credit", "debit"],
            "uncollected": "bill",
        },
    ],
}

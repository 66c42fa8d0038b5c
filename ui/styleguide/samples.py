"""Made-up data for the style guide: figures, tables, filters and the shell around a page."""

from decimal import Decimal

ZONE = "America/Boise"
FIGURES: list[dict[str, object]] = [
    {
        "label": "Billed",
        "amount": Decimal("129.38"),
        "note": "services 125.00 + fee 4.38",
        "url": "#",
    },
    {"label": "Credits", "amount": Decimal(0), "note": "none", "url": "#", "op": "−"},
    {"label": "Received", "amount": Decimal("340.52"), "note": "1 payment", "url": "#", "op": "−"},
    {
        "label": "Refunded",
        "amount": Decimal("211.14"),
        "note": "1 refund",
        "url": "#",
        "op": "+",
        "active": True,
    },
    {
        "label": "Balance",
        "amount": Decimal(0),
        "note": "why this balance?",
        "url": "#",
        "op": "=",
        "state": "paid",
        "total": True,
    },
]
FIGURES_NOW: list[dict[str, object]] = [
    {"label": "Charges", "amount": Decimal("595.00"), "note": "2 lines", "url": "#"},
    {"label": "Received", "amount": Decimal("340.52"), "note": "1 payment", "url": "#"},
    {"label": "Refunded", "amount": Decimal("211.14"), "note": "1 refund", "url": "#"},
    {
        "label": "Pending",
        "amount": Decimal("500.00"),
        "note": "1 bank transfer",
        "url": "#",
        "state": "pending",
        "aside": True,
    },
]
COLUMNS: list[dict[str, object]] = [
    {"label": "Work order", "lead": True},
    {"label": "Client"},
    {"label": "State", "lead_end": True},
    {"label": "Last event"},
    {"label": "Received", "num": True},
]


def _cells(*cells: dict[str, str]) -> dict[str, object]:
    return {"url": "#", "cells": list(cells)}


ROWS: list[dict[str, object]] = [
    _cells(
        {"text": "FHI624", "second": "118 Alder Court, Boise ID"},
        {"text": "Priya Raman"},
        {"text": "", "state": "attention", "state_word": "needs you"},
        {"text": "Declined: card expired"},
        {"text": "$340.52"},
    ),
    _cells(
        {"text": "FHI625", "second": "9 Long Meadow Lane, Apartment 14, Garden City ID"},
        {"text": "Bartholomew Featherstonehaugh-Cholmondeley"},
        {"text": "", "state": "paid"},
        {"text": "Paid by check 1042"},
        {"text": "$1,234.50"},
    ),
    _cells(
        {"text": "FHI626", "second": "4 Elm Street, Nampa ID"},
        {"text": "Jo Lee"},
        {"text": "", "state": "processing"},
        {"text": "Bank transfer on its way"},
        {"text": "—"},
    ),
]
STATES = [
    "succeeded",
    "pending",
    "attention",
    "failed",
    "disputed",
    "refunded",
    "voided",
    "neutral",
]
FILTERS: list[dict[str, object]] = [
    {"label": "All", "url": "?", "active": True, "count": 12},
    {"label": "Only problems", "url": "?problems=1", "count": 1},
    {"label": "Money moved", "url": "?moved=1", "count": 2},
    {"label": "Attempts", "url": "?kind=attempt", "count": 3},
    {"label": "Refunds", "url": "?kind=refund", "count": 1},
    {"label": "Disputes", "url": "?kind=dispute", "count": 0},
    {"label": "Flat", "url": "?flat=1", "count": None},
]
NAV: list[dict[str, object]] = [
    {"label": "Work orders", "url": "#", "icon": "clipboard-document-list", "active": True},
    {"label": "Clients", "url": "#", "icon": "users"},
    {"label": "Payments", "url": "#", "icon": "credit-card"},
    {"label": "Exceptions", "url": "#", "icon": "exclamation-triangle", "count": 4},
    {"label": "Activity", "url": "#", "icon": "clock"},
    {"label": "Team", "url": "#", "icon": "user-group"},
]
BRANDS: list[dict[str, object]] = [
    {"slug": "fhi", "name": "Foothill Inspections", "url": "#", "active": True},
    {"slug": "cbi", "name": "Canyon & Basin Inspections", "url": "#", "active": False},
]
TABS: list[dict[str, object]] = [
    {"label": "Services & Payments", "url": "#", "active": True},
    {"label": "Activity", "url": "#", "count": 34},
    {"label": "Invoice", "url": "#"},
    {"label": "QuickBooks", "url": "#"},
    {"label": "Contacts", "url": "#"},
]
# With and without cents, with three decimals, below zero, and none.
AMOUNTS: list[tuple[Decimal | None, str]] = [
    (Decimal("1234.5"), "USD"),
    (Decimal("-211.14"), "USD"),
    (Decimal("99.95"), "CAD"),
    (Decimal(1235), "JPY"),
    (Decimal("1.234"), "KWD"),
    (None, "USD"),
]

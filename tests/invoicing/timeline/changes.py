"""Changes of invoicing's tables as the database captures them, and what a feed says of them."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from activity import describe as d

AT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
D = Decimal
DRAFT = {
    "kind": "standard",
    "status": "draft",
    "number": "FHI624",
    "invoice_date": None,
    "terms_days": 0,
    "due_on": None,
    "credits_id": None,
    "reason": "",
}
ISSUED = DRAFT | {"status": "issued", "invoice_date": "2026-03-02", "due_on": "2026-03-02"}
NOTE = DRAFT | {"kind": "credit_note", "number": "draft-2", "reason": "Radon test not done"}
NOTE_ISSUED = NOTE | {
    "status": "issued",
    "number": "CM-000001",
    "invoice_date": "2026-03-02",
    "due_on": "2026-03-02",
}
REVISION = {
    "invoice_id": 9,
    "number": 1,
    "services_total": D("329.00"),
    "tax_total": D("0.00"),
    "total_before": D("0.00"),
    "reason": "",
}
CREDIT = {
    "kind": "prepayment",
    "amount": D("300.00"),
    "returned": D("0.00"),
    "label": "Check 1234",
    "method": "check",
    "reference": "1234",
    "reason": "",
}
ENTRY = {
    "invoice_id": 9,
    "kind": "credit",
    "services_amount": D("150.00"),
    "credit_id": 4,
    "label": "CM-000001",
    "reason": "",
}
LINE = {
    "invoice_id": 9,
    "description": "Radon test",
    "amount": D("-270.00"),
    "tax_amount": D("0.00"),
}
ids = itertools.count(1)
Row = Mapping[str, Any]


def change(entity: str, before: Row | None, after: Row | None, object_id: int = 9) -> d.ChangeRow:
    op = "I" if before is None else "U" if after is not None else "D"
    return d.ChangeRow(
        next(ids), f"invoicing.{entity}", op, object_id, 3, AT, before or {}, after or {}
    )


def lines(*changes: d.ChangeRow) -> list[d.Line]:
    """The lines of one step; each change is on one of them."""
    described = d.describe(changes)
    assert sorted(n for line in described for n in line.shows) == sorted(c.id for c in changes)
    return described


def rendered(line: d.Line, **taken: str) -> d.Sentence:
    return d.render(line.code, {"currency": "USD", **taken, **d.plain(line.data)})


def headline_and_second(*changes: d.ChangeRow, **taken: str) -> tuple[str, str]:
    """Headline and second line of a step that is one line."""
    (line,) = lines(*changes)
    sentence = rendered(line, **taken)
    return sentence.headline, sentence.second

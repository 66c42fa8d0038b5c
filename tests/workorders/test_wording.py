"""How a changed bill reads."""

from typing import Any

import pytest

from workorders.shapes import Bill, ChargeRow
from workorders.wording import bill_change, line_words, replaced_words

RADON: dict[str, Any] = {
    "description": "Radon test",
    "amount": "149.50",
    "service_type": "standard",
    "tax_name": "",
    "tax_percent": "0",
}
TAXED = {**RADON, "tax_name": "Sales tax", "tax_percent": "8.25"}
FEE = {**RADON, "description": "Late", "amount": "50.00", "service_type": "cancellation"}


def bill(*lines: tuple[str, Any, Any], before: str, after: str) -> dict[str, Any]:
    rows = [{"op": op, "before": old, "after": new} for op, old, new in lines]
    return {"lines": rows, "from": before, "to": after}


@pytest.mark.parametrize(
    ("data", "headline", "lines"),
    [
        (
            bill(("I", None, TAXED), before="0", after="149.50"),
            "Charges added: $149.50 plus tax $12.33",
            "“Radon test” $149.50 (Tax: Sales tax 8.25%).",
        ),
        (
            bill(("D", RADON, None), before="149.50", after="0"),
            "Charges removed: $149.50",
            "“Radon test” $149.50.",
        ),
        (
            bill(("D", RADON, None), ("I", None, FEE), before="149.50", after="50.00"),
            "Bill changed: $149.50 → $50.00",
            "“Late” (cancellation) $50.00 replaces “Radon test” $149.50.",
        ),
        (
            bill(("U", RADON, TAXED), before="149.50", after="149.50"),
            "Tax changed: $0.00 → $12.33",
            "“Radon test” $149.50 is now “Radon test” $149.50 (Tax: Sales tax 8.25%).",
        ),
        (
            bill(("U", RADON, {**RADON, "description": "Radon"}), before="149.50", after="149.50"),
            "Charge reworded ($149.50)",
            "“Radon test” $149.50 is now “Radon” $149.50.",
        ),
    ],
)
def test_a_changed_bill_says_its_sums_and_its_lines(
    data: dict[str, Any], headline: str, lines: str
) -> None:
    changed = Bill.model_validate(data)

    assert bill_change(changed, "USD") == headline
    assert replaced_words(changed, "USD") == lines


def test_lines_stored_before_there_was_tax_have_none() -> None:
    old = {name: RADON[name] for name in ("description", "amount", "service_type")}

    assert line_words(ChargeRow.model_validate(old), "USD") == "“Radon test” $149.50"

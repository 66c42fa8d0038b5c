"""Captured rows are read back exactly."""

import json
from decimal import Decimal

from activity.models import ExactDecoder


def test_numbers_of_a_captured_row_are_exact() -> None:
    row = json.loads('{"amount": 329.10, "lines": [0.1, 2]}', cls=ExactDecoder)

    assert row == {"amount": Decimal("329.10"), "lines": [Decimal("0.1"), 2]}
    assert isinstance(row["amount"], Decimal)

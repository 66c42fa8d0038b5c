"""CSV that a spreadsheet may open."""

from decimal import Decimal

import pytest

from core.csvout import cell, lines


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", " =1+1"])
def test_text_never_becomes_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"


def test_amounts_stay_numbers_and_nothing_stays_empty() -> None:
    assert [cell(v) for v in (Decimal("-211.14"), 3, None, "", "Jo")] == [
        "-211.14", "3", "", "", "Jo",
    ]  # fmt: skip


def test_lines_come_one_at_a_time_and_are_quoted() -> None:
    made = lines(["Payer", "Amount"], iter([('Jo "J", Inc.', Decimal("1.50"))]))

    assert next(made) == "Payer,Amount\r\n"
    assert next(made) == '"Jo ""J"", Inc.",1.50\r\n'

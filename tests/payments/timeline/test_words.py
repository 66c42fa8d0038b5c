"""Stored values in words: nothing raw, and nothing that fails."""

import pytest

from payments.models import Payment, PaymentAttempt, ProviderEvent, Refund
from payments.timeline.words import COLUMN_LABELS, MONEY_COLUMNS, value_words


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("status", "charged_back", "Charged back"),
        ("method", "ach", "Bank debit (ACH)"),
        ("provider", "flexfund", "FlexFund"),
        ("provider", "gone", "Gone"),
        ("funding", "debit", "Debit"),
        ("uncollected", "bill", "Billed to the client"),
        ("kind", "unmatched", "No job found"),
        ("known", True, "yes"),
        ("known", False, "no"),
        ("note", "", "nothing"),
        ("references", [], "nothing"),
        ("references", ["pi_1", "ch_1"], "pi_1, ch_1"),
        ("data", {"method": "card", "line": "1302"}, "method Card, line 1302"),
        ("status", "levitated", "levitated"),
        ("completed_at", "no time at all", "no time at all"),
    ],
)
def test_a_value_reads_as_words(column: str, value: object, words: str) -> None:
    assert value_words(column, value) == words


@pytest.mark.parametrize("model", [Payment, PaymentAttempt, Refund, ProviderEvent])
def test_every_amount_of_a_row_has_a_label(model: type) -> None:
    fields = {f.name for f in model._meta.fields}  # type: ignore[attr-defined]  # a model

    assert fields & MONEY_COLUMNS
    assert (fields & MONEY_COLUMNS) <= set(COLUMN_LABELS)

"""Columns and values of invoicing in words. Pure."""

from typing import Any

import pytest

from invoicing.settlement.types import EntryKind
from invoicing.timeline.shapes import InvoiceRow
from invoicing.timeline.words import ENTRY_WORDS, changes, details, due_words, prose, value_words


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("services_total", "329.00", "$329.00"),
        ("percent", "3.5900", "3.59%"),
        ("terms_days", 1, "1 day"),
        ("terms_days", 14, "14 days"),
        ("due_on", "2026-04-09", "9 Apr 2026"),
        ("method", "ach", "ACH"),
        ("method", "wire", "Wire"),
        ("kind", "from_credit", "client credit applied"),
        ("kind", "credit_note", "Credit note"),
        ("uncollected", "absorb", "not billed"),
        ("invoice_id", 7, "no. 7"),
        ("reason", "", "nothing"),
        ("bill", True, "yes"),
    ],
)
def test_a_value_reads_as_a_person_would_say_it(name: str, value: Any, text: str) -> None:
    assert value_words(name, value, "USD") == text


def test_every_kind_of_entry_has_words() -> None:
    assert set(ENTRY_WORDS) == {kind.value for kind in EntryKind}
    assert all("_" not in words for words in ENTRY_WORDS.values())


def test_a_change_names_both_values_and_leaves_out_the_reason() -> None:
    diff = {"due_on": ("2026-03-02", "2026-04-09"), "reason": ("", "Closing moved")}

    assert changes(diff, "USD", "reason") == "Due: 2 Mar 2026 → 9 Apr 2026"


def test_details_are_the_columns_that_are_set() -> None:
    row = InvoiceRow(number="FHI624", reason="", credits_id=7, terms_days=14)

    assert list(details(row, {}, "USD")) == [
        ("Number", "FHI624", "ref"),
        ("Terms", "14 days", "text"),
    ]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({}, ""),
        ({"due_on": "2026-04-09", "invoice_date": "2026-04-09"}, "Due on receipt"),
        ({"due_on": "2026-04-09", "invoice_date": "2026-03-02"}, "Due 9 Apr 2026"),
    ],
)
def test_when_it_is_due(row: dict[str, str], text: str) -> None:
    assert due_words(InvoiceRow.model_validate(row)) == text


def test_sentences_that_people_wrote_get_their_full_stop() -> None:
    assert prose("Reason: typo", "", "Due on receipt") == "Reason: typo. Due on receipt"
    assert prose("Why?", "Because") == "Why? Because"

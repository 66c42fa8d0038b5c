"""The sentence about a job's money, from plain settlements; more of it in tests/console/job."""

from decimal import Decimal

import pytest

from invoicing.settlement.sentence import on_its_way, sentence
from invoicing.settlement.settle import settle
from invoicing.settlement.types import (
    Bill,
    Entry,
    EntryKind,
    InFlight,
    InvoiceStatus,
    Line,
    Settlement,
)

D = Decimal
SAME = "Check 1234"


def job(services: str, *entries: Entry, in_flight: tuple[InFlight, ...] = ()) -> Settlement:
    """What an issued bill of one line comes to."""
    lines = [Line(1, "Inspection", D(services))]
    return settle(Bill(InvoiceStatus.ISSUED, "USD", lines, entries, in_flight))


def entry(key: int, kind: EntryKind, amount: str, source: str) -> Entry:
    """An entry of the one label that all have: only the source differs."""
    return Entry(key, kind, D(amount), label=SAME, source=source, payment="payment:1")


def test_only_a_queued_refund_is_on_its_way() -> None:
    paid = entry(1, EntryKind.PAYMENT, "100.00", "payment:1")
    done = entry(2, EntryKind.REFUND, "40.00", "refund:1")
    queued = InFlight(SAME, D("25.00"), payment="payment:1", is_refund=True, source="refund:2")
    pending = InFlight(SAME, D("70.00"), payment="payment:2", source="payment:2")

    whole = job("100.00", paid, done, in_flight=(queued, pending))

    assert on_its_way(whole) == D("25.00")
    assert (whole.refunded, whole.pending) == (D("65.00"), D("70.00"))


@pytest.mark.parametrize(
    ("whole", "means", "text"),
    [
        (job("100.00"), [], "$100.00 due; nothing received yet."),
        (
            job("100.00", entry(1, EntryKind.PAYMENT, "100.00", "payment:1")),
            [SAME],
            "Paid in full by Check 1234.",
        ),
        (
            job("100.00", entry(1, EntryKind.PAYMENT, "40.00", "payment:1")),
            [SAME],
            "$40.00 of $100.00 paid by Check 1234; $60.00 due.",
        ),
    ],
)
def test_the_sentence_names_what_is_due(whole: Settlement, means: list[str], text: str) -> None:
    assert sentence(whole, "USD", means=means) == text


def test_a_cancelled_job_names_what_was_not_refunded() -> None:
    paid = entry(1, EntryKind.PAYMENT, "125.00", "payment:1")

    text = sentence(job("125.00", paid), "USD", cancelled=True, published=True)

    assert text == "Cancelled after publication: $125.00 kept, nothing due."

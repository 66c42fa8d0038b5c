"""How credits, fees, terms and items read on a feed."""

from decimal import Decimal
from typing import Any

import pytest

from activity import describe as d
from tests.invoicing.timeline.changes import (
    CREDIT,
    ENTRY,
    change,
    headline_and_second,
    lines,
    rendered,
)

D = Decimal


# Credits -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "headline", "credited"),
    [
        ({}, "Credit CM-000001: $150.00 applied to invoice FHI624", "150.00"),
        (
            {"kind": "credit_reversal"},
            "Credit CM-000001: $150.00 taken off invoice FHI624 again",
            "-150.00",
        ),
        (
            {"kind": "from_credit", "label": "Check 1234"},
            "$150.00 of client credit applied to invoice FHI624",
            "150.00",
        ),
        (
            {"kind": "to_credit", "label": "Check 1234"},
            "$150.00 of client credit taken off invoice FHI624 again",
            "-150.00",
        ),
    ],
)
def test_a_credit_on_an_invoice_reads_well(
    row: dict[str, Any], headline: str, credited: str
) -> None:
    (line,) = lines(change("ledger_entry", None, ENTRY | row, 70))

    sentence = rendered(line, number="FHI624")
    assert sentence.headline == headline
    assert sentence.second in ("", "Check 1234")
    assert D(line.data["credited"]) == D(credited)
    assert line.thread == d.ThreadKey("invoice", 9)


def test_an_overpayment_that_becomes_credit_is_one_line() -> None:
    label = {"label": "Overpayment of FHI624"}
    credit = CREDIT | label | {"kind": "overpayment", "amount": D("50.00")}
    entry = ENTRY | label | {"kind": "to_credit", "services_amount": D("50.00")}

    headline, second = headline_and_second(
        change("client_credit", None, credit, 4), change("ledger_entry", None, entry, 70)
    )

    assert headline == "$50.00 overpaid moved to the client’s credit"
    assert second == "Overpayment of FHI624"


def test_a_credit_of_another_entry_is_not_swallowed() -> None:
    entry = ENTRY | {"kind": "to_credit", "credit_id": 5}

    assert len(lines(change("client_credit", None, CREDIT, 4), change("ledger_entry", None, entry)))
    assert len(d.describe([change("client_credit", None, CREDIT, 4)])) == 1


def test_a_prepayment_is_money_received_and_given_back() -> None:
    (came,) = lines(change("client_credit", None, CREDIT, 4))
    (went,) = lines(
        change("client_credit", CREDIT, CREDIT | {"returned": D("100.00"), "reason": "Moved"}, 4)
    )

    assert rendered(came).headline == "Prepayment of $300.00 received · Check 1234"
    assert rendered(went).headline == "Prepayment: $100.00 given back · Check 1234"
    assert rendered(went).second == "Reason: Moved"
    assert came.money_moved and went.money_moved


# Fees, terms, items --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bill", "headline"),
    [
        (False, "Technology fee of $17.95 waived · P-1"),
        (True, "Technology fee of $17.95 billed to the client · P-1"),
    ],
)
def test_a_decision_about_a_fee_says_why(bill: bool, headline: str) -> None:
    row = {"payment_label": "P-1", "bill": bill, "amount": D("17.95"), "reason": "Our mistake"}

    (line,) = lines(change("fee_decision", None, row))

    assert (rendered(line).headline, rendered(line).second) == (headline, "Reason: Our mistake")
    assert line.payment_view


def test_a_fee_policy_says_its_price() -> None:
    row = {
        "effective_from": "2026-03-02T16:00:00+00:00",
        "percent": D("3.5000"),
        "fixed": D("0.30"),
        "cap": D("20.00"),
        "fundings": ["credit", "prepaid"],
        "uncollected": "absorb",
    }

    headline, second = headline_and_second(change("fee_policy", None, row))

    assert headline == (
        "Technology fee from 2 Mar 2026 16:00 UTC: "
        "3.5% + $0.30, at most $20.00, on credit and prepaid cards"
    )
    assert second == "A fee that did not come is not billed."


def test_items_paid_by_one_payment_are_one_line() -> None:
    radon = {"description": "Radon test", "fulfilment": "invoiced"}
    mold = {"description": "Mold test", "fulfilment": "invoiced"}
    paid = {"fulfilment": "client_paid"}

    one, _ = headline_and_second(change("item", radon, radon | paid, 1))
    both, names = headline_and_second(
        change("item", radon, radon | paid, 1), change("item", mold, mold | paid, 2)
    )

    assert one == "“Radon test” is fully paid: ready to order"
    assert (both, names) == (
        "2 items are fully paid: ready to order",
        "“Radon test”, “Mold test”",
    )


def test_an_item_that_goes_with_its_charge_is_no_news_until_it_was_ordered() -> None:
    paid = {"description": "Radon test", "fulfilment": "client_paid"}
    ordered = paid | {"fulfilment": "ordered"}

    (gone,), (missed,) = lines(change("item", paid, None)), lines(change("item", ordered, None))
    came, _ = headline_and_second(change("item", None, paid))

    assert gone.technical and not missed.technical
    assert rendered(missed).second == "It was: ordered"
    assert came == "“Radon test” is fully paid: ready to order"

"""The job in one sentence: who paid, with what, what failed and why, what went back, what next."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from console.job.equation import figures
from console.job.summary import AttemptFact, JobFacts, PaymentFact, RefundFact, summarise
from invoicing.settlement.settle import combine, settle
from invoicing.settlement.types import (
    Bill,
    Entry,
    EntryKind,
    InFlight,
    InvoiceStatus,
    Line,
    Ruling,
    Settlement,
)
from tests.factories import BrandFactory, WorkOrderFactory

THEN = datetime(2026, 5, 4, 15, 0, tzinfo=UTC)


def bill(*lines: str, status: InvoiceStatus = InvoiceStatus.ISSUED, **rest: Any) -> Settlement:
    """What a bill of these lines comes to."""
    made = [Line(n, f"Line {n}", Decimal(line)) for n, line in enumerate(lines)]
    return settle(Bill(status, "USD", made, **rest))


def paid(services: str, fee: str = "0", expected: str | None = None) -> Entry:
    return Entry(
        1,
        EntryKind.PAYMENT,
        Decimal(services),
        Decimal(fee),
        "P-1",
        "payment:1",
        None if expected is None else Decimal(expected),
    )


def refunded(services: str, fee: str = "0") -> Entry:
    return Entry(2, EntryKind.REFUND, Decimal(services), Decimal(fee), "R-1", "payment:1")


def moved(services: str) -> Entry:
    return Entry(4, EntryKind.TO_CREDIT, Decimal(services), label="Overpayment of FHI627")


NOTHING = combine([], "USD")
JOB = JobFacts(
    currency="USD",
    settlement=NOTHING,
    client="Priya Raman",
    cancelled=False,
    published=False,
    payments=[],
    attempts=[],
    refunds=[],
    today=date(2026, 5, 10),
)
CARD = PaymentFact("1", "completed", "card", "Visa •4242", "", Decimal("340.52"), THEN)
DECLINED = AttemptFact(
    "failed",
    "Visa •4242",
    Decimal("340.52"),
    THEN - timedelta(minutes=2),
    "Bank said: insufficient funds. Client may retry or use another card.",
    "insufficient funds",
)
BACK = RefundFact("1", "completed", "Visa •4242", Decimal("211.14"))


def test_nothing_yet() -> None:
    story = summarise(JOB)

    assert story.sentence == "Nothing is billed, nothing is due."
    assert story.how == "No money has moved yet."
    assert story.nexts == []


def test_credit_is_no_payment_and_is_named_all_the_same() -> None:
    settlement = bill("500.00", entries=[replace(CREDIT, services=Decimal("300.00"))])

    story = summarise(replace(JOB, settlement=settlement))

    assert story.how == "No payment yet; $300.00 of client credit is applied."


def test_cancelled_but_not_free_in_one_sentence() -> None:
    fhi624 = bill("125.00", entries=[paid("329.00", "11.52"), refunded("204.00", "7.14")])
    job = replace(
        JOB,
        cancelled=True,
        published=True,
        settlement=fhi624,
        payments=[CARD],
        attempts=[DECLINED],
        refunds=[BACK],
    )

    story = summarise(job)

    assert story.sentence == (
        "Cancelled after publication: $125.00 kept, $211.14 refunded, nothing due."
    )
    assert story.how == (
        "Priya Raman paid $340.52 by Visa •4242; "
        "$211.14 refunded to Visa •4242; declined once before (insufficient funds)."
    )
    assert story.nexts == []


def test_paid_without_its_fee_is_paid_and_staff_know() -> None:
    card = paid("500.00", expected="17.95")
    absorbed = bill("500.00", entries=[card])
    billed = bill("500.00", entries=[card], rulings=[Ruling("payment:1", True)])
    waived = bill("500.00", entries=[card], rulings=[Ruling("payment:1", False)])

    def sentence(settlement: Settlement) -> str:
        return summarise(replace(JOB, settlement=settlement, payments=[CARD])).sentence

    assert sentence(absorbed) == (
        "Paid in full by Visa •4242; technology fee of $17.95 not collected."
    )
    assert sentence(billed) == (
        "Services of $500.00 paid by Visa •4242; technology fee of $17.95 due."
    )
    assert sentence(waived) == "Paid in full by Visa •4242."


QUEUED = InFlight("R-2", Decimal("20.00"), payment="payment:1", is_refund=True)
CHECK = InFlight("P-2", Decimal("400.00"), payment="payment:2")
CREDIT = Entry(3, EntryKind.CREDIT, Decimal("100.00"), label="CM-000001")


@pytest.mark.parametrize(
    ("settlement", "sentence"),
    [
        (bill("400.00"), "$400.00 due by Thu 7 May 2026; nothing received yet."),
        (
            bill("400.00", in_flight=[CHECK]),
            ("$400.00 due by Thu 7 May 2026; $400.00 is pending and not counted."),
        ),
        (
            bill("400.00", entries=[paid("150.00")]),
            "$150.00 of $400.00 paid by Visa •4242; $250.00 due by Thu 7 May 2026.",
        ),
        (
            bill("400.00", entries=[paid("400.00"), refunded("400.00")]),
            "$400.00 due by Thu 7 May 2026; $400.00 of $400.00 went back.",
        ),
        (
            bill("400.00", entries=[paid("470.00"), refunded("50.00")], in_flight=[QUEUED]),
            "Paid in full by Visa •4242; $50.00 refunded, $20.00 on its way.",
        ),
        (
            bill("400.00", entries=[paid("420.00")], in_flight=[QUEUED]),
            "Paid in full by Visa •4242; $20.00 on its way back.",
        ),
        (
            bill("400.00", entries=[paid("20.00")], in_flight=[QUEUED]),
            "$400.00 due by Thu 7 May 2026; $20.00 on its way back.",
        ),
        (
            bill("400.00", entries=[paid("500.00")]),
            "Overpaid by $100.00: $400.00 billed, $500.00 paid.",
        ),
        (
            bill(entries=[paid("50.00")]),
            "Overpaid by $50.00: $50.00 is held and nothing is billed.",
        ),
        (
            bill("400.00", entries=[paid("300.00"), CREDIT]),
            "Paid in full by Visa •4242 and credit.",
        ),
        (bill("400.00", status=InvoiceStatus.DRAFT), "Not issued yet: $400.00 to bill."),
        (bill("400.00", status=InvoiceStatus.VOID), "The bill is void, nothing due."),
    ],
)
def test_the_balance_in_one_sentence(settlement: Settlement, sentence: str) -> None:
    came = [CARD] if settlement.received else []
    job = replace(JOB, settlement=settlement, payments=came, due_on=date(2026, 5, 7))
    job = replace(job, today=date(2026, 5, 7))

    assert summarise(job).sentence == sentence


@pytest.mark.parametrize(
    ("settlement", "sentence"),
    [
        (bill("125.00"), "Cancelled: $125.00 billed, $125.00 due."),
        (NOTHING, "Cancelled: nothing billed, nothing due."),
        (
            bill(entries=[paid("329.00")]),
            "Cancelled: nothing billed, $329.00 more held than is due.",
        ),
        (
            bill(entries=[paid("329.00"), refunded("329.00")]),
            "Cancelled: nothing billed, $329.00 refunded, nothing due.",
        ),
        (
            bill(entries=[paid("329.00", "11.52"), moved("329.00")]),
            (
                "Cancelled: $329.00 kept as the client’s credit, technology fee of $11.52 kept, "
                "nothing due."
            ),
        ),
        (
            bill("125.00", entries=[paid("329.00"), moved("204.00")]),
            "Cancelled: $125.00 kept, $204.00 kept as the client’s credit, nothing due.",
        ),
        (
            bill(
                "100.00",
                entries=[
                    paid("300.00"),
                    replace(CREDIT, services=Decimal("50.00")),
                    refunded("250.00"),
                ],
            ),
            (
                "Cancelled: $100.00 billed, $50.00 of it credited, $50.00 kept, $250.00 refunded, "
                "nothing due."
            ),
        ),
        (
            bill("100.00", entries=[paid("170.00"), refunded("50.00")], in_flight=[QUEUED]),
            "Cancelled: $100.00 kept, $50.00 refunded, $20.00 on its way, nothing due.",
        ),
    ],
)
def test_the_sentence_of_a_cancelled_job(settlement: Settlement, sentence: str) -> None:
    assert summarise(replace(JOB, cancelled=True, settlement=settlement)).sentence == sentence


def test_what_a_balance_waits_for() -> None:
    price = "$400.00, or $414.00 by card"
    due = replace(JOB, settlement=bill("400.00"), due_on=date(2026, 5, 7), price=price)
    over = replace(JOB, settlement=bill("400.00", entries=[paid("500.00")]))

    [late] = summarise(due).nexts
    [surplus] = summarise(over).nexts

    assert summarise(due).sentence == "$400.00 overdue since Thu 7 May 2026; nothing received yet."
    assert (late.state, late.word) == ("attention", "overdue")
    assert late.text == "$400.00, or $414.00 by card. It was due 3 days ago, on 7 May 2026."
    assert [n.word for n in summarise(replace(due, today=date(2026, 5, 7))).nexts] == ["due"]
    assert surplus.text == "$100.00 is the client’s: return it or keep it as credit."


def test_a_decline_that_nothing_followed_is_open_with_its_advice() -> None:
    story = summarise(replace(JOB, attempts=[DECLINED]))

    assert story.how == "Declined once (insufficient funds), nothing received."
    [retry] = story.nexts
    assert (retry.state, retry.word) == ("failed", "last try declined")
    assert "Client may retry or use another card." in retry.text


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("unknown", "$340.52 by Visa •4242 may have been charged, its outcome is unknown."),
        ("processing", "$340.52 by Visa •4242 is processing, nothing received yet."),
        ("voided", "$340.52 by Visa •4242 was voided, nothing received."),
        (
            "charged_back",
            "$340.52 that Priya Raman paid by Visa •4242 was taken back by the bank.",
        ),
    ],
)
def test_money_that_is_not_here(status: str, sentence: str) -> None:
    assert summarise(replace(JOB, payments=[replace(CARD, status=status)])).how == sentence


def test_several_payments_are_summed() -> None:
    check = replace(
        CARD, number="2", means="check 77", share=Decimal("59.48"), when=THEN + timedelta(days=1)
    )

    story = summarise(replace(JOB, payments=[CARD, check]))

    assert story.how == "$400.00 received in 2 payments, the last by check 77."


def test_a_part_that_the_bank_took_back_is_named() -> None:
    story = summarise(replace(JOB, payments=[CARD], lost=Decimal("100.00")))

    assert story.how == (
        "Priya Raman paid $340.52 by Visa •4242; $100.00 of it was taken back by the bank."
    )


def test_what_is_next() -> None:
    mail = replace(
        CARD,
        status="pending",
        means="check 5521",
        why="Pending until the check clears.",
        follow_up_on=date(2026, 5, 9),
        note="Check is in the mail",
    )
    failed = RefundFact("2", "failed", "", Decimal("75.00"), "Bank said: closed.")

    nexts = summarise(replace(JOB, payments=[mail], refunds=[failed])).nexts

    assert [(n.state, n.word) for n in nexts] == [
        ("pending", "pending"),
        ("attention", "follow-up due Sat 9 May"),
        ("failed", "refund failed"),
    ]
    assert nexts[1].text == "P-1: Check is in the mail"


@pytest.mark.parametrize(
    ("by_hand", "text"),
    [
        (False, "R-1: $211.14 on its way, until the provider confirms it."),
        (True, "R-1: $211.14 queued: mark it done when the money went back."),
    ],
)
def test_who_a_queued_refund_waits_for(by_hand: bool, text: str) -> None:
    queued = replace(BACK, status="queued", by_hand=by_hand)

    [waits] = summarise(replace(JOB, payments=[CARD], refunds=[queued])).nexts[-1:]

    assert (waits.word, waits.text) == ("refund queued", text)


def test_money_received_for_a_void_invoice_needs_attention() -> None:
    story = summarise(replace(JOB, voided=[("FHI624", Decimal("100.00"))]))

    assert [(n.state, n.word, n.text) for n in story.nexts] == [
        (
            "attention",
            "money on a void invoice",
            "$100.00 for FHI624, now the client’s credit. Use it, or refund it.",
        )
    ]


def test_the_notes_of_the_equation() -> None:
    job = WorkOrderFactory.build(brand=BrandFactory.build(slug="fhi"), number="FHI627")
    as_credit = bill(entries=[paid("329.00", "11.52"), moved("329.00")])
    back = bill("400.00", entries=[paid("470.00"), refunded("50.00")], in_flight=[QUEUED])

    def note(settlement: Settlement, key: str) -> str:
        return next(str(f["note"]) for f in figures(job, settlement) if f["key"] == key)

    assert note(as_credit, "credits") == "moved to the client’s credit"
    assert note(back, "refunded") == "1 refund, 1 on its way"
    assert note(as_credit, "refunded") == "none"


def test_things_of_the_same_name_are_counted_apart() -> None:
    """Two checks may have one number, and so may the refunds that go back by them."""
    job = WorkOrderFactory.build(brand=BrandFactory.build(slug="fhi"), number="FHI627")
    name, half = "Check 1234", Decimal("50.00")
    entries = [
        *(Entry(n, EntryKind.PAYMENT, half, label=name, source=f"payment:{n}") for n in (1, 2)),
        Entry(3, EntryKind.REFUND, half, label=name, source="refund:1"),
        *(Entry(n, EntryKind.FROM_CREDIT, half, label=name, source=f"credit:{n}") for n in (4, 5)),
    ]
    queued = [InFlight(name, half, is_refund=True, source="refund:2")]
    whole = bill("400.00", entries=entries, in_flight=queued)

    notes = {f["key"]: f["note"] for f in figures(job, whole)}

    assert notes["received"] == "2 payments"
    assert notes["refunded"] == "1 refund, 1 on its way"
    assert notes["credits"] == "2 credits"


def test_one_payment_on_two_bills_is_counted_once() -> None:
    job = WorkOrderFactory.build(brand=BrandFactory.build(slug="fhi"), number="FHI627")
    half = Decimal("50.00")
    shares = [
        bill("50.00", entries=[Entry(n, EntryKind.PAYMENT, half, label="P-1", source="payment:1")])
        for n in (1, 2)
    ]

    notes = {f["key"]: f["note"] for f in figures(job, combine(shares, "USD"))}

    assert notes["received"] == "1 payment"

"""The job in one sentence: who paid, with what, what failed and why, what went back, what next."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from console.story import AttemptFact, JobFacts, PaymentFact, RefundFact, tell

THEN = datetime(2026, 5, 4, 15, 0, tzinfo=UTC)
JOB = JobFacts(
    currency="USD",
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
    assert tell(JOB).sentence == "No money has moved yet."
    assert tell(JOB).nexts == []


def test_cancelled_but_not_free_in_one_sentence() -> None:
    job = replace(
        JOB, cancelled=True, published=True, payments=[CARD], attempts=[DECLINED], refunds=[BACK]
    )

    story = tell(job)

    assert story.sentence == (
        "Cancelled after publication: Priya Raman paid $340.52 by Visa •4242; "
        "$211.14 refunded to Visa •4242; declined once before (insufficient funds)."
    )
    assert story.nexts == []


def test_a_decline_that_nothing_followed_is_open_with_its_advice() -> None:
    story = tell(replace(JOB, attempts=[DECLINED]))

    assert story.sentence == "Declined once (insufficient funds), nothing received."
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
    assert tell(replace(JOB, payments=[replace(CARD, status=status)])).sentence == sentence


def test_several_payments_are_summed() -> None:
    check = replace(
        CARD, number="2", means="check 77", share=Decimal("59.48"), when=THEN + timedelta(days=1)
    )

    story = tell(replace(JOB, payments=[CARD, check]))

    assert story.sentence == "$400.00 received in 2 payments, the last by check 77."


def test_a_part_that_the_bank_took_back_is_told() -> None:
    story = tell(replace(JOB, payments=[CARD], lost=Decimal("100.00")))

    assert story.sentence == (
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

    nexts = tell(replace(JOB, payments=[mail], refunds=[failed])).nexts

    assert [(n.state, n.word) for n in nexts] == [
        ("pending", "pending"),
        ("attention", "follow-up due Sat 9 May"),
        ("failed", "refund failed"),
    ]
    assert nexts[1].text == "P-1: Check is in the mail"

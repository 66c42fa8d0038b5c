"""The order of card and bank statuses: a void undoes a capture, but not a settlement."""

from activity.models import State
from payments.providers.guardian.statuses import CARD_AND_BANK

BY_RANK = [
    "authorised",
    "failed",
    "captured",
    "refund_queued",
    "voided",
    "settled",
    "refunded",
    "refund_failed",
    "chargeback",
]


def test_a_later_status_overrules_an_earlier_one() -> None:
    assert sorted(CARD_AND_BANK, key=lambda name: CARD_AND_BANK[name].rank.rank) == BY_RANK


def test_captured_and_settled_are_paid_and_captured_tells_the_amount() -> None:
    assert [n for n in BY_RANK if CARD_AND_BANK[n].rank.paid] == ["captured", "settled"]
    trusted = sorted(BY_RANK, key=lambda name: CARD_AND_BANK[name].rank.amount or 0)
    assert trusted[-1] == "captured"


def test_processing_is_not_paid() -> None:
    rank = CARD_AND_BANK["authorised"].rank

    assert (rank.payment, rank.paid) == ("pending", False)


def test_each_has_a_tone_and_a_headline_that_can_be_filled_in() -> None:
    for status in CARD_AND_BANK.values():
        assert status.tone in State.values
        text = status.headline.format(amount="$329.00", means="Visa •4242")
        assert text and "{" not in text

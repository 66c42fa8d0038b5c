"""The order of pay-at-close statuses, from the first step to the last that may overrule all."""

from activity.models import State
from payments.providers.pay_at_close.statuses import PAY_AT_CLOSE
from payments.providers.statuses import COMMON

BY_RANK = [
    "offered",
    "selected",
    "agreement_signed",
    "info_needed",
    "submitted",
    "approved",
    "failed",
    "cancelled",
    "funded",
    "refund_queued",
    "voided",
    "collected_at_closing",
    "backup_charged",
    "refunded",
    "refund_failed",
    "charged_back",
]


def test_a_later_status_overrules_an_earlier_one() -> None:
    assert sorted(PAY_AT_CLOSE, key=lambda name: PAY_AT_CLOSE[name].rank.rank) == BY_RANK


def test_money_came_with_three_of_them() -> None:
    paid = [name for name in BY_RANK if PAY_AT_CLOSE[name].rank.paid]

    assert paid == ["funded", "collected_at_closing", "backup_charged"]
    assert max(PAY_AT_CLOSE.values(), key=lambda s: s.rank.amount or 0).word == "received"
    assert PAY_AT_CLOSE["funded"].rank.amount == 100


def test_among_card_steps_the_order_stays() -> None:
    ranks = COMMON.ranks.card
    steps = [name for name in BY_RANK if PAY_AT_CLOSE[name].rank_among_card is not None]

    assert sorted(steps, key=lambda name: ranks[name].rank) == steps
    assert ranks["approved"].rank < ranks["authorised"].rank
    assert ranks["captured"].rank < ranks["funded"].rank < ranks["settled"].rank
    assert ranks["settled"].rank < ranks["collected_at_closing"].rank


def test_each_has_a_tone_and_a_headline_that_can_be_filled_in() -> None:
    for status in PAY_AT_CLOSE.values():
        assert status.tone in State.values
        text = status.headline.format(amount="$329.00", means="card")
        assert text and "{" not in text

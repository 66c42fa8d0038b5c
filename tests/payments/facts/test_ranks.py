"""Rank tables by kind of order, and the words that mean the same for every provider."""

from payments.facts.ranks import CHARGED_BACK, IMPLY_PAID, REFUND_STAGES, STAGE_RANKS, Rank, Ranks
from payments.providers.statuses import COMMON

RANKS = Ranks(
    pac={"funded": Rank(1, "completed"), "failed": Rank(2, "failed")},
    card={"captured": Rank(1, "completed"), "failed": Rank(3, "failed")},
)


def test_what_only_card_orders_have_tells_the_family() -> None:
    assert RANKS.card_only == {"captured"}


def test_each_family_has_its_table() -> None:
    assert RANKS.of("card")["failed"].rank == 3
    assert RANKS.of("pac")["failed"].rank == 2


def test_a_status_is_known_in_orders_of_either_family() -> None:
    assert RANKS.knows("funded") and RANKS.knows("captured")
    assert not RANKS.knows("levitated")
    assert not Ranks().knows("funded")


def test_a_refund_goes_through_stages_in_one_direction() -> None:
    assert set(REFUND_STAGES.values()) == set(STAGE_RANKS)
    assert STAGE_RANKS["queued"] < STAGE_RANKS["completed"] < STAGE_RANKS["failed"]


def test_what_proves_that_money_came_never_gives_the_payment_its_amount() -> None:
    """A refund's or a dispute's amount is a part; other facts give the payment's."""
    assert {*REFUND_STAGES, *CHARGED_BACK} == IMPLY_PAID
    for table in (COMMON.ranks.pac, COMMON.ranks.card):
        assert all(table[name].amount is None for name in IMPLY_PAID if name in table)

"""A provider's statuses: by kind of order, with its own on top."""

from decimal import Decimal

import pytest

from core.money import AmountError, to_minor
from payments.facts.ranks import Rank
from payments.providers.base import ProviderKind, Status, Statuses
from payments.providers.registry import PROVIDERS
from payments.providers.statuses import COMMON


def status(rank: int, headline: str = "Done", among_card: int | None = None) -> Status:
    return Status(Rank(rank, "completed", rank), "neutral", "", headline, among_card)


def test_an_own_status_wins_over_the_common_one_and_leaves_it_alone() -> None:
    own = status(1, "Other words")
    statuses = COMMON.plus(card={"captured": own, "new": status(2)})

    assert statuses.find("captured", is_card=True) == own
    assert statuses.ranks.card["captured"].rank == 1
    assert COMMON.ranks.card["captured"].rank == 30
    assert not COMMON.ranks.knows("new")


def test_a_step_at_closing_has_another_rank_among_card_steps() -> None:
    statuses = Statuses(pay_at_close={"funded": status(100, among_card=31)})

    assert statuses.ranks.pac["funded"].rank == 100
    assert statuses.ranks.card["funded"] == Rank(31, "completed", 100)


def test_a_step_at_closing_that_would_vanish_among_card_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="“wired” needs a rank"):
        COMMON.plus(pay_at_close={"wired": status(90)})


def test_words_of_the_other_kind_of_order_are_better_than_none() -> None:
    failed = COMMON.find("failed", is_card=True), COMMON.find("failed", is_card=False)

    assert [match.word for match in failed if match] == ["declined", "failed"]
    assert COMMON.find("captured", is_card=False) == COMMON.card["captured"]
    assert COMMON.find("levitated", is_card=True) is None


def test_who_reports_nothing_has_no_statuses() -> None:
    assert not Statuses()
    assert COMMON


def test_minor_units_are_the_providers_own_and_not_the_books() -> None:
    kind = ProviderKind("odd_pay", "Odd Pay", minor_decimals={"UGX": 2, "USD": 2, "KWD": 3})

    assert kind.minor_units("UGX") == 2
    assert kind.to_minor(Decimal(500), "UGX") == 50000
    assert to_minor(Decimal(500), "UGX") == 500
    assert kind.to_minor(Decimal("340.52"), "USD") == 34052
    with pytest.raises(AmountError, match="too many decimals"):
        kind.to_minor(Decimal("0.005"), "USD")


@pytest.mark.parametrize("kind", PROVIDERS, ids=lambda kind: kind.slug)
def test_no_minor_unit_is_guessed(kind: ProviderKind) -> None:
    with pytest.raises(AmountError, match=f"{kind.label} takes no minor units of XAU"):
        kind.minor_units("XAU")

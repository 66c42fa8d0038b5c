"""Figures of an older system next to ours. Pure."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from accounts.models import Brand
from audit import legacy
from audit.legacy import LegacyFigure
from invoicing.queries.settlements import JobSettlement
from tests.factories import BrandFactory

D = Decimal


def test_amounts_differ_by_what_the_older_system_has_more() -> None:
    more = LegacyFigure("totalWithFees", D("517.95"), D("500.00"))

    assert (more.differs, more.off_by) == (True, D("17.95"))


def test_words_differ_and_have_no_distance() -> None:
    words = LegacyFigure("isPaid", "yes", "no")

    assert (words.differs, words.off_by) == (True, D(0))


def test_equal_amounts_of_another_precision_agree() -> None:
    assert not LegacyFigure("paid", D("5"), D("5.00")).differs


def test_figures_of_all_sources_come_together_by_job(monkeypatch: pytest.MonkeyPatch) -> None:
    one = LegacyFigure("paid", D("1"), D("1"))
    other = LegacyFigure("balance", D("2"), D("3"))

    def first(brand: Brand, jobs: Mapping[int, JobSettlement]) -> Mapping[int, list[LegacyFigure]]:
        return {7: [one]}

    def second(brand: Brand, jobs: Mapping[int, JobSettlement]) -> Mapping[int, list[LegacyFigure]]:
        return {7: [other], 8: [one]}

    monkeypatch.setattr(legacy, "sources", [first, second])

    assert legacy.figures(BrandFactory.build(), {}) == {7: [one, other], 8: [one]}

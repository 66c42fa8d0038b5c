"""Where figures of older systems are compared with ours: a list that importers fill.

An import may store what its old system reported of a job (its totals, what was open). Such a figure
never counts (docs/decisions/004); explanations and audits say where it disagrees, and by how much.
An app that stores some appends a function to ``sources`` in ``AppConfig.ready()``.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Brand
from core.money import ZERO
from invoicing.queries.settlements import JobSettlement


@dataclass(frozen=True)
class LegacyFigure:
    """What an older system ``reported`` next to our own figure.

    ``name`` is the old system's own word ("remaining_balance"). Both are amounts in the brand's
    currency, or words ("yes"). ``cause`` says why they differ, where that is known.
    """

    name: str
    reported: Decimal | str
    ours: Decimal | str
    cause: str = ""

    @property
    def differs(self) -> bool:
        """Whether the two disagree."""
        return self.reported != self.ours

    @property
    def off_by(self) -> Decimal:
        """By how much the older system's figure is above ours; zero of words."""
        if isinstance(self.reported, str) or isinstance(self.ours, str):
            return ZERO
        return self.reported - self.ours


# The brand and some of its jobs' settlements → by job id, what was imported of each.
Source = Callable[[Brand, Mapping[int, JobSettlement]], Mapping[int, Sequence[LegacyFigure]]]

sources: list[Source] = []


def figures(
    brand: Brand, settlements: Mapping[int, JobSettlement]
) -> dict[int, list[LegacyFigure]]:
    """All that older systems reported of these jobs of ``brand``, by job id.

    As many queries as the sources need, however many jobs.
    """
    by_job: defaultdict[int, list[LegacyFigure]] = defaultdict(list)
    for source in sources:
        for job_id, rows in source(brand, settlements).items():
            by_job[job_id] += rows
    return dict(by_job)

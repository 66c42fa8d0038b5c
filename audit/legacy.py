"""Where figures of older systems are compared with ours: a list that importers fill.

An import may keep what its old system said of a job (its totals, what remained). Such a figure
never counts; explanations and audits tell where it disagrees, and by how much. Whoever keeps
some appends a function to ``sources`` in ``AppConfig.ready()``.
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
    """What an older system said (``told``) beside what we say.

    ``name`` is the old system's own word ("remaining_balance"). Both are amounts in the brand's
    currency, or words ("yes"). ``cause`` says why they differ, where that is known.
    """

    name: str
    told: Decimal | str
    ours: Decimal | str
    cause: str = ""

    @property
    def differs(self) -> bool:
        """Whether the older system says something else."""
        return self.told != self.ours

    @property
    def off_by(self) -> Decimal:
        """By how much the older system says more than we do; zero of words."""
        if isinstance(self.told, str) or isinstance(self.ours, str):
            return ZERO
        return self.told - self.ours


# The brand and some of its jobs' settlements → by job id, what was imported of each.
Source = Callable[[Brand, Mapping[int, JobSettlement]], Mapping[int, Sequence[LegacyFigure]]]

sources: list[Source] = []


def figures(
    brand: Brand, settlements: Mapping[int, JobSettlement]
) -> dict[int, list[LegacyFigure]]:
    """All that older systems said of these jobs of ``brand``, by job id.

    As many queries as the sources need, however many jobs.
    """
    found: defaultdict[int, list[LegacyFigure]] = defaultdict(list)
    for source in sources:
        for job_id, told in source(brand, settlements).items():
            found[job_id] += told
    return dict(found)

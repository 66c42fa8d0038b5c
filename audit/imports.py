"""What imports reported of money, compared with the ledger: a list that importers fill.

Other than an older system's figures (``audit.legacy``) this is what the import itself was made of:
a difference is a fault here. An app that can compare appends a function to ``sources`` in
``AppConfig.ready()``.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from accounts.models import Brand
from audit.findings import Finding
from workorders.models import WorkOrder

# The brand and some of its jobs → what does not agree; as many queries however many jobs.
Source = Callable[[Brand, Sequence[WorkOrder]], Iterable[Finding]]

sources: list[Source] = []


def findings(brand: Brand, jobs: Sequence[WorkOrder]) -> Iterator[Finding]:
    """Where the ledger holds something else than was imported."""
    for source in sources:
        yield from source(brand, jobs)

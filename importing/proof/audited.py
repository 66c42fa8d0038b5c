"""The imported jobs of an audit: what their files said of the money, and what the ledger holds."""

from collections.abc import Iterator, Sequence

from accounts.models import Brand
from audit.findings import Finding
from core.money import ZERO, quantize
from importing.format.job import Job
from importing.models import ImportedJob
from importing.proof.check import Difference, differences
from importing.proof.sums import Sums
from workorders.models import WorkOrder

CAUSE = (
    "The import lost or added money, or the ledger was written to: "
    "nobody moved this payment’s money here since."
)


def findings(brand: Brand, jobs: Sequence[WorkOrder]) -> Iterator[Finding]:
    """Payments of which the ledger holds another sum than their file says, job by job."""
    numbers = {job.pk: job.number for job in jobs}
    rows = ImportedJob.objects.filter(brand=brand, work_order__in=numbers)
    context = {"currency": brand.currency}
    lines = {row.work_order_id: Job.model_validate(row.line, context=context) for row in rows}
    for one in differences(brand, lines):
        yield from _of(brand, numbers[one.job], one)


def _of(brand: Brand, number: str, one: Difference) -> Iterator[Finding]:
    theirs, ours = one.reported.sums, one.held or Sums()
    where = f"{one.reported.path} of the import"
    names = ["received", "refunded"] if not one.has_other_fee else ["fee"]
    for name in names:
        actual, should = getattr(ours, name) or ZERO, getattr(theirs, name) or ZERO
        if actual != should:
            yield Finding(
                "import",
                brand.slug,
                number,
                f"{name} of {where}",
                CAUSE,
                quantize(actual, brand.currency),
                quantize(should, brand.currency),
                currency=brand.currency,
            )

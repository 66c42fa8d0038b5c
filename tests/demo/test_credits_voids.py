"""Credits and the invoices that they pay."""

from decimal import Decimal

from demo import credits_voids
from tests.demo.lines import BOISE, jobs


def test_one_credit_pays_two_invoices_to_the_last_cent() -> None:
    by_number = jobs(credits_voids.lines(BOISE))

    credits = [credit for job in by_number.values() for credit in job.credits]
    (shared,) = [credit for credit in credits if len(credit.applied) == 2]
    assert {use.invoice[:6] for use in shared.applied} == {"FHI651", "FHI652"}
    assert sum(use.amount for use in shared.applied) == shared.amount == Decimal(250)

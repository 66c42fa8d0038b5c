"""Jobs of 1000.00 in two items, at every stage of their payment."""

from decimal import Decimal

from demo import items
from tests.demo.lines import BOISE, jobs


def test_the_deposit_is_half_and_the_job_of_items_is_1000() -> None:
    by_number = jobs(items.lines(BOISE))

    assert by_number["FHI641"].payments == ()
    for number in ("FHI641", "FHI642", "FHI643"):
        assert sum(charge.amount for charge in by_number[number].charges) == Decimal(1000)
    assert sum(payment.amount for payment in by_number["FHI642"].payments) == Decimal(500)

"""Jobs like RIA2159: 500.00 each, with and without the fee."""

from decimal import Decimal

from demo import missing_fee
from tests.demo.lines import DENVER, jobs


def test_each_job_is_of_500_and_its_card_brings_the_fee_or_not() -> None:
    by_number = jobs(missing_fee.lines(DENVER))

    assert {sum(c.amount for c in job.charges) for job in by_number.values()} == {Decimal(500)}
    cards = [p for job in by_number.values() for p in job.payments if p.method == "card"]
    assert {card.amount - (card.fee_amount or 0) for card in cards} == {Decimal(500)}
    assert Decimal("17.95") in {card.fee_amount for card in cards}
    assert Decimal(0) in {card.fee_amount for card in cards}

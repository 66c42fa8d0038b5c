"""Payments whose ledger an older release left behind are posted again, once."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from accounts.models import Brand
from audit.run import Count, audit
from invoicing.models import LedgerEntry
from invoicing.queries.printed import as_printed
from invoicing.queries.settlements import job_settlement
from payments.domain.backfill import left_behind, post_left_behind
from payments.domain.post import post
from payments.domain.record import Manual, record_check_over, record_payment
from payments.models import MoneyBackShare, Payment, Refund
from tests.factories import RefundFactory, WorkOrderFactory
from workorders.domain import charges, jobs
from workorders.domain.charges import ChargeLine
from workorders.models import WorkOrder, WorkOrderStatus

D = Decimal
OCT_31 = datetime(2025, 10, 31, 18, 0, tzinfo=UTC)


@pytest.fixture
def pair(brand: Brand) -> list[WorkOrder]:
    """FHI1 and FHI2, billed 120.00 and 130.00."""
    made: list[WorkOrder] = [WorkOrderFactory(brand=brand, number=n) for n in ("FHI1", "FHI2")]
    for job, amount in zip(made, ("120.00", "130.00"), strict=True):
        charges.replace_charges(brand, job.pk, [ChargeLine("Inspection", D(amount))])
        jobs.set_status(brand, job.pk, WorkOrderStatus.CONFIRMED)
    return made


def is_sound(brand: Brand) -> bool:
    return not [f for f in audit([brand], Count()) if f.is_ours]


def test_what_the_ledger_says_already_is_left_alone(brand: Brand, pair: list[WorkOrder]) -> None:
    record_payment(brand, pair[0], D("120.00"), Manual("cash", "7"), by="Priya")

    assert (left_behind().count(), post_left_behind()) == (0, 0)


def test_a_line_of_another_day_and_number_is_printed_again(
    brand: Brand, pair: list[WorkOrder]
) -> None:
    cash = record_payment(brand, pair[0], D("120.00"), Manual("cash", "7"), by="Priya")
    # As an older release corrected it: the ledger kept what it had printed.
    Payment.objects.filter(pk=cash.pk).update(
        happened_at=OCT_31, paid_at=OCT_31, confirmed_at=OCT_31, reference="8"
    )
    assert not is_sound(brand)

    assert post_left_behind() == 1

    (line,) = as_printed(LedgerEntry.objects.filter(source=f"payment:{cash.pk}"))
    assert (line.occurred_on.isoformat(), line.reference) == ("2025-10-31", "8")
    assert is_sound(brand)
    assert post_left_behind() == 0


@pytest.mark.usefixtures("unwatched")
def test_money_back_that_one_job_alone_gave_is_shared(brand: Brand, pair: list[WorkOrder]) -> None:
    shares = list(zip(pair, (D("120.00"), D("130.00")), strict=True))
    cash = record_check_over(brand, shares, Manual("cash"), by="Priya")
    refund = RefundFactory(payment=cash, amount=D("100.00"))
    post(cash)
    assert [job_settlement(job).whole.balance for job in pair] == [D("100.00"), D("0.00")]
    # As an import of an older release left it: it names no job.
    Refund.objects.filter(pk=refund.pk).update(share_of=None)

    assert post_left_behind() == 1

    assert [job_settlement(job).whole.balance for job in pair] == [D("48.00"), D("52.00")]
    assert MoneyBackShare.objects.count() == 2
    assert is_sound(brand)
    assert post_left_behind() == 0

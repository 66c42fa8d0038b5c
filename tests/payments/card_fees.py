"""Card payments as providers report them, and what the job's settlement makes of their fee."""

from decimal import Decimal
from typing import Any

from invoicing.models import JobBalance
from invoicing.queries.settlements import job_settlement
from invoicing.settlement.types import Settlement
from payments.ingest.incoming import IncomingFact
from tests.payments.conftest import incoming
from workorders.models import WorkOrder

D = Decimal
CREDIT = {"funding": "credit", "last4": "4242"}
DEBIT = {"funding": "debit", "last4": "4242"}


def captured(amount: str, fee: str | None = None, data: Any = None, **rest: Any) -> IncomingFact:
    values = {"method": "card", "fee": None if fee is None else D(fee), "data": data or CREDIT}
    return incoming("captured", rest.pop("minute", 1), amount, **{**values, **rest})


def whole(job: WorkOrder) -> Settlement:
    """The job's settlement; its rollup must say the same."""
    answer = job_settlement(job).whole
    row = JobBalance.objects.get(work_order=job)
    assert (row.billed, row.balance, row.word) == (answer.billed, answer.balance, answer.word)
    assert row.fee_uncollected == answer.fee.open
    return answer


def figures(job: WorkOrder) -> tuple[str, ...]:
    """billed, received, balance, uncollected fee, and the word."""
    s = whole(job)
    return (*map(str, (s.billed, s.received, s.balance, s.fee.uncollected)), s.word)

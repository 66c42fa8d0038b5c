"""Jobs whose items are billed, paid, ordered and given back, in few words."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Brand
from invoicing.models import Invoice, Item
from invoicing.queries import items as reads
from invoicing.queries import settlements as queries
from payments.domain import record
from payments.models import Method, Payment
from payments.refunds import verbs
from tests.invoicing.billed_jobs import charge, confirm, line
from workorders.models import WorkOrder

D = Decimal
State = list[tuple[str, str, str]]


def bill(job: WorkOrder, *amounts: str) -> Invoice:
    """The job confirmed with lines "Item 1", "Item 2", …; its first invoice."""
    charge(job, *(line(a, f"Item {n}") for n, a in enumerate(amounts, start=1)))
    confirm(job)
    return Invoice.objects.get(work_order=job, sequence=1)


def check(job: WorkOrder, amount: str, *, clears: bool = True) -> Payment:
    """A check; confirmed unless it still has to clear."""
    money = record.Manual(method=Method.CHECK, reference="1234")
    payment = record.record_payment(job.brand, job, D(amount), money, by="Dana")
    return record.confirm(payment, by="Dana") if clears else payment


def cash(job: WorkOrder, amount: str) -> Payment:
    money = record.Manual(method=Method.CASH)
    return record.record_payment(job.brand, job, D(amount), money, by="Dana")


def give_back(payment: Payment, services: str) -> None:
    """Refund services without a credit note: the client owes them again."""
    refund = verbs.queue_refund(payment, D(services), reason="Owed again", by="Dana")
    verbs.complete_refund(refund, reference=f"re_{refund.pk}")


def rows(job: WorkOrder) -> list[Item]:
    return list(Item.objects.filter(work_order=job).order_by("charge__position", "charge_id"))


def state(job: WorkOrder) -> State:
    """Covered, payment status and fulfilment of each charge."""
    return [(f"{i.covered:.2f}", i.status, i.fulfilment) for i in rows(job)]


def agrees(*jobs: WorkOrder) -> None:
    """What rows and sums of items say is what the settlements say, to the cent."""
    brand = jobs[0].brand
    answers = queries.job_settlements(brand, [job.pk for job in jobs])
    for job in jobs:
        by_charge = {i.key: i for i in answers[job.pk].whole.items}
        billed = [row for row in rows(job) if row.invoice_id is not None]
        assert {row.charge_id for row in billed} == set(by_charge)
        for row in billed:
            settled = by_charge[row.charge_id]
            assert (row.total, row.covered, row.status) == (
                settled.total,
                settled.covered,
                settled.status,
            )
    whole = reads.summary(brand, work_order_ids=[job.pk for job in jobs])
    settlements = [answer.whole for answer in answers.values()]
    assert whole.total == sum(s.services for s in settlements)
    assert whole.covered == sum(i.covered for s in settlements for i in s.items)
    assert whole.total == sum(row.total for row in whole.rows)
    assert whole.covered == sum(row.covered for row in whole.rows)
    assert whole.count == sum(row.count for row in whole.rows)


def ids(job: WorkOrder) -> list[int]:
    return [item.pk for item in rows(job)]


def fulfilment(job: WorkOrder) -> list[str]:
    return [item.fulfilment for item in rows(job)]


def refused(verb: Any, brand: Brand, chosen: list[int]) -> str:
    """What a refusal says; it names the field, and nothing was moved."""
    before = list(Item.objects.order_by("pk").values_list("pk", "fulfilment"))
    with pytest.raises(ValidationError) as caught:
        verb(brand, chosen)
    assert set(caught.value.message_dict) == {"items"}
    assert list(Item.objects.order_by("pk").values_list("pk", "fulfilment")) == before
    return " ".join(caught.value.messages)

"""How a payment and the quote of its fee read on the timeline."""

from decimal import Decimal

from activity.actors import acting_as, system
from activity.describe import render
from activity.models import Entry
from activity.projection import project_pending
from tests.payments.refund_requests import card
from tests.tripwire import unsettled
from workorders.models import WorkOrder

D = Decimal


def sentences(code: str) -> list[tuple[str, str, str]]:
    project_pending()
    entries = Entry.objects.filter(code=code).order_by("pk")
    rendered = [(render(e.code, {**e.data, "currency": "USD"}), e.actor_label) for e in entries]
    return [(s.headline, s.second, who) for s, who in rendered]


def test_a_fee_that_is_fixed_later_reads_as_what_is_expected(job: WorkOrder) -> None:
    payment = card(job)
    payment.fee_expected, payment.uncollected = D("17.95"), "bill"
    with acting_as(system()):
        payment.save()

    ((headline, second, _),) = sentences("payment.changed")

    assert headline == "Technology fee expected: $17.95"
    assert "A missing fee is: nothing → Billed to the client" in second


def test_parts_that_follow_from_other_money_read_as_what_they_are_now(job: WorkOrder) -> None:
    payment = card(job)
    whole = payment.amount
    payment.services_amount, payment.fee_amount = whole - D("11.90"), D("11.90")
    payment.fee_expected, payment.uncollected = D("11.90"), "absorb"
    with acting_as(system()), unsettled():
        payment.save()

    ((headline, second, _),) = sentences("payment.changed")

    assert headline == f"Parts of ${whole:,.2f} worked out again"
    assert f"Services ${whole - D('11.90'):,.2f} + technology fee $11.90." in second


def test_a_fee_that_is_fixed_with_the_payment_is_a_detail_of_it(job: WorkOrder) -> None:
    with acting_as(system()):
        payment = card(job)
        payment.fee_expected, payment.uncollected = D("17.95"), "absorb"
        payment.save()

    assert sentences("payment.changed") == []
    (entry,) = Entry.objects.filter(code="payment.added")
    (detail,) = [d for d in render(entry.code, entry.data).details if d[0] == "Fee quote"]
    assert "Technology fee expected: nothing → $17.95" in detail[1]

"""How a refund of ours reads on the timeline, from asking to its end."""

from decimal import Decimal

from activity.actors import Actor, ActorKind, acting_as, system
from activity.describe import render
from activity.models import Entry
from activity.projection import project_pending
from payments.refunds.undo import cancel_refund
from payments.refunds.verbs import complete_refund, fail_refund
from tests.factories import PaymentFactory
from tests.payments.refund_requests import card, queue
from tests.tripwire import unsettled
from workorders.models import WorkOrder

D = Decimal


def sentences(code: str) -> list[tuple[str, str, str]]:
    project_pending()
    entries = Entry.objects.filter(code=code).order_by("pk")
    rendered = [(render(e.code, {**e.data, "currency": "USD"}), e.actor_label) for e in entries]
    return [(s.headline, s.second, who) for s, who in rendered]


def test_the_timeline_tells_a_refund_from_asking_to_done(job: WorkOrder) -> None:
    with acting_as(Actor(ActorKind.STAFF, "Priya Nair", "3")):
        refund = queue(card(job, "340.52", "11.52"), "204.00")
    with acting_as(Actor(ActorKind.STAFF, "Miguel Santos", "2")):
        complete_refund(refund, reference="re_123")

    assert sentences("refund.added") == [
        (
            "Refund R-1 of $211.14 queued",
            "Services $204.00 + technology fee $7.14. Reason: Cancelled; no cancellation fee",
            "Priya Nair",
        )
    ]
    assert sentences("refund.changed") == [
        ("Refund R-1 of $211.14 done at the provider · reference re_123", "", "Miguel Santos")
    ]


def test_the_timeline_names_who_asks_where_nobody_acts_yet(job: WorkOrder) -> None:
    check = PaymentFactory(work_order=job, reference="1234")
    refund = queue(check, "29.00", by="Dana Whitfield")
    complete_refund(refund, reference="check 5120")

    assert sentences("refund.added")[0][2] == "Dana Whitfield"
    assert (
        sentences("refund.changed")[0][0] == "Refund R-1 of $29.00 returned · reference check 5120"
    )


def test_the_timeline_says_why_it_was_called_off_or_failed(job: WorkOrder) -> None:
    payment = card(job)
    cancel_refund(queue(payment, "1.00"), reason="Client keeps it")
    fail_refund(queue(payment, "2.00"), why="account closed")

    assert [s[:2] for s in sentences("refund.changed")] == [
        ("Refund R-1 of $1.04 cancelled", "Reason: Client keeps it"),
        (
            "Refund R-2 of $2.07 failed",
            "Bank said: account closed. The money was not returned: return it another way.",
        ),
    ]


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

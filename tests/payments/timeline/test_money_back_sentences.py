"""How refunds read, from asking to done."""

from decimal import Decimal

from activity.actors import Actor, ActorKind, acting_as
from activity.describe import render
from activity.models import Entry
from activity.projection import project_pending
from payments.refunds.undo import cancel_refund
from payments.refunds.verbs import complete_refund, fail_refund
from tests.factories import PaymentFactory
from tests.payments.refund_requests import card, queue
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

"""The work order page over HTTP: figures, filters, links, polls, exports, odd input."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Brand
from activity.actors import Actor, ActorKind, acting_as
from activity.models import Entry, Thread
from activity.projection import project_pending
from console.feed import live
from core import clock
from invoicing.settlement.types import Uncollected
from payments.models import AttemptStatus, PaymentStatus, RefundStatus
from tests.console.settled_jobs import fee_policy, paid_without_fee, settle
from tests.factories import (
    AttemptFactory,
    ChargeFactory,
    NoteFactory,
    PaymentFactory,
    RefundFactory,
    WorkOrderFactory,
)
from tests.html import one_line
from workorders.models import WorkOrder

DANA = Actor(ActorKind.STAFF, "Dana Whitfield", "7")
Page = Callable[..., str]


@pytest.fixture
def job(brand: Brand) -> WorkOrder:
    with acting_as(DANA):
        made: WorkOrder = WorkOrderFactory(brand=brand, number="FHI624")
    return made


@pytest.fixture
def page(csr: Browser, job: WorkOrder) -> Page:
    def get(name: str = "work_order", status: int = 200, **query: Any) -> str:
        url = reverse(name, args=["fhi", job.number])
        response = csr.get(url, query)
        assert response.status_code == status
        return one_line(response.content.decode())

    return get


def _paid_declined_refunded(job: WorkOrder) -> None:
    with acting_as(DANA):
        ChargeFactory(work_order=job, amount=Decimal("329.00"))
    with acting_as(DANA):
        AttemptFactory(work_order=job, amount=Decimal("340.52"))
    with acting_as(DANA):
        payment = PaymentFactory(work_order=job, amount=Decimal("340.52"), reference="1234")
    with acting_as(DANA):
        RefundFactory(payment=payment, amount=Decimal("211.14"))
    with acting_as(DANA):
        PaymentFactory(work_order=job, amount=Decimal("20.00"), status=PaymentStatus.PENDING)


def _figures(browser: Browser, job: WorkOrder, **query: str) -> dict[str, dict[str, Any]]:
    answer = browser.get(reverse("work_order", args=["fhi", job.number]), query)
    return {figure["key"]: figure for figure in answer.context["figures"]}


def test_the_equation_adds_up_and_says_its_word(csr: Browser, page: Page, job: WorkOrder) -> None:
    _paid_declined_refunded(job)
    settle(job)

    figures_by_key = _figures(csr, job)

    assert {key: str(figure["amount"]) for key, figure in figures_by_key.items()} == {
        "billed": "329.00",
        "credits": "0.00",
        "received": "340.52",
        "refunded": "211.14",
        "balance": "199.62",
        "pending": "20.00",
    }
    assert figures_by_key["balance"]["state"] == "Partly paid"
    html = page()
    figures = html[html.index('id="figures"') :][:4000]
    for amount in ("329.00", "340.52", "211.14", "$199.62", "20.00"):
        assert f">{amount}</span>" in figures


def test_each_figure_is_the_sum_of_the_rows_under_it(csr: Browser, job: WorkOrder) -> None:
    _paid_declined_refunded(job)
    settle(job)

    for key in ("billed", "credits", "received", "refunded", "pending"):
        figure = _figures(csr, job, show=key)[key]
        url = reverse("work_order", args=["fhi", job.number])
        shown = csr.get(url, {"show": key}).context["why_shown"]

        assert figure["active"]
        assert sum((row.amount for row in shown.rows), Decimal(0)) == figure["amount"]


@pytest.mark.parametrize(
    ("show", "there", "gone"),
    [
        ("billed", "FHI624 issued · $329.00", "Attempt 1"),
        ("received", "$340.52", "$20.00 by"),
        ("refunded", "$211.14 refunded", "Attempt 1"),
        ("pending", "$20.00", "$211.14 refunded"),
        ("problems", "insufficient funds", "$211.14 refunded"),
    ],
)
def test_a_figure_links_to_its_rows(
    page: Page, job: WorkOrder, show: str, there: str, gone: str
) -> None:
    _paid_declined_refunded(job)
    settle(job)

    feed = page(show=show).split("data-timeline", 1)[1].split("<aside", 1)[0]

    assert there in feed
    assert gone not in feed


def test_the_payment_view_leaves_the_rest_to_the_activity_tab(page: Page, job: WorkOrder) -> None:
    with acting_as(DANA):
        NoteFactory(work_order=job, text="Gate code 4711")

    payments = page().split("data-timeline", 1)[1].split("<aside", 1)[0]

    assert "Gate code 4711" not in payments
    assert "Gate code 4711" in page("work_order_activity")


def test_an_empty_filter_says_what_it_hides(page: Page, job: WorkOrder) -> None:
    with acting_as(DANA):
        PaymentFactory(work_order=job, amount=Decimal("5.00"))

    html = page(show="refunds")

    assert "Nothing matches these filters" in html
    assert "Show everything" in html


@pytest.mark.parametrize(
    ("name", "value"), [("since", "yesterday"), ("until", "2026-02-31"), ("payment", "P-x")]
)
def test_a_wrong_filter_is_named_at_its_field(page: Page, name: str, value: str) -> None:
    html = page(**{name: value})

    assert f'id="feed-{name}-error"' in html


@pytest.mark.parametrize(
    "query",
    [
        {"after": "garbage"},
        {"before": "bnVsbA"},
        {"entry": "9" * 40},
        {"entry": "²"},
        {"open": "x,9,²," + "9" * 30},
        {"show": "\x00"},
        {"ref": "\x00pi_"},
        {"source": "nobody", "state": "?"},
        {"payment": "P-99999999999999"},
        {"flat": "1", "order": "oldest", "after": "WzEsMl0"},
    ],
)
def test_odd_input_is_an_ordinary_page(page: Page, query: dict[str, str]) -> None:
    page(**query)


@pytest.mark.parametrize("number", ["%00", "FHI%00624", "nope"])
def test_a_job_that_cannot_exist_is_a_404(csr: Browser, brand: Brand, number: str) -> None:
    assert csr.get(f"/b/fhi/work-orders/{number}/").status_code == 404
    assert csr.get(f"/b/fhi/work-orders/{number}/updates/?since=1:1:").status_code == 404


def test_queries_do_not_grow_with_the_payments(
    csr: Browser, brand: Brand, django_assert_num_queries: Any
) -> None:
    small, large = WorkOrderFactory(brand=brand), WorkOrderFactory(brand=brand)
    for job, count in ((small, 1), (large, 3)):
        for _ in range(count):
            payment = PaymentFactory(work_order=job)
            AttemptFactory(work_order=job)
            RefundFactory(payment=payment)
        settle(job)
    project_pending()
    csr.get(reverse("work_order", args=["fhi", small.number]))

    with CaptureQueriesContext(connection) as one:
        csr.get(reverse("work_order", args=["fhi", small.number]))

    with django_assert_num_queries(len(one)):
        csr.get(reverse("work_order", args=["fhi", large.number]))


def test_a_long_thread_shows_five_rows_and_the_rest_on_demand(page: Page, job: WorkOrder) -> None:
    payment = PaymentFactory(work_order=job)
    for n in range(8):
        with acting_as(DANA):
            payment.note = f"note number {n}"
            payment.save()

    html = page()
    thread = Thread.objects.get(kind="payment")

    assert "note number 7" in html
    assert "note number 1" not in html
    assert "Show 4 earlier steps" in html
    assert "note number 1" in page(open=str(thread.pk))


def test_a_deep_link_finds_its_row_on_whichever_page_it_is(page: Page, job: WorkOrder) -> None:
    for n in range(45):
        with acting_as(DANA, at=clock.now() - timedelta(days=n)):
            ChargeFactory(work_order=job, description=f"charge {n}")
    project_pending()
    oldest = Entry.objects.filter(code="charges.changed").order_by("occurred_at").first()
    assert oldest is not None

    assert f'id="e-{oldest.pk}"' not in page()
    assert f'id="e-{oldest.pk}"' in page(entry=str(oldest.pk))


def test_a_permalink_leads_to_the_tab_that_has_the_row(
    csr: Browser, brand: Brand, job: WorkOrder
) -> None:
    with acting_as(DANA):
        NoteFactory(work_order=job)
    project_pending()
    entry = Entry.objects.get(kind="note")

    response = csr.get(reverse("entry", args=["fhi", entry.pk]))

    activity = reverse("work_order_activity", args=["fhi", job.number])
    assert response["Location"] == f"{activity}?entry={entry.pk}#e-{entry.pk}"


@pytest.mark.django_db(transaction=True)  # what a snapshot sees are other transactions
def test_a_poll_counts_what_the_page_has_not_seen(page: Page, job: WorkOrder) -> None:
    page()
    since = live.snapshot()

    assert "new event" not in page("work_order_updates", since=since)

    with acting_as(DANA), transaction.atomic():
        # As old as can be: new means "not on this page", not "later".
        PaymentFactory(work_order=job, happened_at=clock.now() - timedelta(days=900))

    assert "1 new event" in page("work_order_updates", since=since)


@pytest.mark.parametrize(
    "since", ["", "x", "5:10:10", "0:1:", "9:5:", "5:10:7,6", f"1:{10**20}:", "1:2:\x00"]
)
def test_a_poll_with_a_broken_snapshot_is_refused(page: Page, since: str) -> None:
    assert "since" in page("work_order_updates", status=400, since=since)


def test_a_poll_with_odd_threads_answers(page: Page, job: WorkOrder) -> None:
    page("work_order_updates", since=live.snapshot(), threads="²,x,1," + "9" * 35)


@pytest.mark.usefixtures("unwatched")
def test_pills_of_refunded_payments(page: Page, job: WorkOrder) -> None:
    payment = PaymentFactory(work_order=job, amount=Decimal("100.00"))
    refund = RefundFactory(payment=payment, amount=Decimal("40.00"))
    assert "partly refunded" in page()

    refund.status = RefundStatus.FAILED
    refund.save()

    assert "partly refunded" not in page()
    assert "refund failed" in page()


def test_an_unknown_outcome_says_what_not_to_do(page: Page, job: WorkOrder) -> None:
    with acting_as(DANA):
        PaymentFactory(work_order=job, status=PaymentStatus.UNKNOWN, method="card")
        AttemptFactory(work_order=job, status=AttemptStatus.UNKNOWN)

    assert "Ask the provider before taking it again." in page()


def test_the_brand_feed_and_the_client_page_read_what_no_worker_read_yet(
    csr: Browser, brand: Brand, job: WorkOrder
) -> None:
    with acting_as(DANA):
        PaymentFactory(work_order=job, amount=Decimal("77.70"))

    assert "$77.70" in csr.get(reverse("client", args=["fhi", job.client_id])).content.decode()

    with acting_as(DANA):
        PaymentFactory(work_order=job, amount=Decimal("88.80"))

    assert "$88.80" in csr.get(reverse("brand_activity", args=["fhi"])).content.decode()


def test_a_fee_that_was_not_collected_comes_with_its_verbs(
    csr: Browser, brand: Brand, sign_in_billing: Browser
) -> None:
    fee_policy(brand)
    job = paid_without_fee(brand, "RIA2159")
    url = reverse("work_order", args=["fhi", "RIA2159"])
    key = f"payment:{job.payments.get().pk}"
    waive = reverse("fee_waive", args=["fhi", "RIA2159", key])
    bill = reverse("fee_bill", args=["fhi", "RIA2159", key])

    seen, decided = csr.get(url).content.decode(), sign_in_billing.get(url).content.decode()

    assert "technology fee of $17.95 not collected." in seen
    assert "Technology fee not collected: $17.95" in seen
    assert "Billing staff decide" in seen
    assert waive not in seen
    assert waive in decided
    assert bill in decided


def test_a_fee_that_is_billed_needs_no_decision(csr: Browser, brand: Brand) -> None:
    fee_policy(brand, Uncollected.BILL)
    paid_without_fee(brand, "RIA2159")

    html = one_line(csr.get(reverse("work_order", args=["fhi", "RIA2159"])).content.decode())

    assert "Technology fee of $17.95 is billed to the client and not paid" in html
    assert "Billing staff decide" not in html


def test_the_invoices_of_a_job_are_next_to_its_billing_actions(
    csr: Browser, job: WorkOrder
) -> None:
    ChargeFactory(work_order=job, amount=Decimal("329.00"))
    settle(job, issue=False)
    url = reverse("work_order", args=["fhi", job.number])

    draft = csr.get(url)
    settle(job)
    issued = csr.get(url)

    [row] = draft.context["bills"]
    assert (row.verb, row.total) == ("Issue…", Decimal("329.00"))
    assert row.verb_url in draft.content.decode()
    assert row.verb_url not in issued.content.decode()
    assert "Not issued yet: $329.00 to bill." in draft.content.decode()
    assert [b.settlement.word for b in issued.context["bills"]] == ["Due"]


def test_each_queued_refund_has_only_its_own_verbs(
    sign_in_billing: Browser, job: WorkOrder
) -> None:
    payment = PaymentFactory(work_order=job, amount=Decimal("100.00"))
    for amount in ("20.00", "30.00"):
        RefundFactory(payment=payment, amount=Decimal(amount), status=RefundStatus.QUEUED)

    answer = sign_in_billing.get(reverse("work_order", args=["fhi", job.number]))

    verbs = {n.refund: [a.label for a in rows] for n, rows in answer.context["nexts"] if n.refund}
    assert verbs == {
        "1": ["R-1: done…", "R-1: call off…"],
        "2": ["R-2: done…", "R-2: call off…"],
    }

"""The demo as it is loaded: exact sums, plausible times, no fallback sentences."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from accounts.models import Brand, Membership
from activity.describe import PLAIN, render
from activity.models import Change, Entry
from core import clock
from core.faults import COULD_NOT_SHOW
from demo import data
from demo.build import until
from importing.loader import load
from invoicing.models import Invoice, JobBalance
from invoicing.queries.settlements import job_settlement
from invoicing.settlement.types import Settlement
from payments.models import (
    Dispute,
    Payment,
    PaymentAttempt,
    PaymentException,
    ProviderAccount,
    Refund,
)
from payments.queries import attention_counts
from workorders.models import Charge, WorkOrder


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[datetime]:
    """The demo, loaded once for this file and rolled back after it; the time it was loaded at."""
    with django_db_blocker.unblock(), transaction.atomic():
        started = clock.now()
        call_command("load_demo", stdout=StringIO())
        yield started
        transaction.set_rollback(True)


pytestmark = pytest.mark.slow


def the_job(number: str) -> WorkOrder:
    return WorkOrder.objects.get(number=number)


def money(number: str) -> Settlement:
    job = the_job(number)
    return job_settlement(job).whole


def D(text: str) -> Decimal:
    return Decimal(text)


# services, received, refunded, pending
SUMS = {
    "FHI624": ("125.00", "340.52", "211.14", "0.00"),
    "RIA2159": ("500.00", "500.00", "0.00", "0.00"),
    "FHI701": ("398.36", "412.30", "0.00", "0.00"),
    "FHI702": ("400.00", "414.00", "0.00", "0.00"),
    "FHI703": ("400.00", "0.00", "0.00", "0.00"),
    "FHI704": ("400.00", "414.00", "0.00", "0.00"),
    "FHI705": ("400.00", "414.00", "0.00", "0.00"),
    "FHI706": ("400.00", "414.00", "0.00", "0.00"),
    "FHI707": ("400.00", "414.00", "0.00", "0.00"),
    "FHI708": ("400.00", "400.00", "0.00", "0.00"),
    "FHI709": ("400.00", "414.00", "103.50", "0.00"),
    "FHI710": ("400.00", "0.00", "0.00", "400.00"),
    "FHI711": ("400.00", "0.00", "0.00", "0.00"),
    "FHI712": ("400.00", "400.00", "0.00", "0.00"),
    "FHI713": ("400.00", "0.00", "0.00", "400.00"),
    "FHI714": ("400.00", "414.00", "0.00", "0.00"),
    "FHI715": ("400.00", "0.00", "0.00", "0.00"),
    "FHI716": ("300.00", "300.00", "0.00", "0.00"),
    "FHI717": ("300.00", "300.00", "0.00", "0.00"),
    "FHI718": ("300.00", "300.00", "0.00", "0.00"),
}


@pytest.mark.parametrize("number", SUMS)
def test_sums_are_exact(demo: datetime, number: str) -> None:
    rows = money(number)

    assert (rows.services, rows.received, rows.refunded, rows.pending) == tuple(
        D(x) for x in SUMS[number]
    )


def test_fhi624_is_cancelled_published_and_refunded_to_the_cent(demo: datetime) -> None:
    job = the_job("FHI624")
    payment = Payment.objects.get(work_order=job)
    refund = Refund.objects.get(work_order=job)
    charge = Charge.objects.get(work_order=job)

    assert (job.status, job.published_at is not None) == ("cancelled", True)
    assert (charge.description, charge.service_type, charge.amount) == (
        "Same Day Cancelation - HI NOT Done",
        "cancellation",
        D("125.00"),
    )
    assert (payment.services_amount, payment.fee_amount) == (D("329.00"), D("11.52"))
    assert (refund.services_amount, refund.fee_amount) == (D("204.00"), D("7.14"))
    assert refund.status == "completed"
    assert PaymentAttempt.objects.filter(work_order=job).count() == 2
    assert job.contacts.filter(gets_invoices=True).count() == 2


def test_ria2159_expected_a_fee_that_never_came(demo: datetime) -> None:
    attempt = PaymentAttempt.objects.get(work_order=the_job("RIA2159"))

    assert (attempt.amount, attempt.fee_expected, attempt.funding) == (
        D("500.00"),
        D("17.95"),
        "credit",
    )


def test_three_attempts_and_one_payment(demo: datetime) -> None:
    attempts = PaymentAttempt.objects.filter(work_order=the_job("FHI701")).order_by("number")

    assert [(a.status, a.decline_code, a.payment_id is None) for a in attempts] == [
        ("failed", "insufficient_funds", True),
        ("failed", "authentication_failed", True),
        ("succeeded", "", False),
    ]


@pytest.mark.parametrize(
    ("number", "statuses"),
    [
        ("FHI702", ["failed", "completed"]),
        ("FHI703", ["charged_back"]),
        ("FHI706", ["completed"]),
        ("FHI707", ["completed"]),
        ("FHI711", ["voided"]),
        ("FHI713", ["pending"]),
        ("FHI714", ["disputed"]),
        ("FHI715", ["unknown"]),
        ("FHI720", []),
    ],
)
def test_payments_stand_where_their_case_left_them(
    demo: datetime, number: str, statuses: list[str]
) -> None:
    rows = Payment.objects.filter(work_order=the_job(number)).order_by("number")

    assert [row.status for row in rows] == statuses


def test_each_case_left_its_trace(demo: datetime) -> None:
    assert Refund.objects.get(work_order=the_job("FHI704")).status == "failed"
    assert Dispute.objects.get(work_order=the_job("FHI703")).status == "lost"
    assert Dispute.objects.get(work_order=the_job("FHI714")).status == "open"
    invented = the_job("FHI710").provider_events.get(known=False)
    assert invented.status == "escrow_recalibrated"
    assert Entry.objects.filter(work_order_id=the_job("FHI708").pk, kind="provider").count() == 9
    corrected = Entry.objects.filter(work_order_id=the_job("FHI711").pk, kind="payment")
    assert corrected.count() == 3


def test_nothing_is_unread_plain_or_a_problem_of_ours(demo: datetime) -> None:
    assert Change.objects.filter(projected_at=None).count() == 0
    assert Entry.objects.filter(code=PLAIN).count() == 0
    assert PaymentException.objects.count() == 0


def test_a_quote_is_among_the_details_of_its_payment(demo: datetime) -> None:
    shown = Entry.objects.filter(code="payment.changed").values_list("data", flat=True)

    alone = [data for data in shown if set(data["diff"]) <= {"fee_expected", "uncollected"}]

    assert alone == []


def test_every_entry_has_a_sentence(demo: datetime) -> None:
    pairs = Entry.objects.values_list("code", "data", "brand_id")
    currency = dict(Brand.objects.values_list("pk", "currency"))
    said = [
        (code, render(code, {**entry, "currency": currency[brand]}).headline)
        for code, entry, brand in pairs
    ]

    assert {code for code, head in said if head == code or head.startswith(COULD_NOT_SHOW)} == set()


def test_entries_are_imported_and_in_the_past_the_newest_just_now(demo: datetime) -> None:
    jobs = Entry.objects.exclude(work_order_id=None)
    newest = jobs.order_by("-occurred_at").first()

    assert newest is not None
    assert timedelta(minutes=3) < demo - newest.occurred_at < timedelta(minutes=7)
    assert not jobs.filter(imported=False).exists()
    # What followed from an older system's figures alone was nobody's doing there.
    restored = jobs.filter(actor_kind="import").values("work_order_id")
    numbers = WorkOrder.objects.filter(pk__in=restored).values_list("number", flat=True)
    assert set(numbers) <= {"FHI658", "FHI660", "FHI662"}
    shown = jobs.exclude(actor_kind="import").values_list("actor_kind", flat=True)
    assert set(shown) == {
        "staff",
        "client",
        "provider",
        "system",
    }


def test_the_brands_are_of_the_promised_size(demo: datetime) -> None:
    sizes = {b.slug: b.work_orders.count() for b in Brand.objects.all()}
    assert (sizes["cedar"], sizes["northlight"]) == (300, 24)
    assert Brand.objects.get(slug="northlight").currency == "CAD"
    jobs = WorkOrder.objects.filter(brand__slug="cedar")
    assert jobs.filter(scheduled_for__gt=demo).count() >= 5
    declined = PaymentAttempt.objects.filter(work_order__in=jobs, status="failed")
    assert 15 <= declined.values("work_order").distinct().count() <= 60
    longest = max(
        Entry.objects.filter(work_order_id=pk).count()
        for pk in jobs.filter(provider_events__isnull=False).values_list("pk", flat=True).distinct()
    )
    assert longest > 200


def test_attention_at_cedar_is_lively_and_always_the_same(demo: datetime) -> None:
    assert attention_counts(Brand.objects.get(slug="cedar")) == {
        "": 8,
        "failed": 2,
        "unknown": 1,
        "disputed": 1,
        "refund_failed": 1,
        "follow_up_due": 3,
    }


def test_everybody_may_sign_in_everywhere(demo: datetime) -> None:
    assert Membership.objects.filter(user__email="dana@demo.paystory.test").count() == 4
    assert ProviderAccount.objects.count() == 8


def test_loading_again_does_nothing(demo: datetime) -> None:
    before = Change.objects.count()
    out = StringIO()

    call_command("load_demo", stdout=out)

    assert out.getvalue() == "The demo data is there.\n"
    assert Change.objects.count() == before


def test_importing_the_demo_again_changes_nothing(demo: datetime) -> None:
    first = [line for line in data.lines(demo) if b'"brand": "fhi"' in line]
    load(first)
    before = Change.objects.count()

    report = load(first)

    assert (report.updated, report.rejected, report.unchanged) == (0, 0, len(first))
    assert Change.objects.count() == before


def test_every_balance_of_the_demo_is_proved(demo: datetime) -> None:
    out = StringIO()

    call_command("audit_balances", stdout=out, stderr=StringIO())  # exit 1 raises

    assert ": 0 wrong, 4 reported otherwise by an older system." in out.getvalue()


def test_at_cedar_nearly_every_published_job_is_settled(demo: datetime) -> None:
    rows = JobBalance.objects.filter(brand__slug="cedar", work_order__published_at__isnull=False)
    old = rows.filter(work_order__scheduled_for__lt=demo - timedelta(days=45))

    assert old.count() > 200
    assert not old.exclude(balance=0).exists()
    assert not rows.filter(fee_uncollected__gt=0).exists()


def test_links_lead_to_fhi624_and_to_the_decline(demo: datetime) -> None:
    out = StringIO()

    call_command("demo_links", "--json", stdout=out)

    links = json.loads(out.getvalue())
    entry = Entry.objects.get(pk=int(links["decline"].rsplit("-", 1)[1]))
    assert links["fhi624"].endswith("/b/fhi/work-orders/FHI624/")
    assert links["ria2159"].endswith("/b/ria/work-orders/RIA2159/")
    assert links["credit"].endswith("/b/fhi/invoices/CM-000001/")
    assert Invoice.objects.filter(number="CM-000001", brand__slug="fhi").exists()
    assert entry.data["row"]["decline_code"] == "insufficient_funds"
    assert links["logins"][0]["email"] == "dana@demo.paystory.test"


# --- without a database -------------------------------------------------------------------------


def test_the_same_now_gives_the_same_lines() -> None:
    now = datetime(2026, 11, 3, 17, 20, tzinfo=UTC)

    assert list(data.lines(now)) == list(data.lines(now))


@pytest.mark.parametrize("hour", [0, 6, 12, 23])
def test_at_any_hour_nothing_lies_in_the_future(hour: int) -> None:
    now = datetime(2027, 3, 14, hour, 30, tzinfo=UTC)
    late = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key in ("at", "published_at") and datetime.fromisoformat(inner) > now:
                    late.append(inner)
                look(inner)
        elif isinstance(value, list):
            for inner in value:
                look(inner)

    for job in data.jobs(now):
        look(job)

    assert late == []


def test_until_cuts_off_what_has_not_happened_yet() -> None:
    early, late = "2026-05-01T09:00:00+00:00", "2026-05-03T09:00:00+00:00"
    line = {"at": early, "published_at": late, "notes": [{"at": early}, {"at": late}]}

    assert until(line, datetime(2026, 5, 2, tzinfo=UTC)) == {"at": early, "notes": [{"at": early}]}

"""Moments are the brand's: no page, file or command says what time it is in UTC."""

import re
from datetime import datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Brand, Role
from activity.models import Entry
from core import clock, moments
from payments.ingest.incoming import IncomingFact
from payments.ingest.receive import receive
from payments.models import PaymentException
from tests.factories import BrandFactory, MembershipFactory
from tests.surfaces.test_pages import _pages, _rich_job
from workorders.models import WorkOrder

# An instant that is not the brand's: its name, its sign, or its offset.
UTC = re.compile(r"\bUTC\b|\bGMT\b|\d[Tt:][\d:.]+([Zz]\b|\+00:?00)")
MORE = ("team", "provider_settings", "fee_settings", "payments_export")
ELSEWHERE = "Asia/Kathmandu"  # +05:45: no other zone of these tests has its minutes


@pytest.fixture
def brand(db: None) -> Brand:
    return BrandFactory(slug="fhi", name="Frontier Home Inspections", time_zone=ELSEWHERE)


@pytest.fixture
def browser(brand: Brand, client: Browser) -> Browser:
    client.force_login(MembershipFactory(brand=brand, role=Role.ADMIN).user)
    return client


def _step(job: WorkOrder, order: str, number: str) -> None:
    """A provider's step whose nested fields hold instants under names of its own."""
    nested: dict[str, Any] = {
        "closing": {"scheduledFor": "2026-03-05T17:00:00Z", "signed": "2026-03-04T09:30:00+00:00"},
        "sent_at": "2026-03-04T09:30:00.123Z",
        "day": "2026-03-05",
    }
    fact = IncomingFact(
        event_id=f"ev-{order}",
        order_id=order,
        work_order=number,
        status="captured",
        at=clock.now(),
        amount=Decimal("20.00"),
        method="card",
        data=nested,
    )
    receive(job.brand, "guardian", fact, payload="{}", received_at=fact.at)


def _of_other_zones(text: str) -> list[str]:
    return [text[max(0, m.start() - 60) : m.end() + 20] for m in UTC.finditer(text)]


def test_every_page_says_the_brands_own_time(brand: Brand, browser: Browser) -> None:
    job = _rich_job(brand)
    _step(job, "ord-closing", job.number)
    _step(job, "ord-lost", "XX1")
    exception = PaymentException.objects.order_by("-pk").first()
    assert exception is not None
    more = [
        *(
            reverse(name, args=["fhi"])
            for name in ("team", "provider_settings", "fee_settings", "payments_export")
        ),
        reverse("exception", args=["fhi", exception.pk]),
    ]

    for url in [*_pages(job), *more]:
        answer = browser.get(url, follow=True)
        assert answer.status_code == 200, url
        assert _of_other_zones(answer.getvalue().decode()) == [], url

    html = browser.get(reverse("work_order", args=["fhi", job.number])).content.decode()
    assert "5 Mar 2026 22:45:00 +0545" in html  # closing, as the provider called it


def test_a_plain_entry_says_the_brands_own_time(brand: Brand, browser: Browser) -> None:
    job = _rich_job(brand)
    browser.get(reverse("work_order_activity", args=["fhi", job.number]))
    diff = {"paid_at": [None, "2026-03-05T17:00:00+00:00"]}
    data = {"entity": "payments.payment", "op": "U", "diff": diff}
    row = Entry.objects.filter(work_order_id=job.pk).order_by("-occurred_at").first()
    assert row is not None
    Entry.objects.filter(pk=row.pk).update(code="activity.plain", data=data)

    html = browser.get(reverse("work_order_activity", args=["fhi", job.number])).content.decode()

    assert "paid_at: nothing → 5 Mar 2026 22:45:00 +0545" in html


@pytest.mark.parametrize("options", [{}, {"json": True}])
def test_a_command_says_the_brands_own_time(brand: Brand, options: dict[str, Any]) -> None:
    job = _rich_job(brand)
    out = StringIO()

    call_command("explain_balance", job.number, brand="fhi", stdout=out, **options)

    assert _of_other_zones(out.getvalue()) == []


@given(at=st.datetimes(min_value=datetime(1990, 1, 1), timezones=st.timezones()))
def test_an_instant_reads_the_same_however_it_is_written(at: datetime) -> None:
    there = moments.zone_of(ELSEWHERE)
    with timezone.override(there):
        assert moments.in_words(at.isoformat()) == moments.moment_text(at, there)


@given(text=st.text(max_size=30) | st.dates().map(str) | st.times().map(str))
def test_what_is_no_instant_stays_as_it_is(text: str) -> None:
    assert moments.in_words(text) == text

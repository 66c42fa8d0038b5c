"""The page of all payments, and its spreadsheet."""

import csv
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.test import Client as Browser

from accounts.models import Brand
from core import clock
from tests.factories import PaymentFactory, WorkOrderFactory

LIST, SHEET = "/b/fhi/payments/", "/b/fhi/payments.csv"


def test_a_status_without_payments_has_no_chip_unless_it_is_chosen(
    csr: Browser, brand: Brand
) -> None:
    PaymentFactory(work_order=WorkOrderFactory(brand=brand))

    def labels(**query: str) -> list[tuple[str, int | None]]:
        return [(chip.label, chip.count) for chip in csr.get(LIST, query).context["chips"]]

    assert labels() == [("All", 1), ("Received", 1)]
    assert ("Voided", 0) in labels(status="voided")


def test_money_in_another_currency_is_not_in_the_sums(csr: Browser, brand: Brand) -> None:
    job = WorkOrderFactory(brand=brand)
    PaymentFactory(work_order=job, amount=Decimal("100.00"))
    PaymentFactory(work_order=job, amount=Decimal("80.00"), currency="CAD")

    context = csr.get(LIST).context

    assert (context["count"], context["foreign"]) == (2, 1)
    assert context["figures"][0]["amount"] == Decimal("100.00")


def test_clearing_leads_to_the_plain_list(csr: Browser, brand: Brand) -> None:
    query = {"status": "failed", "method": "card", "since": "2026-05-04", "q": "Dana"}

    assert csr.get(LIST, query).context["clear_url"] == LIST


def test_the_spreadsheet_is_named_by_the_brands_day_and_dated_by_its_clock(
    csr: Browser, brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = datetime(2026, 3, 3, 6, 30, tzinfo=UTC)  # 2 March, 11:30 PM in Boise
    PaymentFactory(work_order=WorkOrderFactory(brand=brand, number="FHI624"), happened_at=late)
    monkeypatch.setattr(clock, "now", lambda: late)

    answer = csr.get(SHEET)

    assert 'filename="payments-fhi-2026-03-02.csv"' in answer.headers["Content-Disposition"]
    body = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    [row] = csv.DictReader(body.lstrip("\ufeff").splitlines())
    assert (row["Payment"], row["Date"]) == ("FHI624-P-1", "2026-03-02T23:30:00-07:00")

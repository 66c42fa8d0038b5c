"""Money in another currency than the brand's: stored, shown as it came, counted nowhere."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Brand, Role
from activity.describe import render
from activity.models import Entry
from activity.projection import project_pending
from console.lists import payments
from core.refusal import field_of
from invoicing.models import LedgerEntry, MoneyInFlight
from payments.domain.record import Manual, record_payment
from payments.models import (
    ExceptionKind,
    Payment,
    PaymentAllocation,
    PaymentException,
    ProviderEvent,
)
from tests.factories import MembershipFactory
from tests.html import flat, one_line
from tests.invoicing.billed_jobs import billed, figures
from tests.payments.conftest import Tell, incoming
from workorders.models import WorkOrder

D = Decimal


def cad(status: str, minute: int, amount: str, **rest: Any) -> Any:
    return incoming(status, minute, amount, method="card", currency="CAD", **rest)


def open_now(kind: ExceptionKind) -> list[str]:
    rows = PaymentException.objects.filter(kind=kind, resolved_at=None)
    return list(rows.order_by("pk").values_list("summary", flat=True))


def test_it_is_stored_in_its_own_currency_and_counts_nowhere(tell: Tell, job: WorkOrder) -> None:
    billed(job, "329.00")
    before = figures(job)

    tell(cad("authorised", 0, "80.00"))
    assert open_now(ExceptionKind.CURRENCY)[0].startswith("CA$80.00 is to come, but")
    tell(cad("captured", 1, "80.00", data={"fee": "2.50", "funding": "credit"}))

    payment = Payment.objects.get()
    assert (payment.currency, payment.amount, payment.fee_amount) == ("CAD", D(80), D("2.50"))
    assert (payment.status, payment.fee_expected) == ("completed", None)
    assert "CA$80.00" in PaymentAllocation.objects.get().payment_label
    assert figures(job) == before
    assert not LedgerEntry.objects.exists() and not MoneyInFlight.objects.exists()
    [summary] = open_now(ExceptionKind.CURRENCY)
    assert summary == (
        "CA$80.00 came, but this brand’s money is in USD: it is not counted in any balance. "
        "Record by hand what it came to in USD, or refund it at the provider."
    )


def test_refunded_at_the_provider_nothing_is_left_to_decide(tell: Tell, job: WorkOrder) -> None:
    tell(cad("captured", 1, "80.00"))
    tell(cad("refunded", 2, "30.00"))
    assert open_now(ExceptionKind.CURRENCY)

    tell(cad("refunded", 3, "50.00"))

    assert open_now(ExceptionKind.CURRENCY) == []
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize(
    ("currency", "reported", "stored"), [("jpy", "8000", D(8000)), ("KWD", "8.125", D("8.125"))]
)
def test_amounts_have_the_decimals_of_their_currency(
    currency: str, reported: str, stored: Decimal, tell: Tell, job: WorkOrder
) -> None:
    tell(incoming("funded", 0, reported, currency=currency))

    payment = Payment.objects.get()
    assert (payment.currency, payment.amount) == (currency.upper(), stored)


@pytest.mark.parametrize(
    ("currency", "amount", "field"), [("JPY", "80.50", "amount"), ("XQQ", "80.00", "currency")]
)
def test_what_is_no_money_of_its_currency_is_refused(
    currency: str, amount: str, field: str, tell: Tell, job: WorkOrder
) -> None:
    with pytest.raises(ValidationError) as error:
        tell(incoming("captured", 0, amount, currency=currency))

    assert field_of(error.value) == field
    assert not ProviderEvent.objects.exists()


def test_the_brands_own_currency_may_be_named(tell: Tell, job: WorkOrder) -> None:
    billed(job, "329.00")

    tell(incoming("funded", 0, "329.00"))
    again = tell(incoming("funded", 0, "329.00", currency="usd"))

    assert again.outcome == "duplicate"
    assert figures(job)[1] == "329.00"
    assert not PaymentException.objects.exists()


def test_two_currencies_in_one_order_are_for_a_person(tell: Tell, job: WorkOrder) -> None:
    billed(job, "329.00")

    tell(cad("authorised", 0, "110.00"))
    tell(incoming("captured", 1, "80.00", method="card"))
    tell(cad("refunded", 2, "110.00"))

    assert figures(job)[1:3] == ("80.00", "0.00")
    assert Payment.objects.get().currency == "USD"
    assert open_now(ExceptionKind.CURRENCY) == []
    assert [s.split(",")[0] for s in open_now(ExceptionKind.AMOUNT)] == [
        "“authorised” tells CA$110.00",
        "“refunded” tells CA$110.00",
    ]


def test_money_that_turns_out_to_be_in_another_currency_leaves_the_ledger(
    tell: Tell, job: WorkOrder
) -> None:
    billed(job, "329.00")
    tell(incoming("captured", 1, "80.00", method="card"))
    assert figures(job)[1] == "80.00"

    tell(cad("captured", 2, "80.00"))

    assert (figures(job)[1], Payment.objects.get().currency) == ("0.00", "CAD")


def test_the_timeline_tells_it_in_its_own_currency(tell: Tell, job: WorkOrder) -> None:
    tell(cad("captured", 1, "80.00", data={"fee": "2.50"}))
    tell(cad("refunded", 2, "30.00"))
    tell(cad("captured", 3, "90.00"))
    project_pending()

    sentences = [render(e.code, {"currency": "USD", **e.data}) for e in Entry.objects.all()]
    text = " ".join(f"{s.headline} {s.second} {s.details}" for s in sentences)

    assert "CA$80.00" in text and "CA$30.00" in text and "CA$90.00" in text
    assert not re.search(r"(?<!CA)\$", text)


def test_pages_show_it_in_its_own_currency_and_say_so(
    client: Browser, tell: Tell, job: WorkOrder, brand: Brand
) -> None:
    billed(job, "329.00")
    client.force_login(MembershipFactory(brand=brand, role=Role.BILLING).user)
    tell(cad("captured", 1, "80.00"))
    tell(cad("refunded", 2, "30.00"))

    page = flat(client.get(reverse("work_order", args=["fhi", "FHI624"])).content.decode())
    inbox = one_line(client.get(reverse("exceptions", args=["fhi"])).content.decode())
    listed = one_line(client.get(reverse("payments", args=["fhi"])).content.decode())

    assert "P-1: CA$80.00 by card, not counted in any balance." in page
    assert 'P-1</a>· card</span><span class="num">CA$80.00<' in page
    assert not re.search(r"(?<!CA)\$(80|30)\.00", page)
    assert "not counted in any balance" in inbox
    assert "1 payment in a currency other than USD" in listed


def test_the_list_of_payments_sums_its_own_money_only(
    tell: Tell, job: WorkOrder, brand: Brand
) -> None:
    tell(cad("captured", 1, "80.00"))
    tell(cad("refunded", 2, "30.00"))
    record_payment(brand, job, D("50.00"), Manual("cash"), by="Dana")

    sums = payments.sums(brand, Payment.objects.filter(brand=brand))

    assert (sums.count, sums.foreign) == (2, 1)
    assert (sums.received, sums.refunded) == (D("50.00"), D("0.00"))
    assert Payment.objects.get(provider="manual").currency == "USD"

"""CONTRIBUTING.md's walk "Adding a payment provider", followed with the made-up RiverPay.

Nothing but its folder (``riverpay/``) and one line that registers it: everything else is asked of
the application as a provider, a CSR and an admin would ask it.
"""

import itertools
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Brand, Role
from core.secrets import seal
from invoicing.queries.settlements import job_settlement
from payments.models import Payment, PaymentAttempt, ProviderAccount, ProviderEvent
from payments.providers.registry import registered
from tests.factories import MembershipFactory
from tests.payments.providers.riverpay.kind import RIVERPAY, sign
from workorders.models import WorkOrder

D = Decimal
SECRET = "the-river-is-deep"
URL = "/webhooks/riverpay/fhi/"
NOON = 1772452800  # 2026-03-02 12:00 UTC


@pytest.fixture(autouse=True)
def riverpay() -> Iterator[None]:
    """The one line that a real provider adds to PROVIDERS; gone again after each test."""
    with registered(RIVERPAY):
        yield


@pytest.fixture
def account(brand: Brand) -> ProviderAccount:
    return ProviderAccount.objects.create(
        brand=brand, provider="riverpay", webhook_secret=seal(SECRET)
    )


def notice(state: str, minute: int = 0, cents: int = 50000, **rest: Any) -> dict[str, Any]:
    """A body as RiverPay writes it, of one order on FHI624."""
    return {
        "notice": f"n-{state}-{minute}",
        "state": state,
        "when": NOON + 60 * minute,
        "money": {"order": "river-1", "job": "FHI624", "cents": cents, "card": "4242"},
        **rest,
    }


def post(body: dict[str, Any], secret: str = SECRET) -> Any:
    raw = json.dumps(body).encode()
    headers = {"River-Signature": sign(secret, raw)}
    return Browser().post(URL, data=raw, content_type="application/json", headers=headers)


def page(brand: Brand, name: str, *args: str, query: str = "", role: Role = Role.CSR) -> str:
    browser = Browser()
    browser.force_login(MembershipFactory(brand=brand, role=role).user)
    response = browser.get(reverse(name, args=[brand.slug, *args]) + query)
    assert isinstance(response, HttpResponse) and response.status_code == 200
    return response.content.decode()


# --- its webhook ----------------------------------------------------------------------------------


def test_its_signed_webhook_is_accepted(account: ProviderAccount, job: WorkOrder) -> None:
    response = post(notice("PAID"))

    assert (response.status_code, response.json()) == (200, {"result": "folded"})
    payment = Payment.objects.get()
    assert (payment.provider, payment.status, payment.amount) == ("riverpay", "completed", D(500))
    assert (payment.last4, payment.provider_order_id) == ("4242", "river-1")


def test_a_wrong_signature_is_refused_and_counted(account: ProviderAccount, job: WorkOrder) -> None:
    response = post(notice("PAID"), secret="a guess")

    account.refresh_from_db()
    assert (response.status_code, response.json()["field"]) == (400, "River-Signature")
    assert account.refused_count == 1
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize("change", [{"money": {}}, {"when": "noon"}, {"state": 7}])
def test_a_body_that_it_cannot_read_is_refused(
    change: dict[str, Any], account: ProviderAccount, job: WorkOrder
) -> None:
    assert post(notice("PAID") | change).status_code == 400
    assert not ProviderEvent.objects.exists()


def test_a_time_in_the_future_is_refused_for_every_format(account: ProviderAccount) -> None:
    response = post(notice("PAID", minute=60 * 24 * 365 * 99))

    assert (response.status_code, response.json()["field"]) == (422, "at")


STEPS = (notice("HELD", 0), notice("CROSSING", 5), notice("PAID", 9))


@pytest.mark.parametrize("bodies", list(itertools.permutations(STEPS)))
def test_any_order_and_duplicates_come_to_the_same(
    bodies: Sequence[dict[str, Any]], account: ProviderAccount, job: WorkOrder
) -> None:
    results = [post(body).json()["result"] for body in (*bodies, *bodies)]

    assert results == ["folded"] * 3 + ["duplicate"] * 3
    payment = Payment.objects.get()
    assert (payment.status, payment.provider_status) == ("completed", "captured")
    assert payment.amount == D(500)
    assert f"{payment.paid_at:%H:%M}" == "12:09"


def test_its_own_status_has_its_rank(account: ProviderAccount, job: WorkOrder) -> None:
    post(notice("CROSSING", 5))
    post(notice("HELD", 9))

    assert Payment.objects.get().status == "processing"
    assert ProviderEvent.objects.filter(known=True).count() == 2


# --- money ----------------------------------------------------------------------------------------


def test_its_payment_counts_in_the_settlement(account: ProviderAccount, bill: WorkOrder) -> None:
    post(notice("PAID", cents=20000))
    post(notice("BACK", 5, cents=5000))

    whole = job_settlement(bill).whole
    assert (whole.received, whole.refunded, whole.balance) == (D(200), D(50), D(350))


def test_its_own_status_is_not_paid_yet(account: ProviderAccount, bill: WorkOrder) -> None:
    post(notice("CROSSING", cents=20000))

    whole = job_settlement(bill).whole
    assert (whole.received, whole.pending, whole.balance) == (D(0), D(200), D(500))


# --- what people see ------------------------------------------------------------------------------


def test_its_sentence_is_on_the_timeline(account: ProviderAccount, job: WorkOrder) -> None:
    post(notice("HELD"))
    post(notice("CROSSING", 5))

    text = page(job.brand, "work_order", "FHI624")
    assert "$500.00 is crossing the river" in text
    assert "RiverPay" in text


def test_its_decline_code_is_explained(account: ProviderAccount, job: WorkOrder) -> None:
    post(notice("DECLINED", reason="drought"))

    assert PaymentAttempt.objects.get().failure_code == "drought"
    text = page(job.brand, "work_order", "FHI624")
    assert "the client’s RiverPay account is empty. Client fills the account" in text


def test_the_filter_finds_it(account: ProviderAccount, job: WorkOrder) -> None:
    post(notice("HELD"))
    post(notice("CROSSING", 5))

    by_it = page(job.brand, "work_order", "FHI624", query="?source=riverpay")
    by_staff = page(job.brand, "work_order", "FHI624", query="?source=staff")
    assert '<option value="riverpay" selected>RiverPay</option>' in by_it
    assert "is crossing the river" in by_it
    assert "is crossing the river" not in by_staff


def test_lists_and_the_payments_page_name_it(account: ProviderAccount, job: WorkOrder) -> None:
    post(notice("PAID"))

    assert "RiverPay" in page(job.brand, "payment", "FHI624-P-1")
    assert "FHI624" in page(job.brand, "payments", query="?provider=riverpay")
    assert "FHI624" not in page(job.brand, "payments", query="?provider=guardian")


def test_the_settings_page_lists_it(brand: Brand) -> None:
    text = page(brand, "provider_settings", role=Role.ADMIN)

    assert "RiverPay" in text
    assert URL in text
    assert "River-Signature" in text

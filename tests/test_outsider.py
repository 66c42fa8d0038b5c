"""Every URL, tried by those who may not: anonymous, another brand, too low a role, foreign ids.

The cases are made from the resolver. A new address is tried without a line here, unless it takes
an argument that SAMPLES does not know; then the test says what to add.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from accounts.domain import invitations
from accounts.models import Brand, Membership, Role
from activity.models import Entry, Thread
from activity.projection import project_pending
from core import clock
from invoicing.domain import fees, issuing, prepayments
from invoicing.models import FeePolicy, Invoice
from payments.domain import post
from payments.models import ExceptionKind, Payment, PaymentException
from tests.factories import (
    BrandFactory,
    ClientFactory,
    MembershipFactory,
    PaymentFactory,
    RefundFactory,
    ServiceFactory,
    TaxRateFactory,
    WorkOrderFactory,
)
from workorders.domain import charges
from workorders.domain.charges import ChargeLine
from workorders.models import Client as WorkOrderClient
from workorders.models import WorkOrder

# Views that are not ours, so that they wear no decorator; each with the reason why that is right.
NOT_OURS = {
    "account_login": "allauth: signing in is for everybody",
    "account_logout": "allauth: ends the visitor's own session only",
    "account_inactive": "allauth: a page of text",
    "account_reauthenticate": "allauth: asks the signed-in user for their own password",
    "account_change_password": "allauth: the signed-in user's own password",
    "account_set_password": "allauth: the signed-in user's own password",
    "account_reset_password": "allauth: sends a link to the address's owner only",
    "account_reset_password_done": "allauth: a page of text",
    "account_reset_password_from_key": "allauth: proves itself by the e-mailed key",
    "account_reset_password_from_key_done": "allauth: a page of text",
    "account_signup": "redirects to the sign-in page: nobody signs up",
    "account_email": "redirects to the sign-in page",
    "account_email_verification_sent": "redirects to the sign-in page",
    "mfa_index": "allauth: the signed-in user's own second factor",
    "mfa_authenticate": "allauth: the second step of signing in",
    "mfa_reauthenticate": "allauth: asks the signed-in user for their own code",
    "mfa_activate_totp": "allauth: the signed-in user's own second factor",
    "mfa_deactivate_totp": "allauth: the signed-in user's own second factor",
    "mfa_view_recovery_codes": "allauth: the signed-in user's own codes",
    "mfa_generate_recovery_codes": "allauth: the signed-in user's own codes",
    "mfa_download_recovery_codes": "allauth: the signed-in user's own codes",
}
# Those of ours that anybody may open.
PUBLIC = {
    "invitation": "proves itself by the e-mailed token",
    "styleguide": "shows the components with made-up data",
    "webhook": "proves itself by the signature over its body",
    "pac_webhook": "proves itself by the signature over its body",
}


@dataclass(frozen=True)
class Url:
    """One address of the resolver."""

    route: str
    name: str
    view: Callable[..., Any]

    @property
    def access(self) -> str | None:
        return getattr(self.view, "access", None)

    @cached_property
    def arguments(self) -> list[tuple[str, str]]:
        """(sample's key, argument): the word before it says what is meant, ``payments/number``."""
        pairs = re.findall(r"([\w.-]*)[/.]<(?:\w+:)?(\w+)>", f"/{self.route}")
        return [(f"{before}/{name}", name) for before, name in pairs]


def walk(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[Url]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route)
        else:
            yield Url(route, str(pattern.name), pattern.callback)


URLS = list(walk(get_resolver().url_patterns))
OURS = [url for url in URLS if url.name not in NOT_OURS]
OF_A_BRAND = [url for url in OURS if "/b/<slug:brand_slug>/" in f"/{url.route}"]


@dataclass
class World:
    """A brand with one of everything that an address can name, and a member of each role."""

    brand: Brand
    job: WorkOrder
    payment: Payment
    exception: PaymentException
    token: str
    invitation_id: int
    service_id: int
    tax_rate_id: int
    invoice: Invoice
    credit_id: int

    def member(self, role: Role) -> Membership:
        return Membership.objects.filter(brand=self.brand, role=role).earliest("pk")

    def client(self, role: Role) -> Client:
        client = Client()
        client.force_login(self.member(role).user)
        return client


def make_world(slug: str, number: str) -> World:
    brand = BrandFactory(slug=slug, name=slug.title())
    members = [MembershipFactory(brand=brand, role=role) for role in Role]
    client = ClientFactory(brand=brand, name=f"Client of {slug}")
    job = WorkOrderFactory(brand=brand, number=number, client=client)
    sent = invitations.invite(
        brand, email=f"new@{slug}.example.com", role=Role.CSR, by=members[-1].user
    )
    exception = PaymentException.objects.create(
        brand=brand,
        work_order=job,
        kind=ExceptionKind.values[0],
        summary="Somebody must look",
        happened_at=clock.now(),
    )
    world = World(
        brand=brand,
        job=job,
        payment=PaymentFactory(work_order=job),
        exception=exception,
        token=sent.token,
        invitation_id=sent.invitation.pk,
        service_id=ServiceFactory(brand=brand).pk,
        tax_rate_id=TaxRateFactory(brand=brand).pk,
        invoice=issued_invoice(job),
        credit_id=prepayment(client),
    )
    project_pending()
    return world


def prepayment(client: WorkOrderClient) -> int:
    made = prepayments.record_prepayment(
        client.brand, client.pk, Decimal("50.00"), method="cash", received_at=clock.now()
    )
    return made.pk


def issued_invoice(job: WorkOrder) -> Invoice:
    charges.replace_charges(job.brand, job.pk, [ChargeLine("Inspection", Decimal("329.00"))])
    return issuing.issue_bill(job.brand, job.pk)


def _thread(world: World) -> Thread:
    return Thread.objects.filter(work_order_id=world.job.pk).earliest("pk")


def _entry(world: World) -> Entry:
    return Entry.objects.filter(work_order_id=world.job.pk).earliest("pk")


def planned_fee(world: World) -> int:
    """A fee policy that has not begun."""
    row = FeePolicy.objects.filter(brand=world.brand).first() or fees.add_policy(
        world.brand, clock.now() + timedelta(days=9), percent=Decimal(3), fundings=["credit"]
    )
    return row.pk


def ledger_key(world: World) -> str:
    """The world's payment as the ledger names it, once it is posted."""
    post.post(world.payment)
    return f"payment:{world.payment.pk}"


def queued_refund(world: World) -> int:
    """A refund that no provider or person has reported on yet."""
    row = world.payment.refunds.first() or RefundFactory(payment=world.payment, status="queued")
    return int(row.pk)


# The value of each argument, by the word before it. An id must belong to the world's brand.
SAMPLES: dict[str, Callable[[World], Any]] = {
    "b/brand_slug": lambda w: w.brand.slug,
    "work-orders/number": lambda w: w.job.number,
    "payments/number": lambda w: f"{w.job.number}-{w.payment.short_number}",
    "threads/thread_id": lambda w: _thread(w).pk,
    "entries/entry_id": lambda w: _entry(w).pk,
    "clients/client_id": lambda w: w.job.client_id,
    "services/service_id": lambda w: w.service_id,
    "tax-rates/tax_rate_id": lambda w: w.tax_rate_id,
    "invoices/document": lambda w: w.invoice.number,
    "take-off/document": lambda w: w.invoice.number,
    "credits/pk": lambda w: w.credit_id,
    "fees/policy_id": planned_fee,
    "fees/payment_key": ledger_key,
    "refunds/refund_id": queued_refund,
    "exceptions/exception_id": lambda w: w.exception.pk,
    "team/member_id": lambda w: w.member(Role.CSR).pk,
    "invitations/invitation_id": lambda w: w.invitation_id,
    "invitations/token": lambda w: w.token,
    "pac/brand_slug": lambda w: w.brand.slug,
}
# Arguments that name no row: any value is as good as another.
WORDS = {
    "status/status": "cancelled",
    "activity/form": "csv",
    "pac/provider": "guardian",
}
# What a view cannot do without.
QUERIES = {"work_order_updates": "?since=3:3:"}


def path_of(url: Url, world: World, foreign: dict[str, World] | None = None) -> str:
    """The address in ``world``, with the arguments in ``foreign`` taken from another one."""
    values: dict[str, Any] = {}
    for key, argument in url.arguments:
        if key not in SAMPLES and key not in WORDS:
            pytest.fail(
                f"{url.route} takes '{argument}', which this test does not know. Add '{key}' to "
                "SAMPLES in tests/test_outsider.py with a row of the world's brand (or to WORDS, "
                "if it names no row)."
            )
        source = (foreign or {}).get(argument, world)
        values[argument] = WORDS[key] if key in WORDS else SAMPLES[key](source)
    path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(values[m[1]]), url.route)
    assert resolve(path).func is url.view, f"{path} is hidden behind another address"
    return path


def both(client: Client, path: str) -> dict[str, HttpResponse]:
    return {"GET": client.get(path), "POST": client.post(path)}  # type: ignore[dict-item]


def ids(url: Url) -> str:
    return url.name


@pytest.fixture
def mine(db: None) -> World:
    return make_world("mine", "MIN100")


@pytest.fixture
def theirs(db: None) -> World:
    return make_world("theirs", "THE200")


def test_there_is_something_to_try() -> None:
    assert len(OF_A_BRAND) > 10
    assert {"team", "home", "account", "invitation"} <= {url.name for url in OURS}


@pytest.mark.parametrize("url", URLS, ids=ids)
def test_every_view_says_who_may_open_it(url: Url) -> None:
    if url.name in NOT_OURS:
        assert url.access is None, f"{url.name} is ours: take it off NOT_OURS"
        return

    assert url.access is not None, (
        f"/{url.route}: its view wears none of brand_view, signed_in and public as the "
        "outermost decorator (or add it to NOT_OURS with the reason)"
    )
    assert url.access in {"public", "signed_in", *Role.values}
    assert (url.access == "public") == (url.name in PUBLIC), f"{url.name}: is it public?"
    assert (url in OF_A_BRAND) == (url.access in Role.values), f"/{url.route}: wrong folder"


def test_the_lists_hold_no_address_that_is_gone() -> None:
    names = {url.name for url in URLS}

    assert set(NOT_OURS) | set(PUBLIC) <= names


@pytest.mark.parametrize("url", [u for u in OURS if u.access != "public"], ids=ids)
def test_anonymous_must_sign_in(url: Url, theirs: World) -> None:
    path = path_of(url, theirs)

    for method, answer in both(Client(), path).items():
        assert answer.status_code == 302, f"{method} {path}"
        assert answer.headers["Location"].startswith("/accounts/login/?next="), f"{method} {path}"


@pytest.mark.parametrize("url", OF_A_BRAND, ids=ids)
def test_for_another_brand_it_does_not_exist(url: Url, mine: World, theirs: World) -> None:
    path = path_of(url, theirs)

    for method, answer in both(mine.client(Role.ADMIN), path).items():
        assert answer.status_code == 404, f"{method} {path}"


@pytest.mark.parametrize("url", OF_A_BRAND, ids=ids)
def test_for_a_member_who_left_it_does_not_exist(url: Url, theirs: World) -> None:
    client = theirs.client(Role.ADMIN)
    Membership.objects.filter(brand=theirs.brand, role=Role.ADMIN).update(is_active=False)
    path = path_of(url, theirs)

    for method, answer in both(client, path).items():
        assert answer.status_code == 404, f"{method} {path}"


@pytest.mark.parametrize("url", [u for u in OF_A_BRAND if u.access != Role.CSR], ids=ids)
def test_too_low_a_role_is_forbidden(url: Url, mine: World) -> None:
    path = path_of(url, mine)

    for role in Role:
        if role.rank < Role(str(url.access)).rank:
            for method, answer in both(mine.client(role), path).items():
                assert answer.status_code == 403, f"{method} {path} as {role.label}"


def _rows(url: Url) -> list[str]:
    """Arguments that name a row inside the brand."""
    return [a for key, a in url.arguments if key in SAMPLES and a != "brand_slug"]


@pytest.mark.parametrize("url", [u for u in OF_A_BRAND if _rows(u)], ids=ids)
def test_another_brands_row_is_out_of_reach(url: Url, mine: World, theirs: World) -> None:
    """Each argument alone taken from the other brand, by the highest role of this one."""
    client = mine.client(Role.ADMIN)

    for argument in _rows(url):
        path = path_of(url, mine, {argument: theirs})
        answers = {m: answer.status_code for m, answer in both(client, path).items()}
        # 405: the view does not take this method at all, and says so before it reads a row.
        assert set(answers.values()) <= {404, 405}, f"{path}: {answers}"
        assert 404 in answers.values(), f"{path}: {answers}"


@pytest.mark.parametrize("url", OF_A_BRAND, ids=ids)
def test_the_right_member_gets_in(url: Url, mine: World) -> None:
    """Without this, a sample that names nothing would make the tests above pass."""
    client = mine.client(Role(str(url.access)))

    answer = client.get(path_of(url, mine) + QUERIES.get(url.name, ""))

    assert answer.status_code in {200, 204, 302, 405}, f"{url.route}: {answer.status_code}"


def test_nothing_of_the_other_brand_is_on_a_list(mine: World, theirs: World) -> None:
    client = mine.client(Role.ADMIN)

    for url in OF_A_BRAND:
        if not _rows(url):
            answer: Any = client.get(path_of(url, mine), follow=True)
            text = answer.getvalue().decode()
            assert theirs.job.number not in text, url.route
            assert "Client of theirs" not in text, url.route


def test_the_login_page_is_where_visitors_are_sent() -> None:
    assert resolve("/accounts/login/").url_name == settings.LOGIN_URL

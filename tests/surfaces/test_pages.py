"""A page is never the price: every page of every job opens, whatever was done to its money."""

from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Brand, Role
from activity.models import Thread
from payments.domain import record
from payments.models import Method, Payment
from payments.refunds import verbs
from tests.factories import BrandFactory, MembershipFactory, WorkOrderFactory
from tests.html import flat
from tests.surfaces.verbs import T0
from workorders.models import WorkOrder

D = Decimal


@pytest.fixture
def brand(db: None) -> Brand:
    return BrandFactory(slug="fhi", name="Frontier Home Inspections")


@pytest.fixture
def browser(brand: Brand, client: Browser) -> Browser:
    client.force_login(MembershipFactory(brand=brand, role=Role.ADMIN).user)
    return client


def _shared_cash(brand: Brand) -> tuple[Payment, WorkOrder, WorkOrder]:
    """Cash 30.00, of which 10.00 is for FHI704 and 20.00 for FHI714."""
    one: WorkOrder = WorkOrderFactory(brand=brand, number="FHI704")
    other: WorkOrder = WorkOrderFactory(brand=brand, number="FHI714", client=one.client)
    money = record.Manual(method=Method.CASH, happened_at=T0)
    record.record_check_over(brand, [(one, D("10.00")), (other, D("20.00"))], money, by="Dana")
    return Payment.objects.get(), one, other


def _outcome(browser: Browser, job: WorkOrder, name: str) -> str:
    """The pill of the payment's thread on a page of ``job``."""
    answer = browser.get(reverse(name, args=[job.brand.slug, job.number]))
    assert answer.status_code == 200
    html = flat(answer.content.decode())
    thread = Thread.objects.get(work_order_id=job.pk, kind="payment")
    part = html[html.index(f'id="pill-{thread.pk}"') :]
    return part.split("</svg>")[1].split("</span>")[0]


@pytest.mark.parametrize("name", ["work_order", "work_order_activity"])
@pytest.mark.parametrize(("back", "word"), [("5.00", "partly refunded"), ("20.00", "refunded")])
def test_a_share_that_went_back_is_shown_on_its_own_job(
    brand: Brand, browser: Browser, name: str, back: str, word: str
) -> None:
    payment, one, other = _shared_cash(brand)
    refund = verbs.queue_refund(payment, D(back), reason="Agreed", by="Dana", work_order=other)
    verbs.complete_refund(refund, reference="rf-1")

    assert _outcome(browser, other, name) == word
    assert _outcome(browser, one, name) == "received"
    found = browser.get(reverse("search", args=["fhi"]), {"q": "rf-1"}, follow=True)
    assert found.status_code == 200
    assert found.redirect_chain[-1][0].startswith("/b/fhi/work-orders/FHI714")

"""A page is never the price: every page of every job opens, whatever was done to its money."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from django.template import Context
from django.template.base import Node, NodeList
from django.test import Client as Browser
from django.urls import reverse
from django.utils.safestring import SafeString
from hypothesis import HealthCheck, Phase, example, given, settings
from structlog.testing import capture_logs

from accounts.models import Brand, Role
from activity.models import Entry, Thread
from console.feed.live import snapshot
from core.faults import COULD_NOT_SHOW, NOTHING_LOST
from payments.domain import record
from payments.models import Method, Payment
from payments.refunds import verbs
from tests.factories import (
    BrandFactory,
    ContactFactory,
    MembershipFactory,
    NoteFactory,
    WorkOrderFactory,
)
from tests.html import flat
from tests.surfaces.test_any_order import START, steps, world_of
from tests.surfaces.verbs import T0
from ui.boxes import Boxes
from ui.templatetags.boxes import BoxNode
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


# Every page of any job ----------------------------------------------------------------------------


def _pages(job: WorkOrder) -> Iterator[str]:
    """The address of every page that shows a job or something of it."""
    slug = job.brand.slug
    args = [slug, job.number]
    yield reverse("work_order", args=args)
    yield reverse("work_order", args=args) + "?flat=1"
    yield reverse("work_order_activity", args=args)
    yield reverse("work_order_updates", args=args) + f"?since={quote(snapshot())}&all=1"
    yield reverse("work_order_export", args=[*args, "csv"]) + "?all=1"
    yield reverse("work_order_export", args=[*args, "json"]) + "?all=1"
    yield reverse("client", args=[slug, job.client_id])
    for number in job.invoices.values_list("number", flat=True):
        yield reverse("invoice", args=[slug, number])
    for payment in Payment.objects.filter(allocations__work_order=job).select_related("work_order"):
        yield reverse("payment", args=[slug, f"{payment.work_order.number}-P-{payment.number}"])
    for text in _references(job):
        yield reverse("search", args=[slug]) + f"?q={quote(text)}"
    for name in ("work_orders", "payments", "items", "brand_activity", "exceptions", "clients"):
        yield reverse(name, args=[slug])
    yield reverse("work_orders", args=[slug]) + "?view=all"


def _references(job: WorkOrder) -> set[str]:
    """Whatever somebody may search this job by."""
    rows = Entry.objects.filter(work_order_id=job.pk).values_list("references", flat=True)
    return {job.number, job.client.name, *(text for references in rows for text in references)}


def check_pages(browser: Browser, job: WorkOrder) -> None:
    """Every page of ``job`` opens, with each of its boxes and without an alarm."""
    with capture_logs() as logs:
        for url in _pages(job):
            answer = browser.get(url, follow=True)
            assert answer.status_code == 200, url
            body = answer.getvalue()
            assert COULD_NOT_SHOW not in body.decode(), url
    assert [log for log in logs if log["log_level"] in ("error", "critical")] == []


class _Undo(Exception):
    """Take everything back."""


@settings(
    max_examples=20,
    # Rendering is slow: a failing case is reported as it is, without shrinking.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=steps)
@example(steps=[("check_over_both", 0, 1000), ("refund", 0, 1000), ("refund_done", 0, 0)])
def test_every_page_of_any_job_opens(
    brand: Brand, browser: Browser, steps: list[tuple[str, int, int]]
) -> None:
    try:
        with transaction.atomic():
            world = world_of(brand)
            for step in [*START, *steps]:
                world.do(*step)
            for n in range(len(world.jobs)):
                check_pages(browser, world.job(n))
            raise _Undo
    except _Undo:
        pass


# Sabotage -----------------------------------------------------------------------------------------


def _rich_job(brand: Brand) -> WorkOrder:
    """A job on whose pages every box shows something."""
    world = world_of(brand)
    for step in [*START, ("card", 0, 1000), ("card", 2, 12500), ("check", 0, 3333)]:
        world.do(*step)
    world.do("refund", 1, 1000)
    world.do("credit_note", 0, 1000)
    world.do("prepay", 0, 50000)
    assert world.refused == 0
    job = world.job(0)
    Payment.objects.update(payer_name=job.client.name)
    ContactFactory(work_order=job)
    NoteFactory(work_order=job)
    return job


class Saboteur:
    """Boxes of pages: which there are, and one of them made to fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.in_view: set[str] = set()
        self.in_template: set[str] = set()
        self.view_target = self.template_target = ""
        real_add, real_render = Boxes.add, BoxNode.render

        def add(boxes: Boxes, name: str, build: Callable[[], Mapping[str, Any]]) -> None:
            self.in_view.add(name)
            real_add(boxes, name, _explode if name == self.view_target else build)

        def render(node: BoxNode, context: Context) -> SafeString:
            name = str(node.name.resolve(context)) if node.name else ""
            self.in_template.add(name)
            if name != self.template_target:
                return real_render(node, context)
            broken = BoxNode(NodeList([_Bomb()]), node.name, node.wrap)
            return real_render(broken, context)

        monkeypatch.setattr(Boxes, "add", add)
        monkeypatch.setattr(BoxNode, "render", render)

    def forget(self) -> None:
        """Nothing is seen yet, and nothing fails."""
        self.in_view, self.in_template = set(), set()
        self.view_target = self.template_target = ""


def _explode() -> Mapping[str, Any]:
    raise ZeroDivisionError


class _Bomb(Node):
    def render(self, context: Context) -> SafeString:
        raise ZeroDivisionError


@pytest.fixture
def saboteur(monkeypatch: pytest.MonkeyPatch) -> Saboteur:
    return Saboteur(monkeypatch)


# Which page, how many boxes it has at least, and one that it must have.
BOXED = {
    "work_order": (13, "fees"),
    "work_order_activity": (13, "feed"),
    "client": (7, "credits"),
    "invoice": (9, "ledger"),
    "work_orders": (3, "row"),
    "search": (4, "payments"),
    "payments": (3, "totals"),
    "brand_activity": (1, "row"),
    "items": (1, "row"),
}


INSIDE = {"row", "thread"}


def _address(job: WorkOrder, name: str) -> str:
    args: list[Any] = [job.brand.slug]
    if name.startswith("work_order") and name != "work_orders":
        args.append(job.number)
    elif name == "client":
        args.append(job.client_id)
    elif name == "invoice":
        invoice = job.invoices.filter(kind="standard").first()
        assert invoice is not None
        args.append(invoice.number)
    text = quote(job.client.name)
    query = {"search": f"?q={text}", "work_orders": "?view=all", "items": "?show=unpaid"}
    return reverse(name, args=args) + query.get(name, "")


@pytest.mark.parametrize("name", BOXED)
def test_a_box_that_fails_costs_itself_alone(
    brand: Brand, browser: Browser, saboteur: Saboteur, name: str
) -> None:
    url = _address(_rich_job(brand), name)
    whole = browser.get(url).content.decode()
    views, templates = set(saboteur.in_view), set(saboteur.in_template)
    assert COULD_NOT_SHOW not in whole
    assert len(templates) >= BOXED[name][0], sorted(templates)
    assert BOXED[name][1] in templates

    for place, boxes in (("view_target", views), ("template_target", templates)):
        for box in boxes:
            saboteur.forget()
            setattr(saboteur, place, box)
            with capture_logs() as logs:
                answer = browser.get(url)
            html = answer.content.decode()
            assert answer.status_code == 200, box
            assert {log["part"] for log in logs if log["event"] == "page.part_failed"} == {box}
            assert "<h1" in html and "</html>" in html
            if box in templates:
                assert COULD_NOT_SHOW in html, (place, box)
            # Whatever is not inside of it is still there.
            assert saboteur.in_template >= templates - INSIDE - {box}


@pytest.mark.parametrize(
    "damage", ['{"share": [1]}', '{"amount": "a lot", "number": "x"}', "[]", "{}"]
)
def test_a_thread_that_cannot_be_read_costs_its_own_box(
    brand: Brand, browser: Browser, damage: str
) -> None:
    job = _rich_job(brand)
    browser.get(_address(job, "work_order"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE activity_thread SET data = %s WHERE kind = 'payment'", [damage])
        cursor.execute("UPDATE activity_entry SET data = %s WHERE code = 'refund.added'", [damage])

    for name in ("work_order", "work_order_activity", "client", "brand_activity"):
        with capture_logs() as logs:
            answer = browser.get(_address(job, name))
        html = answer.content.decode()
        assert answer.status_code == 200
        assert NOTHING_LOST in html
        assert "page.part_failed" in {log["event"] for log in logs}
        assert "Inspection" in html or name != "work_order"

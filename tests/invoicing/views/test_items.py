"""The lists of items and marking them, as a CSR sees them."""

from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import Brand
from core import paging
from invoicing.domain import items
from invoicing.models import Item
from tests.factories import BrandFactory, MembershipFactory, WorkOrderFactory
from tests.html import one_line
from tests.invoicing.billed_items import bill, cash, fulfilment, give_back, ids
from workorders.models import WorkOrder

D = Decimal
LIST = "/b/fhi/items/"


@pytest.fixture
def csr(brand: Brand, client: Browser) -> Browser:
    client.force_login(MembershipFactory(brand=brand, user__name="Dana Whitfield").user)
    return client


def paid(brand: Brand, number: str) -> WorkOrder:
    job: WorkOrder = WorkOrderFactory(brand=brand, number=number, client__name=f"Client {number}")
    bill(job, "300.00")
    cash(job, "300.00")
    return job


def text(csr: Browser, path: str) -> str:
    answer = csr.get(path)
    assert answer.status_code == 200
    return unescape(one_line(answer.getvalue().decode()))


def test_each_list_shows_its_items(brand: Brand, csr: Browser) -> None:
    paid(brand, "READY1")
    deposit = WorkOrderFactory(brand=brand, number="DEP1")
    bill(deposit, "300.00", "700.00")
    cash(deposit, "500.00")
    bill(WorkOrderFactory(brand=brand, number="OPEN1"), "120.00")

    ready, unpaid, deposits = (
        text(csr, f"{LIST}?show={s}") for s in ("ready", "unpaid", "deposits")
    )

    assert "READY1" in ready
    assert "Client READY1" in ready
    assert "OPEN1" not in ready
    assert "OPEN1" in unpaid
    assert "$120.00 open" in unpaid
    assert "DEP1" in deposits
    assert "2 items · $500.00 of $1,000.00 covered" in deposits
    assert "READY1" not in deposits


@pytest.mark.parametrize("show", ["", "nonsense", "ready"])
def test_it_opens_on_what_can_be_ordered(brand: Brand, csr: Browser, show: str) -> None:
    paid(brand, "READY1")

    assert "READY1" in text(csr, f"{LIST}?show={show}")


@pytest.mark.parametrize("show", ["unpaid", "deposits", "ready", "hold", "ordered", "delivered"])
def test_an_empty_list_says_what_that_means(brand: Brand, csr: Browser, show: str) -> None:
    answer = csr.get(f"{LIST}?show={show}")

    assertContains(answer, 'class="empty"')
    assertNotContains(answer, "<table")


def test_items_are_listed_once_each_page_after_page(
    brand: Brand, csr: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging.page, "__kwdefaults__", {"after": "", "before": "", "size": 2})
    for n in range(5):
        paid(brand, f"JOB{n}")

    seen, path = [], LIST
    for _ in range(3):
        answer = csr.get(path)
        seen += [item.work_order.number for item in answer.context["page"].rows]
        path = f"{LIST}?after={answer.context['page'].older}"

    assert seen == [f"JOB{n}" for n in range(5)]
    assert answer.context["page"].older is None


def test_a_page_takes_the_same_queries_however_many_items(brand: Brand, csr: Browser) -> None:
    paid(brand, "JOB0")
    csr.get(LIST)
    with CaptureQueriesContext(connection) as few:
        csr.get(LIST)
    for n in range(1, 6):
        paid(brand, f"JOB{n}")

    with CaptureQueriesContext(connection) as many:
        csr.get(LIST)

    assert len(many) == len(few)


def test_another_brands_items_are_nowhere(brand: Brand, csr: Browser) -> None:
    paid(BrandFactory(slug="other"), "THEIRS1")

    for show in ("ready", "unpaid", "deposits", "hold", "ordered", "delivered"):
        page = text(csr, f"{LIST}?show={show}")
        assert "THEIRS1" not in page
        assert "300.00" not in page


# Marking -----------------------------------------------------------------------------------------


def test_marking_asks_first_and_says_that_there_is_no_way_back(brand: Brand, csr: Browser) -> None:
    job = paid(brand, "JOB1")

    page = text(csr, f"{LIST}ordered/?item={ids(job)[0]}")

    assert "cannot be taken back" in page
    assert "JOB1 · Client JOB1" in page
    assert fulfilment(job) == ["client_paid"]


def test_several_items_are_ordered_and_delivered_at_once(brand: Brand, csr: Browser) -> None:
    one, two = paid(brand, "JOB1"), paid(brand, "JOB2")
    chosen = {"item": [*ids(one), *ids(two)]}

    answer = csr.post(f"{LIST}ordered/", chosen, follow=True)
    assertRedirects(answer, f"{LIST}?show=ready")
    assertContains(answer, "2 items are marked as ordered.")

    answer = csr.post(f"{LIST}delivered/", chosen, follow=True)
    assertRedirects(answer, f"{LIST}?show=ordered")
    assert fulfilment(one) == fulfilment(two) == ["delivered"]


def test_what_cannot_be_ordered_is_left_out_and_named(brand: Brand, csr: Browser) -> None:
    good, bad = paid(brand, "JOB1"), paid(brand, "JOB2")
    give_back(bad.payments.get(), "100.00")

    answer = csr.get(f"{LIST}ordered/", {"item": [*ids(good), *ids(bad)]})

    assert [item.pk for item in answer.context["items"]] == ids(good)
    assertContains(answer, "only $200.00 of $300.00 is covered now")


@pytest.mark.parametrize(
    ("before", "verb"), [("ordered", "ordered"), ("delivered", "ordered"), ("invoiced", "ordered")]
)
def test_a_page_moves_nothing_backwards_or_too_early(
    brand: Brand, csr: Browser, before: str, verb: str
) -> None:
    job = WorkOrderFactory(brand=brand)
    bill(job, "300.00")
    if before != "invoiced":
        cash(job, "300.00")
        items.mark_ordered(brand, ids(job))
    if before == "delivered":
        items.mark_delivered(brand, ids(job))

    answer = csr.post(f"{LIST}{verb}/", {"item": ids(job)}, follow=True)

    assert fulfilment(job) == [before]
    assertNotContains(answer, "marked as")
    assertContains(answer, job.number)


def test_another_brands_item_cannot_be_marked(brand: Brand, csr: Browser) -> None:
    theirs = paid(BrandFactory(slug="other"), "THEIRS1")

    shown = csr.get(f"{LIST}ordered/", {"item": ids(theirs)}, follow=True)
    posted = csr.post(f"{LIST}ordered/", {"item": ids(theirs)}, follow=True)

    assert fulfilment(theirs) == ["client_paid"]
    for answer in (shown, posted):
        assertNotContains(answer, "THEIRS1")


@pytest.mark.parametrize("chosen", [[], ["x"], ["-1"], ["9" * 40], ["²"], ["\x00"]])
def test_a_choice_of_no_valid_item_is_an_error(
    brand: Brand, csr: Browser, chosen: list[str]
) -> None:
    for answer in (
        csr.get(f"{LIST}ordered/", {"item": chosen}, follow=True),
        csr.post(f"{LIST}ordered/", {"item": chosen}, follow=True),
    ):
        assertContains(answer, "Choose at least one item.")


def test_from_a_job_one_comes_back_to_it(brand: Brand, csr: Browser) -> None:
    job = paid(brand, "JOB1")
    asked = csr.get(f"{LIST}ordered/?item={ids(job)[0]}&job=JOB1")
    assertContains(asked, 'name="job" value="JOB1"')

    answer = csr.post(f"{LIST}ordered/", {"item": ids(job), "job": "JOB1"})

    assertRedirects(answer, "/b/fhi/work-orders/JOB1/")


@pytest.mark.parametrize("job", ["\x00", "THEIRS1", "//evil.example"])
def test_a_job_that_is_none_of_the_brands_leads_to_the_list(
    brand: Brand, csr: Browser, job: str
) -> None:
    paid(BrandFactory(slug="other"), "THEIRS1")
    mine = paid(brand, "JOB1")

    answer = csr.post(f"{LIST}ordered/", {"item": ids(mine), "job": job})

    assertRedirects(answer, f"{LIST}?show=ready")


def test_an_item_reads_as_it_was_named(brand: Brand, csr: Browser) -> None:
    job = paid(brand, "JOB1")
    Item.objects.filter(work_order=job).update(description="<b>Mould</b> & spores")

    assertContains(csr.get(LIST), "&lt;b&gt;Mould&lt;/b&gt; &amp; spores")

"""The pages of the work order list and of the search."""

from typing import Any

import pytest
from django.test import Client as Browser

from accounts.models import Brand
from tests.factories import ClientFactory, PaymentFactory, WorkOrderFactory

LIST, SEARCH = "/b/fhi/work-orders/", "/b/fhi/search/"


def test_clearing_the_filters_keeps_the_view(csr: Browser, brand: Brand) -> None:
    page = csr.get(LIST, {"view": "all", "status": "pending", "q": "FHI"})

    assert page.context["clear_url"] == "?view=all"


def test_views_that_are_work_to_do_count_their_jobs(csr: Browser, brand: Brand) -> None:
    PaymentFactory(work_order=WorkOrderFactory(brand=brand), status="unknown")

    views = {view["label"]: view for view in csr.get(LIST).context["views"]}

    assert views["Needs attention"]["count"] == 1
    assert views["Needs attention"]["active"]
    assert views["All"]["count"] is None


def test_reasons_are_chips_of_the_view_that_has_them(csr: Browser, brand: Brand) -> None:
    PaymentFactory(work_order=WorkOrderFactory(brand=brand), status="unknown")

    chips = {chip.label: chip for chip in csr.get(LIST).context["chips"]}

    assert chips["Any reason"].active and chips["Any reason"].count == 1
    assert csr.get(LIST, {"view": "all"}).context["chips"] == []


def test_the_first_page_knows_that_it_is_one(csr: Browser, brand: Brand) -> None:
    assert csr.get(LIST).context["first_page"]
    assert not csr.get(LIST, {"after": "abc"}).context["first_page"]


@pytest.mark.parametrize("text", ["", "   ", "\x00"])
def test_an_empty_search_is_an_empty_page(csr: Browser, brand: Brand, text: str) -> None:
    page = csr.get(SEARCH, {"q": text})

    assert "rows" not in page.context


def test_a_search_shows_ten_of_each_and_says_that_there_are_more(
    csr: Browser, brand: Brand
) -> None:
    client = ClientFactory(brand=brand, name="Priya Raman")
    for _ in range(11):
        PaymentFactory(work_order=WorkOrderFactory(brand=brand, client=client))

    context: Any = csr.get(SEARCH, {"q": "Priya"}).context

    assert (len(context["rows"]), context["more_jobs"]) == (10, True)
    assert (len(context["payments"]), context["more_payments"]) == (10, True)
    assert (len(context["clients"]), context["more_clients"]) == (1, False)
    assert not context["nothing"]

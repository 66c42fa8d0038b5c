"""What of a feed is shown: chips, the form, flat, oldest first; the URL holds it all."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site

JOB = "/b/fhi/work-orders/FHI624/"


def rows(page: Page) -> int:
    """Number of entries on the page."""
    return page.locator("[data-timeline] [id^='e-']").count()


@pytest.mark.parametrize(
    ("name", "key", "count"),
    [
        ("Only problems", "problems", 1),
        ("Money moved", "money", 2),
        ("Attempts", "attempts", 5),
        ("Refunds", "refunds", 3),
        ("Charges", "charges", 2),
    ],
)
def test_a_chip_says_how_many_it_shows(site: Site, name: str, key: str, count: int) -> None:
    page = site.visit(JOB)
    assert rows(page) == 10

    page.get_by_role("link", name=f"{name} {count}").click()

    expect(page).to_have_url(re.compile(rf"\?show={key}$"))
    expect(page.locator(".filter[aria-current]")).to_have_text(re.compile(rf"{name}\s+{count}"))
    assert rows(page) == count


def test_the_form_filters_and_says_what_is_hidden(site: Site) -> None:
    page = site.visit(JOB)
    page.get_by_text("Search and filter this feed").click()
    page.get_by_label("Source").select_option("client")
    page.get_by_role("button", name="Show").click()

    expect(page).to_have_url(re.compile("source=client"))
    assert rows(page) == 1
    expect(page.get_by_role("heading", name="Attempt 1 · $340.52")).to_be_visible()
    page.get_by_label("State").select_option("voided")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="Nothing matches these filters")).to_be_visible()
    expect(page.get_by_text("10 events hidden by the filters.")).to_be_visible()
    page.get_by_role("link", name="Show everything").click()
    expect(page).to_have_url(re.compile(rf"{JOB}$"))
    assert rows(page) == 10


@pytest.mark.parametrize(("asked", "count"), [("GRD-88187", 1), ("rf_88213", 2), ("no-such", 0)])
def test_search_by_reference(site: Site, asked: str, count: int) -> None:
    page = site.visit(JOB)
    page.get_by_text("Search and filter this feed").click()

    page.get_by_label("Reference").fill(asked)
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(f"ref={asked}"))
    expect(page.get_by_label("Reference")).to_have_value(asked)
    assert rows(page) == count


def test_a_wrong_date_names_its_field(site: Site) -> None:
    page = site.visit(f"{JOB}?since=2026-13-45&payment=abc")

    since = page.get_by_label("From")
    expect(since).to_be_visible()
    expect(since).to_have_attribute("aria-invalid", "true")
    expect(since).to_have_accessible_description(
        "“2026-13-45” is not a day; write it like 2026-05-04"
    )
    expect(page.get_by_label("Payment", exact=True)).to_have_accessible_description(
        "“abc” is not a payment of this job"
    )
    assert rows(page) == 10


def test_flat_is_pure_chronology(site: Site) -> None:
    page = site.visit(JOB)

    page.get_by_role("link", name="Flat list").click()

    expect(page).to_have_url(re.compile(r"\?flat=1$"))
    assert page.locator(".steps, .thread-children").count() == 0
    times = page.locator("[data-timeline] .thread time").evaluate_all(
        "all => all.map((time) => time.dateTime)"
    )
    assert len(times) == 10
    assert times == sorted(times, reverse=True)
    page.get_by_role("link", name="By payment").click()
    assert page.locator(".steps").count() == 3


def test_oldest_first_is_remembered(site: Site) -> None:
    page = site.visit(JOB)
    page.get_by_role("link", name="Oldest first").click()
    page.goto(JOB)

    page.reload()

    expect(page.locator(".thread-title").first).to_have_text("Job FHI624 booked · $329.00")
    page.get_by_role("link", name="Newest first").click()
    page.goto(JOB)
    expect(page.locator(".thread-title").first).to_contain_text("Payment P-1")

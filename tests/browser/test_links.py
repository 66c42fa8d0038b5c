"""A link to an entry opens, highlights and focuses its row, on whichever page it is."""

import re

import pytest
from playwright.sync_api import Page, expect

from activity.models import Entry
from tests.browser.jobs import LONG
from tests.browser.site import Site
from workorders.models import WorkOrder


def entry_of(number: str, code: str, position: int = 0) -> int:
    """Id of an entry of a job: the oldest of its code, or a later one."""
    job = WorkOrder.objects.get(number=number)
    entries = Entry.objects.filter(work_order_id=job.pk, code=code).order_by("occurred_at", "id")
    return entries[position].pk


def expect_target(page: Page, pk: int) -> None:
    """The row of the entry is the one that is marked, has the focus and is in sight."""
    row = page.locator(f"#e-{pk}")
    expect(row).to_have_class(re.compile(r"\bis-target\b"))
    expect(row).to_be_focused()
    expect(row).to_be_in_viewport()
    assert page.locator(".is-target").count() == 1


@pytest.mark.parametrize(
    "form",
    [
        "/work-orders/FHI701/#e-{0}",
        "/work-orders/FHI701/?entry={0}",
        "/entries/{0}/",
        "/work-orders/FHI701/activity/#e-{0}",
    ],
)
def test_a_link_to_a_decline(site: Site, form: str) -> None:
    pk = entry_of("FHI701", "attempt.added")

    page = site.visit(f"/b/fhi{form.format(pk)}", viewport={"width": 1280, "height": 500})

    expect_target(page, pk)


def test_a_link_followed_on_an_open_page(site: Site) -> None:
    first, second = entry_of("FHI701", "attempt.added"), entry_of("FHI701", "attempt.added", 1)
    page = site.visit(f"/b/fhi/work-orders/FHI701/#e-{first}")
    expect_target(page, first)

    page.locator(f"#e-{second} a[href*='entry=']").first.click()

    expect_target(page, second)


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_an_entry_on_a_later_page(site: Site, order: str) -> None:
    pk = entry_of(LONG, "attempt.added", 0 if order == "newest" else 25)
    page = site.visit(f"/b/fhi/work-orders/{LONG}/?order={order}")
    assert page.locator(f"#e-{pk}").count() == 0

    page.goto(f"/b/fhi/work-orders/{LONG}/#e-{pk}")

    expect_target(page, pk)
    expect(page).to_have_url(re.compile(rf"\?entry={pk}#e-{pk}$"))
    page.get_by_role("link", name="Newer").click()
    expect(page.locator(".thread").first).to_be_visible()


def test_an_entry_in_a_thread_of_more_than_five_rows(site: Site) -> None:
    pk = entry_of("FHI708", "provider.added")
    page = site.visit("/b/fhi/work-orders/FHI708/")
    assert page.locator(f"#e-{pk}").count() == 0

    page.goto(f"/b/fhi/work-orders/FHI708/#e-{pk}")

    expect_target(page, pk)
    assert page.locator("[data-timeline] .step").count() == 9


def test_earlier_steps_come_in_place(site: Site) -> None:
    page = site.visit("/b/fhi/work-orders/FHI708/")

    page.get_by_role("link", name=re.compile(r"Show \d earlier steps")).click()

    expect(page.locator("[data-timeline] .step")).to_have_count(9)
    expect(page).to_have_url(re.compile(r"FHI708/$"))


def test_a_link_to_a_filtered_entry_shows_it(site: Site) -> None:
    pk = entry_of("FHI624", "attempt.added")
    page = site.visit(f"/b/fhi/work-orders/FHI624/?show=refunds#e-{pk}")

    expect_target(page, pk)


def test_a_link_to_a_missing_entry_reports_it(site: Site) -> None:
    page = site.visit("/b/fhi/work-orders/FHI624/#e-999999999")

    expect(page.locator("#toast")).to_have_text("That entry is not on this page")

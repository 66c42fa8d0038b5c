"""A CSR signs in, finds a job, and has the five questions answered without a click."""

import pytest
from playwright.sync_api import Page, expect

from demo.brands import PASSWORD
from tests.browser.site import Site

FIRST_SCREEN = {"width": 1280, "height": 1000}
CALM = "Nothing is pending. No follow-up is planned."
# job → what its first screen says: who paid, with what, what failed and why, what went back, next
SENTENCES = {
    "fhi/work-orders/FHI624": [
        "Cancelled after publication: $125.00 kept, $211.14 refunded, nothing due.",
        "Priya Raman paid $340.52 by Visa •4242",
        "$211.14 refunded to Visa •4242",
        "declined once before (insufficient funds)",
        "Returned what was paid above the new bill",
        CALM,
    ],
    "ria/work-orders/RIA2159": [
        "Paid in full by Visa •1881; technology fee of $17.95 not collected.",
        "Gabriel Fontaine paid $500.00 by Visa •1881",
        "Technology fee not collected: $17.95",
    ],
    "fhi/work-orders/FHI701": [
        "Jonah Whitaker paid $412.30 by Mastercard •8210",
        "declined 2 times before (3-D Secure failed, insufficient funds)",
        "Attempt 2 · $412.30 by Visa •3155",
        "Bank said: 3-D Secure failed.",
        CALM,
    ],
    "fhi/work-orders/FHI708": [
        "Camille Osei paid $400.00 by pay-at-close",
        "Funded · $400.00 received",
        "Title company paid the provider at closing",
        CALM,
    ],
    "fhi/work-orders/FHI713": [
        "$400.00 by check 5521 is pending, nothing received yet",
        "Check is in the mail, says the client",
        "follow-up due",
    ],
}  # fmt: skip
# job → billed, credits, received, refunded, balance, pending
FIGURES = {
    "fhi/work-orders/FHI624": ["129.38", "0.00", "340.52", "211.14", "$0.00", "0.00"],
    "ria/work-orders/RIA2159": ["500.00", "0.00", "500.00", "0.00", "$0.00", "0.00"],
    "fhi/work-orders/FHI701": ["412.30", "0.00", "412.30", "0.00", "$0.00", "0.00"],
    "fhi/work-orders/FHI708": ["400.00", "0.00", "400.00", "0.00", "$0.00", "0.00"],
    "fhi/work-orders/FHI713": ["400.00", "0.00", "0.00", "0.00", "$400.00", "400.00"],
}
NAMES = ["Billed", "Credits", "Received", "Refunded", "Balance", "Pending"]


def figures(page: Page) -> list[str]:
    """The equation on top, and what is pending next to it."""
    assert page.locator(".equation-figure .equation-label").all_inner_texts() == NAMES
    return page.locator(".equation-figure .equation-amount").all_inner_texts()


def test_sign_in_find_the_job_and_read_it(site: Site) -> None:
    page = site.visit("/", who="")
    page.get_by_label("Email").fill("dana@demo.paystory.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Main").locator("summary").click()
    page.get_by_role("link", name="Foothill Home Inspections").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Work orders")

    page.get_by_role("link", name="All", exact=True).click()
    page.get_by_role("link", name="FHI624", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("FHI624 · 118 Alder Court, Boise ID")
    expect(page.get_by_text("Cancelled after publication")).to_be_visible()


def test_a_wrong_password_is_reported_next_to_the_form(site: Site) -> None:
    page = site.visit("/accounts/login/", who="")
    page.get_by_label("Email").fill("dana@demo.paystory.test")
    page.get_by_label("Password").fill("not-the-password")

    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_text("password you specified are not correct")).to_be_visible()
    expect(page.get_by_label("Email")).to_have_value("dana@demo.paystory.test")


@pytest.mark.parametrize(
    ("asked", "straight"),
    [("FHI624", True), ("GRD-88190", True), ("Priya Raman", False), ("118 Alder", False)],
)
def test_search_on_every_page_finds_the_job(site: Site, asked: str, straight: bool) -> None:
    page = site.visit("/b/fhi/clients/")

    page.get_by_role("searchbox", name="Search work orders").fill(asked)
    page.keyboard.press("Enter")

    if not straight:
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Results for “{asked}”")
        page.locator("main").get_by_role("link", name="FHI624").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("FHI624")


@pytest.mark.parametrize("path", SENTENCES)
def test_the_first_screen_answers_the_five_questions(site: Site, path: str) -> None:
    page = site.visit(f"/b/{path}/", viewport=FIRST_SCREEN)

    for sentence in SENTENCES[path]:
        expect(page.get_by_text(sentence).filter(visible=True).first).to_be_in_viewport()
    assert figures(page) == FIGURES[path]


def test_why_opens_next_to_the_balance_and_a_figure_leads_to_its_rows(site: Site) -> None:
    page = site.visit("/b/fhi/work-orders/FHI624/", viewport=FIRST_SCREEN)
    fee_row = page.get_by_text("Technology fee kept · P-1 · Visa •4242")
    expect(fee_row).to_be_hidden()

    page.locator(".equation-figure", has_text="Balance").click()

    expect(fee_row).to_be_visible()
    page.locator(".equation-figure", has_text="Billed").click()
    expect(page.get_by_role("heading", name="Billed: $129.38")).to_be_visible()
    expect(page.get_by_text("Invoice FHI624 amended (revision 2)").first).to_be_visible()

"""A CSR takes checks by hand; the timeline shows it at once, with her name, no worker running."""

import re

from playwright.sync_api import Page, expect

from tests.browser.site import Site
from tests.browser.test_story import figures

JOB = "/b/fhi/work-orders/FHI790/"


def record_check(page: Page, amount: str, number: str) -> None:
    """From the job's page: record a check that is not here yet."""
    page.get_by_role("link", name="Record payment").click()
    page.get_by_role("radio", name="Check").check()
    page.get_by_label("Amount").fill(amount)
    page.get_by_label("Check number").fill(number)
    page.get_by_role("button", name=f"Record ${amount}").click()


def test_record_confirm_and_void(site: Site, own_copy: None) -> None:
    page = site.visit(JOB)

    record_check(page, "250.00", "2201")

    expect(page).to_have_url(re.compile(rf"{JOB}$"))
    expect(page.get_by_text("Check of $250.00 is recorded as P-1: pending.")).to_be_visible()
    thread = page.locator(".thread").first
    expect(thread).to_contain_text("Payment P-1 · $250.00 by check 2201")
    expect(thread).to_contain_text("pending")
    expect(thread).to_contain_text("Dana Whitfield")
    assert figures(page)[5] == "250.00"

    page.get_by_role("link", name="P-1", exact=True).click()
    page.get_by_role("link", name="Confirm received").click()
    page.get_by_role("button", name="Confirm $250.00").click()
    page.goto(JOB)

    thread = page.locator(".thread").first
    expect(thread.locator(".thread-outcome")).to_have_text("received")
    expect(thread.locator(".step").first).to_contain_text("Dana Whitfield")
    assert figures(page)[2::3] == ["250.00", "0.00"]

    record_check(page, "150.00", "2202")
    page.get_by_role("link", name="P-2", exact=True).click()
    page.get_by_role("link", name="Void").click()
    page.get_by_role("button", name="Void $150.00").click()
    expect(page.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Reason").fill("Client stopped the check")
    page.get_by_role("button", name="Void $150.00").click()
    page.goto(JOB)

    thread = page.locator(".thread").first
    expect(thread).to_contain_text("Payment P-2 · $150.00 by check 2202")
    expect(thread.locator(".thread-outcome")).to_have_text("voided")
    expect(thread.locator(".step").first).to_contain_text("Client stopped the check")
    expect(thread.locator(".step").first).to_contain_text("Dana Whitfield")
    assert figures(page)[2::3] == ["250.00", "0.00"]


def test_a_form_that_is_wrong_keeps_what_was_typed_and_records_nothing(site: Site) -> None:
    page = site.visit(f"{JOB}payments/new/")
    page.get_by_label("Amount").fill("1,2,3")
    page.get_by_label("Check number").fill("2203")

    page.get_by_role("button", name="Record").click()

    expect(page.get_by_label("Amount")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Check number")).to_have_value("2203")
    page.goto(JOB)
    expect(page.get_by_text("2203")).to_have_count(0)


def test_without_script_a_check_is_recorded_too(site: Site, own_copy: None) -> None:
    page = site.visit(f"{JOB}payments/new/", java_script_enabled=False)
    page.get_by_label("Amount").fill("250.00")
    page.get_by_label("Check number").fill("2204")

    page.get_by_role("button", name="Record the payment").click()

    expect(page.locator(".thread").first).to_contain_text("by check 2204")
    expect(page.locator(".thread").first).to_contain_text("Dana Whitfield")

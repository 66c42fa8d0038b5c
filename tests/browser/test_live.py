"""An open page learns what happens: signed webhooks over real HTTP, shown within ten seconds."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from core import clock
from demo.brands import webhook_secret
from sandbox.pay_at_close import provider
from tests.browser.site import Site
from tests.browser.test_story import figures

JOB = "/b/fhi/work-orders/FHI719/"
SHOWN_WITHIN_MS = 10_000


def tell(site: Site, number: int, status: str, **more: Any) -> None:
    """FlexFund says that the order of FHI719 moved."""
    account = provider.Account(site.url, "flexfund", "fhi", webhook_secret("fhi", "flexfund"))
    event: dict[str, Any] = {
        "event_id": f"live_{number}",
        "order_id": "FLX-71900",
        "work_order": "FHI719",
    }
    event |= {"status": status, "at": clock.now().isoformat(), "detail": "", "data": {}}
    answer = provider.send(account, event | more)
    assert answer.code in (200, 202)


def top_of(row: Locator) -> float:
    """Distance of a row from the window's top, in pixels.

    Not scrollY, which may move: browsers follow what is in sight.
    """
    return float(row.evaluate("(row) => row.getBoundingClientRect().top"))


def test_new_events_wait_behind_a_button_and_pills_change_in_place(
    site: Site, own_copy: None
) -> None:
    page = site.visit(JOB, viewport={"width": 1280, "height": 500})
    before = page.locator("[data-timeline] [id^='e-']").count()
    pill = page.locator(".thread-outcome", has_text=re.compile("pending|processing"))
    expect(pill).to_have_count(1)
    place = pill.get_attribute("id")
    assert figures(page)[2::3] == ["0.00", "400.00"]
    page.evaluate("scrollTo(0, 400)")
    row = page.locator(".step").nth(1)
    expect(row).to_be_in_viewport()
    at = top_of(row)

    tell(site, 1, "funded", amount="400.00", detail="Paid to the inspection company")

    expect(page.get_by_text("1 new event", exact=True)).to_be_visible(timeout=SHOWN_WITHIN_MS)
    expect(page.locator(f"#{place}")).to_have_text("received")
    assert figures(page)[2::3] == ["400.00", "0.00"]
    assert top_of(row) == pytest.approx(at, abs=1)
    assert page.locator("[data-timeline] [id^='e-']").count() == before

    tell(site, 2, "collected_at_closing", amount="400.00")
    tell(site, 3, "collected_at_closing", amount="400.00", data={"line": "1302"})

    expect(page.get_by_text("3 new events", exact=True)).to_be_visible(timeout=SHOWN_WITHIN_MS)
    assert top_of(row) == pytest.approx(at, abs=1)
    page.get_by_role("link", name="3 new events").click()
    expect(page.locator(".step", has_text="Funded · $400.00 received")).to_be_visible()
    expect(page.locator(".step")).to_have_count(5)
    expect(page.get_by_role("link", name="Show 2 earlier steps")).to_be_visible()
    expect(page.get_by_text("new event")).to_have_count(0)


def test_an_order_of_its_own_is_one_new_event(site: Site, own_copy: None) -> None:
    page = site.visit("/b/fhi/work-orders/FHI713/activity/")

    tell(site, 4, "offered", order_id="FLX-new", work_order="FHI713", amount="400.00")

    link = page.get_by_role("link", name=re.compile(r"^\d new events?$"))
    expect(link).to_be_visible(timeout=SHOWN_WITHIN_MS)
    link.click()
    expect(page.get_by_role("heading", name="Payment P-2")).to_be_visible()


def test_without_script_a_reload_shows_it(site: Site, own_copy: None) -> None:
    page = site.visit(JOB, java_script_enabled=False)
    expect(page.locator(".step", has_text="Funded · $400.00 received")).to_have_count(0)

    tell(site, 5, "funded", amount="400.00")
    page.reload()

    expect(page.locator(".step", has_text="Funded · $400.00 received")).to_be_visible()
    assert figures(page)[2] == "400.00"

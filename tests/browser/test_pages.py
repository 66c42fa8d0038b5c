"""Every page: accessible in light and dark, at every width, quiet in the console, quick."""

import json
import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from payments.models import PaymentException
from tests.browser.site import Site, settle
from workorders.models import Client

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# All that a theme can change.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
QUICK_MS = 1000


def open_all(page: Page) -> None:
    """Open every fold of the content."""
    page.locator("main details").evaluate_all("all => all.forEach((fold) => (fold.open = true))")


def send_empty(page: Page) -> None:
    """Send the form without an amount."""
    page.get_by_label("Amount").fill("")
    page.locator("main form button[type=submit]").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()


def send_too_much(page: Page) -> None:
    """Record more than what is due: the page asks first."""
    page.get_by_label("Amount").fill("9999.00")
    page.get_by_label("Check number").fill("4711")
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("heading", name="Record $9,999.00 all the same?")).to_be_visible()


def nothing(page: Page) -> None:
    """Leave the page as it came."""


def client_page() -> str:
    return f"/b/fhi/clients/{Client.objects.get(name='Priya Raman').pk}/"


def exception_page() -> str:
    return (
        f"/b/fhi/exceptions/{PaymentException.objects.filter(brand__slug='fhi').latest('pk').pk}/"
    )


# name → who, address, what is done before looking
PAGES: dict[str, tuple[str, str | Callable[[], str], Callable[[Page], None]]] = {
    "login": ("", "/accounts/login/", nothing),
    "work orders": ("dana", "/b/fhi/work-orders/", nothing),
    "all work orders": ("dana", "/b/fhi/work-orders/?view=all", open_all),
    "work order": ("dana", "/b/fhi/work-orders/FHI624/", open_all),
    "rows of a figure": ("dana", "/b/fhi/work-orders/FHI624/?show=billed", open_all),
    "fee not collected": ("marcus", "/b/ria/work-orders/RIA2159/", open_all),
    "outstanding": ("dana", "/b/fhi/work-orders/?view=outstanding", nothing),
    "open work order": ("dana", "/b/fhi/work-orders/FHI713/", nothing),
    "pay-at-close work order": ("dana", "/b/fhi/work-orders/FHI708/", nothing),
    "flat": ("dana", "/b/fhi/work-orders/FHI624/?flat=1", nothing),
    "nothing found": ("dana", "/b/fhi/work-orders/FHI624/?state=voided&since=x", nothing),
    "activity of a job": ("dana", "/b/fhi/work-orders/FHI624/activity/", open_all),
    "activity of a brand": ("dana", "/b/fhi/activity/", nothing),
    "clients": ("dana", "/b/fhi/clients/", nothing),
    "client": ("dana", client_page, nothing),
    "payments": ("dana", "/b/fhi/payments/", nothing),
    "payment": ("dana", "/b/fhi/payments/FHI624-P-1/", nothing),
    "record a payment": ("dana", "/b/fhi/work-orders/FHI713/payments/new/", send_empty),
    "asked before recording": (
        "dana",
        "/b/fhi/work-orders/FHI713/payments/new/",
        send_too_much,
    ),
    "returned by the bank": ("dana", "/b/fhi/payments/FHI713-P-1/returned/", nothing),
    "void a payment": ("dana", "/b/fhi/payments/FHI713-P-1/void/", nothing),
    "new work order": ("dana", "/b/fhi/work-orders/new/", nothing),
    "search": ("dana", "/b/fhi/search/?q=Raman", nothing),
    "exceptions": ("marcus", "/b/fhi/exceptions/", nothing),
    "exception": ("marcus", exception_page, nothing),
    "team": ("marcus", "/b/fhi/team/", nothing),
    "providers": ("marcus", "/b/fhi/settings/providers/", nothing),
    "account": ("dana", "/account/", nothing),
    "not found": ("dana", "/b/fhi/work-orders/FHI99999/", nothing),
}
every_page = pytest.mark.parametrize("name", PAGES)


def look_at(site: Site, name: str, **options: Any) -> Page:
    """The page of that name, ready to be looked at."""
    who, path, prepare = PAGES[name]
    if name == "not found":
        site.expected.append("404 (Not Found)")
    page = site.visit(path if isinstance(path, str) else path(), who, **options)
    prepare(page)
    return page


def faults(page: Page, **run_only: Any) -> list[str]:
    """What axe finds wrong, one line for each element."""
    settle(page)
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE)
    options = {"runOnly": run_only, "resultTypes": ["violations"]}
    violations = page.evaluate("async (options) => (await axe.run(options)).violations", options)
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary'].splitlines()[-1].strip()}"
        for rule in violations
        for node in rule["nodes"]
    ]


def too_wide(page: Page) -> list[str]:
    """What sticks out on the right, when the page can be scrolled sideways."""
    too_far_right: list[str] = page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          return [...document.querySelectorAll("body *")]
            .filter((x) => x.getBoundingClientRect().right > width + 0.5)
            .map((x) => `${x.tagName}.${x.className} ${x.getBoundingClientRect().right}`);
        }"""
    )
    return too_far_right


@every_page
def test_fits_and_is_accessible(site: Site, name: str) -> None:
    page = look_at(site, name)
    wide = {}
    # 640 is 1280 at a zoom of 200 %; 320 is a small phone, or 400 %.
    for width in (640, 320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        settle(page)
        wide[width] = too_wide(page)

    light = faults(page, type="tag", values=RULES)
    page.emulate_media(color_scheme="dark")
    settle(page)
    dark = faults(page, type="rule", values=COLOUR_RULES)

    assert wide == {1280: [], 640: [], 320: []}
    assert (light, dark) == ([], [])


@every_page
def test_works_without_script(site: Site, name: str) -> None:
    who, path, _ = PAGES[name]
    if name == "not found":
        site.expected.append("404 (Not Found)")

    page = site.visit(path if isinstance(path, str) else path(), who, java_script_enabled=False)

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".needs-script:visible")).to_have_count(0)


def test_dark_is_dark_and_a_choice_is_remembered(site: Site) -> None:
    page = site.visit("/b/fhi/work-orders/FHI624/", color_scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    page.get_by_text("Account of Dana Whitfield").click()

    page.get_by_role("button", name="Light").click()
    settle(page)
    light = page.evaluate(background)
    page.reload()

    assert sum(int(n) for n in re.findall(r"\d+", dark)[:3]) < 150
    assert sum(int(n) for n in re.findall(r"\d+", light)[:3]) > 600
    assert page.evaluate(background) == light
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_reduced_motion_is_respected(site: Site) -> None:
    page = site.visit("/b/fhi/work-orders/FHI624/", reduced_motion="reduce")
    moving = """() => [...document.querySelectorAll("*")].filter((x) => {
      const style = getComputedStyle(x);
      const longest = (list) => Math.max(...list.split(",").map(parseFloat));
      return longest(style.transitionDuration) > 0.02 || longest(style.animationDuration) > 0.02
        || style.scrollBehavior === "smooth";
    }).map((x) => `${x.tagName}.${x.className}`)"""

    assert page.evaluate(moving) == []


def test_the_first_paint_is_quick(
    site: Site, record_property: Callable[[str, object], None]
) -> None:
    page = site.visit("/b/fhi/work-orders/FHI624/")
    read = """() => new Promise((answer) => new PerformanceObserver((list) => answer({
      lcp: Math.round(list.getEntries().at(-1).startTime),
      first: Math.round(performance.getEntriesByName("first-contentful-paint")[0].startTime),
      server: Math.round(performance.getEntriesByType("navigation")[0].responseStart),
    })).observe({type: "largest-contentful-paint", buffered: true}))"""

    measured = []
    for _ in range(4):  # the best of a few: other tests share this machine
        page.reload()
        measured.append(page.evaluate(read))

    best = min(measured, key=lambda m: float(m["lcp"]))
    record_property("paint", json.dumps(measured))
    print(f"FHI624, ms: {measured}")
    assert best["lcp"] < QUICK_MS

"""Everything by keyboard: what has the focus is seen, and the way always leads on."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import DESK, PHONE, Site, settle

JOB = "/b/fhi/work-orders/FHI624/"
# What has the focus: its name, whether it is marked, and whether something lies over it.
FOCUSED = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const marked = (of) => {
    const style = of && getComputedStyle(of);
    return Boolean(style) && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const box = at.getBoundingClientRect();
  const seen = (x, y) => {
    const top = document.elementFromPoint(x, y);
    if (!top) return false;
    return at.contains(top) || top.contains(at) || top.closest("label")?.control === at;
  };
  const inset = Math.min(6, box.height / 2);
  const points = [[box.left + box.width / 2, box.top + box.height / 2],
                  [box.left + 8, box.top + inset], [box.left + 8, box.bottom - inset]];
  return {
    name: `${at.tagName} ${at.id} ${(at.ariaLabel ?? at.textContent).trim().slice(0, 40)}`,
    marked: marked(at) || marked(at.closest("label")),
    seen: points.some(([x, y]) => seen(x, y)),
    row: at.closest("[data-row]")?.id ?? "",
  };
}"""


def walk(page: Page, limit: int = 200) -> list[dict[str, Any]]:
    """Press Tab until the focus leaves the page; what had it, in order."""
    stops: list[dict[str, Any]] = []
    for _ in range(limit):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at and not at["seen"]:
            settle(page)
            at = page.evaluate(FOCUSED)
        if at is None or (len(stops) > 2 and at["name"] == stops[0]["name"]):
            return stops
        stops.append(at)
    raise AssertionError(f"a trap? {limit} presses of Tab did not leave the page: {stops[-3:]}")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(
    "path", [JOB, "/b/fhi/work-orders/", "/b/fhi/work-orders/FHI624/payments/new/"]
)
def test_tab_leads_through_the_page_and_out(site: Site, path: str, size: dict[str, int]) -> None:
    page = site.visit(path, viewport=size)

    stops = walk(page)

    assert stops[0]["name"].strip().endswith("Skip to the content")
    # A date field is several stops; Chromium marks its inner button itself.
    marked = {at["name"] for at in stops if at["marked"]}
    assert [at["name"] for at in stops if at["name"] not in marked] == []
    assert [at["name"] for at in stops if not at["seen"]] == []
    names = " | ".join(at["name"] for at in stops)
    assert "INPUT search" in names
    if path == JOB:
        order = ["INPUT search", "Record payment", "Only problems", "Search and filter", "Details"]
        places = [names.index(name) for name in order]
        assert places == sorted(places)


def test_skip_link(site: Site) -> None:
    page = site.visit(JOB)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_details_open_by_enter(site: Site) -> None:
    page = site.visit(JOB)
    summary = page.locator("[data-timeline] details.details > summary").first
    facts = page.locator("[data-timeline] details.details .facts").first
    expect(facts).to_be_hidden()
    summary.focus()

    page.keyboard.press("Enter")

    expect(facts).to_be_visible()
    page.keyboard.press("Enter")
    expect(facts).to_be_hidden()


def test_slash_and_j_and_k(site: Site) -> None:
    page = site.visit(JOB)
    row = "document.activeElement.id"
    all_rows = page.locator("[data-timeline] [data-row]").evaluate_all("r => r.map((x) => x.id)")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("j/k")
    expect(page.locator("#search")).to_have_value("j/k")
    page.locator("main").focus()

    walked = []
    for key in "jjjjk":
        page.keyboard.press(key)
        walked.append(page.evaluate(row))

    assert walked == [*all_rows[:4], all_rows[2]]
    assert page.evaluate(FOCUSED)["marked"]
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["row"] == all_rows[2]


def test_shortcuts_can_be_switched_off(site: Site) -> None:
    page = site.visit(JOB)
    page.get_by_text("Account of Dana Whitfield").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.reload()

    page.keyboard.press("/")

    expect(page.locator("#search")).not_to_be_focused()
    page.evaluate("localStorage.clear()")


def test_menus_open_by_enter_and_close_by_escape(site: Site) -> None:
    page = site.visit(JOB)
    menu = page.locator("details.topbar-user")
    menu.locator("summary").focus()

    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Your account")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")

    expect(menu).not_to_have_attribute("open", re.compile(".*"))
    expect(menu.locator("summary")).to_be_focused()


def test_a_filter_by_keyboard_alone(site: Site) -> None:
    page = site.visit(JOB)
    page.get_by_text("Search and filter this feed").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("GRD-88187")

    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("ref=GRD-88187"))
    expect(page.get_by_label("Reference")).to_be_visible()

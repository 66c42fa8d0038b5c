"""Pages as a person meets them, with everything that a page complains about."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 320, "height": 640}
# What the policy of the page refused; the console says it too, but not for every directive.
WATCH_POLICY = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
"""


def settle(page: Page) -> None:
    """Wait until what was asked of the page is painted, transitions included."""
    page.evaluate(
        """async () => {
          const frame = () => new Promise((done) => requestAnimationFrame(done));
          await frame();
          await Promise.allSettled(document.getAnimations().map((a) => a.finished));
          await frame();
        }"""
    )


Profiles = dict[str, BrowserContext]


@dataclass
class Site:
    """The server as seen by signed-in people. ``expected`` are complaints that a test provokes.

    ``profiles`` outlive a test, so that style sheets are fetched once; cookies do not.
    """

    browser: Browser
    url: str
    sessions: dict[str, str]
    profiles: Profiles
    expected: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)

    def visit(self, path: str = "", who: str = "dana", **options: Any) -> Page:
        """A page as ``who`` ("" is nobody) in a browser with these ``options``."""
        context = self._profile({"viewport": DESK, "reduced_motion": "reduce", **options})
        context.clear_cookies()
        if who:
            context.add_cookies(
                [{"name": "sessionid", "value": self.sessions[who], "url": self.url}]
            )
        page = context.new_page()
        self.pages.append(page)
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        if path:
            page.goto(path)
        return page

    def _profile(self, options: dict[str, Any]) -> BrowserContext:
        key = repr(sorted(options.items()))
        if key not in self.profiles:
            context = self.browser.new_context(base_url=self.url, **options)
            context.set_default_timeout(10_000)
            context.add_init_script(WATCH_POLICY)
            self.profiles[key] = context
        return self.profiles[key]

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.type}: {message.text} ({message.location['url']})")

    def close(self) -> list[str]:
        """Close every page; answers the complaints that nobody expected."""
        for page in self.pages:
            page.close()
        return [p for p in self.problems if not any(known in p for known in self.expected)]

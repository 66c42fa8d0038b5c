"""Pages as tests read them: how a template is laid out in lines is not what a reader sees."""

import re
from html.parser import HTMLParser


def one_line(html: str) -> str:
    """``html`` with one space for each run of white space, as a browser shows text."""
    return re.sub(r"\s+", " ", html)


def flat(html: str) -> str:
    """The same without the white space beside tags, for patterns that look at tags."""
    return re.sub(r" ?(<[^>]*>) ?", lambda tag: tag[1], one_line(html))


def tokens_in(html: str) -> list[str]:
    """The token of each form on a page, in their order."""
    return re.findall(r'name="form_token" value="([^"]+)"', html)


def post_forms(html: str) -> list[str]:
    """The markup of each form of a page that is sent by POST."""
    forms = re.findall(r"<form\b[^>]*>.*?</form>", html, re.DOTALL)
    return [form for form in forms if re.search(r'<form\b[^>]*method="post"', form)]


class _Fields(HTMLParser):
    """Collects what a browser would send of a form that nobody touched."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._select = self._textarea = ""
        self._skipping = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "template":
            self._skipping = True
        elif self._skipping:
            return
        elif tag == "input" and name:
            if given.get("type") not in ("radio", "checkbox") or "checked" in given:
                self.values[name] = value
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in given or self._select not in self.values):
            self.values[self._select] = value
        elif tag == "textarea":
            self._textarea, self.values[name] = name, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._skipping = False
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.values[self._textarea] += data.strip()


def fields_of(form: str) -> dict[str, str]:
    """The names and values of a form as it was rendered; buttons are not among them."""
    parser = _Fields()
    parser.feed(form)
    return parser.values

"""``{% box "name" %}`` … ``{% endbox %}`` and ``{% panel %}``: parts of a page that fail alone.

Registered as a builtin: no ``{% load %}`` needed.
"""

from collections.abc import Callable
from typing import Any

from django import template
from django.template import TemplateSyntaxError
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core.faults import COULD_NOT_SHOW, NOTHING_LOST, guarded
from ui import icons
from ui.boxes import BROKEN

register = template.Library()

# What a plain line is wrapped in, by the element that the box is in.
_WRAPS = {
    "p": "<p{0}>{1}</p>",
    "li": "<li{0}>{1}</li>",
    "tr": '<tr role="row"><td role="cell" colspan="99"{0}>{1}</td></tr>',
}
_CLASS = ' class="could-not-show"'


class BoxNode(Node):
    """What is between the tags; a plain line where the view or the template could not build it."""

    def __init__(self, nodelist: NodeList, name: FilterExpression | None, wrap: str) -> None:
        self.nodelist = nodelist
        self.name = name
        self.wrap = wrap

    def render(self, context: template.Context) -> SafeString:
        name = str(self.name.resolve(context)) if self.name else ""
        broken: dict[str, bool] = context.get(BROKEN) or {}
        if name in broken:
            is_said, broken[name] = broken[name], True
            return mark_safe("") if is_said else self.plainly()
        return guarded(lambda: self.nodelist.render(context), self.plainly, part=name or "box")

    def plainly(self) -> SafeString:
        """The line that takes the box's place."""
        sign = icons.svg("exclamation-triangle", 16)
        line = format_html("{} {} {}", sign, COULD_NOT_SHOW, NOTHING_LOST)
        return format_html(_WRAPS[self.wrap].replace("{0}", _CLASS).replace("{1}", "{}"), line)


@register.tag
def box(parser: Parser, token: Token) -> BoxNode:
    """``{% box "payments" %}``; ``{% box "row" "tr" %}`` among rows of a table."""
    words = token.split_contents()[1:]
    wrap = words[1].strip("'\"") if len(words) == 2 else "p"
    if not 1 <= len(words) <= 2 or wrap not in _WRAPS:
        raise TemplateSyntaxError("box: a name, and p, li or tr")
    nodelist = parser.parse(("endbox",))
    parser.delete_first_token()
    return BoxNode(nodelist, parser.compile_filter(words[0]), wrap)


def _panel(content: str, title: str = "", **options: object) -> SafeString:
    """A titled box around a block.

    Options: box, id, url, action, icon, state, state_word, flush, level. ``box`` is the name under
    which the view added it, where that is not its title.
    """
    values = {"title": title, "body": content, "level": 2, **options}
    return render_to_string("components/panel.html", values)


register.simple_block_tag(_panel, name="panel")
_compile_panel: Callable[[Parser, Token], Any] = register.tags["panel"]


@register.tag
def panel(parser: Parser, token: Token) -> Any:
    """A panel whose body is a box: its title stays where its body fails."""
    node = _compile_panel(parser, token)
    first = node.args[0] if node.args else node.kwargs.get("title")
    name = node.kwargs.get("box", first)
    node.nodelist = NodeList([BoxNode(node.nodelist, name, "p")])
    return node

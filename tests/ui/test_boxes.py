"""A box that fails costs itself a plain line, wherever it fails."""

from typing import Any

import pytest
from django.db import OperationalError
from django.template import TemplateSyntaxError, engines
from structlog.testing import capture_logs

from core.faults import COULD_NOT_SHOW
from ui.boxes import Boxes

PAGE = "{% box 'sum' %}<b>{{ sum }}</b>{% endbox %}<i>{{ rest }}</i>"


def _fails() -> dict[str, Any]:
    raise KeyError("amount")


class _Bad:
    def __str__(self) -> str:
        raise ValueError("no words for it")


def render(source: str, context: dict[str, Any]) -> str:
    return str(engines["django"].from_string(source).render(context))


def test_a_box_shows_what_is_in_it() -> None:
    boxes = Boxes()
    boxes.add("sum", lambda: {"sum": "12.00"})

    assert render(PAGE, boxes.context | {"rest": "whole"}) == "<b>12.00</b><i>whole</i>"


def test_a_box_that_the_view_cannot_build_is_a_plain_line_and_an_alarm() -> None:
    boxes = Boxes(work_order=7)
    with capture_logs() as logs:
        boxes.add("sum", _fails)
    html = render(PAGE, boxes.context | {"rest": "whole"})

    assert COULD_NOT_SHOW in html
    assert html.endswith("<i>whole</i>")
    assert [(log["part"], log["work_order"], log["log_level"]) for log in logs] == [
        ("sum", 7, "error")
    ]


def test_a_box_that_the_template_cannot_render_is_one_as_well() -> None:
    with capture_logs() as logs:
        html = render(PAGE, {"sum": _Bad(), "rest": "whole"})

    assert COULD_NOT_SHOW in html
    assert "<b>" not in html
    assert html.endswith("<i>whole</i>")
    assert [log["part"] for log in logs] == ["sum"]


def test_a_box_in_several_places_says_so_once() -> None:
    boxes = Boxes()
    with capture_logs():
        boxes.add("sum", _fails)

    assert render(PAGE + PAGE, boxes.context).count(COULD_NOT_SHOW) == 1


def test_a_loop_goes_on_after_a_row_that_fails() -> None:
    source = "{% for row in rows %}{% box 'row' 'tr' %}<tr>{{ row }}</tr>{% endbox %}{% endfor %}"
    with capture_logs():
        html = render(source, {"rows": ["one", _Bad(), "three"]})

    assert html.count("<tr") == 3
    assert html.startswith("<tr>one</tr><tr role=")
    assert html.endswith("<tr>three</tr>")


@pytest.mark.parametrize("title", ['"Charges"', 'title="Charges"'])
def test_a_panel_keeps_its_title_where_its_body_fails(title: str) -> None:
    with capture_logs() as logs:
        html = render(f"{{% panel {title} %}}{{{{ sum }}}}{{% endpanel %}}", {"sum": _Bad()})

    assert "<h2>Charges</h2>" in html
    assert COULD_NOT_SHOW in html
    assert [log["part"] for log in logs] == ["Charges"]


def test_a_panel_is_the_box_that_it_names() -> None:
    boxes = Boxes()
    with capture_logs():
        boxes.add("charges", _fails)
    html = render('{% panel title="Charges" box="charges" %}x{% endpanel %}', boxes.context)

    assert COULD_NOT_SHOW in html


def test_the_databases_own_trouble_is_the_whole_pages() -> None:
    def gone() -> dict[str, Any]:
        raise OperationalError("canceling statement due to lock timeout")

    with pytest.raises(OperationalError):
        Boxes().add("sum", gone)


@pytest.mark.parametrize("source", ["{% box %}x{% endbox %}", "{% box 'a' 'td' %}x{% endbox %}"])
def test_a_box_needs_a_name_and_a_place_that_it_fits(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        render(source, {})

"""Fields of filter forms and states of reasons: ``{% load lists %}``."""

from collections.abc import Iterable
from datetime import date

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

REASON_STATES = {
    "failed": "failed",
    "unknown": "unknown",
    "disputed": "disputed",
    "refund_failed": "failed",
    "follow_up_due": "attention",
}


@register.filter
def reason_state(reason: str) -> str:
    """The state in whose tone a reason for attention is shown."""
    return REASON_STATES.get(reason, "attention")


def _error(name: str, error: str | None) -> tuple[SafeString, SafeString]:
    """The attributes that point at an error, and the error itself."""
    if not error:
        return mark_safe(""), mark_safe("")
    marks = format_html(' aria-invalid="true" aria-describedby="list-{}-error"', name)
    return marks, format_html('<span class="field-error" id="list-{}-error">{}</span>', name, error)


@register.simple_tag
def list_select(
    name: str,
    label: str,
    choices: Iterable[tuple[str, str]],
    chosen: str,
    nothing: str,
    error: str | None = None,
) -> SafeString:
    """A labelled select of a filter form."""
    marks, problem = _error(name, error)
    options = format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        (
            (key, mark_safe(" selected") if key == chosen else "", word)
            for key, word in [("", nothing), *choices]
        ),
    )
    return format_html(
        '<p><label for="list-{0}">{1}</label>'
        '<select id="list-{0}" name="{0}"{2}>{3}</select>{4}</p>',
        name,
        label,
        marks,
        options,
        problem,
    )


@register.simple_tag
def list_day(name: str, label: str, value: date | None, error: str | None = None) -> SafeString:
    """A labelled day of a filter form."""
    marks, problem = _error(name, error)
    return format_html(
        '<p><label for="list-{0}">{1}</label><input id="list-{0}" type="date" name="{0}" '
        'value="{2}"{3}>{4}</p>',
        name,
        label,
        value.isoformat() if value else "",
        marks,
        problem,
    )

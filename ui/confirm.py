"""The page that asks before a verb is carried out: one for every room.

It says what will happen and with which amount, asks for a reason where the room wants one, and
always offers to leave things as they are.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

TEMPLATE = "components/confirm_page.html"
KEEP = "Keep as it is"

# A place above this page: its name and its URL.
Crumb = tuple[str, str]


def confirm_page(
    request: HttpRequest,
    context: Mapping[str, Any],
    *,
    back: str,
    crumbs: Sequence[Crumb] = (),
    here: str = "",
    about: str = "",
    details: str = "",
    keep: str = KEEP,
) -> HttpResponse:
    """The page as a response. Nothing is changed: the view carries the verb out on POST.

    ``context`` holds the words: ``title`` and ``button`` ("Void $75.00"; none leaves it out),
    and where needed ``text``, ``form``, ``danger``, ``refused`` (why the verb is not possible:
    then only the way back is shown), ``back_to`` (its words) and what ``details`` reads.
    ``about`` names the thing with its amount; ``details`` is a template of the room with more of
    it, above the form. ``back`` is where *keep as it is* leads; ``here`` is the last crumb.
    """
    page = {
        "back": back,
        "crumbs": crumbs,
        "here": here or context["title"],
        "about": about,
        "details": render_to_string(details, dict(context), request) if details else "",
        "keep": keep,
    }
    return render(request, TEMPLATE, {**context, **page})

"""The page that asks before a verb is carried out: one for every room.

It says what will happen and with which amount, asks for a reason where the room wants one, and
always offers to leave things as they are.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.access import BrandRequest
from accounts.once import NOT_CONTENT
from core.refusal import Asks

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
    then only the way back is shown), ``back_to`` (its words), ``hidden`` (fields by name),
    ``change`` (a button that posts all this back to its form) and what ``details`` reads.
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


# --- a verb that asks first -------------------------------------------------------------------

# Fields of the page that asks: what was asked, and that somebody wants to change the form instead.
ANSWER, CHANGE = "answer", "change"


def answer_of(request: HttpRequest) -> str | None:
    """What a POST answers to a verb that asks first; None where it goes back to its form."""
    return None if CHANGE in request.POST else request.POST.get(ANSWER, "")


def ask_page(
    request: BrandRequest,
    asks: Asks,
    *,
    title: str,
    button: str,
    back: str,
    crumbs: Sequence[Crumb] = (),
    here: str = "",
) -> HttpResponse:
    """The page for what a verb asks before it is carried out, with the posted form in it.

    Its button posts the same again with the answer; another one goes back to the form as it was
    filled in. ``back`` is where leaving everything as it is leads.
    """
    questions = [
        {"text": q.text, "name": q.key if q.page != "credit" else "the prepayment"}
        | {"url": reverse(q.page, args=[request.brand.slug, q.key]) if q.page else ""}
        for q in asks.questions
    ]
    posted = {n: v for n, v in request.POST.items() if n not in (*NOT_CONTENT, ANSWER, CHANGE)}
    context = {
        "title": title,
        "button": button,
        "hidden": {**posted, ANSWER: asks.answer},
        "change": "Change what I entered",
        "questions": questions,
    }
    return confirm_page(
        request,
        context,
        back=back,
        crumbs=crumbs,
        here=here,
        details="components/questions.html",
        keep="Record nothing",
    )

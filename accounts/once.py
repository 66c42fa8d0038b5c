"""The same form sent twice is one request (law 18): the second POST gets the first one's answer.

Each form that is rendered carries a random token (``ui.templatetags.form_token``). The first POST
that succeeds writes its token down, with its answer, in the transaction that writes everything
else. So a double click, two tabs with one form and a retry after a timeout write once: whoever
comes second waits for the first to end, and then writes nothing. *Back* may render the form anew,
with another token: what one person sends a second time within minutes, word for word, is asked
about.

The token's row is locked before anything else and never waited for by somebody who holds a lock,
so it adds no deadlock to the one lock order. A POST that did not succeed gives its token back.
"""

import re
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.contrib.messages.storage.base import BaseStorage
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from accounts.models import SentForm
from core import clock
from core.card_numbers import masked

FIELD = "form_token"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")
# Longer than any session lives, so that nobody can send an older form without signing in anew.
REMEMBERED_FOR = timedelta(weeks=8)
# How long the same entries by the same person, in a form rendered anew, are asked about.
ASKED_FOR = timedelta(minutes=10)
# Says that somebody was asked, and wants to send it once more.
AGAIN = "sent_again"
# What is not what somebody typed or chose.
NOT_CONTENT = (FIELD, AGAIN, "csrfmiddlewaretoken")
# Forms with these fields are not offered to be sent again: their values must not be in a page.
_SECRET = re.compile(r"secret|password", re.IGNORECASE)

View = Callable[[], HttpResponseBase]


def new_token() -> str:
    """A token for one rendered form: 144 random bits."""
    return secrets.token_urlsafe(18)


def later(request: Any, work: Callable[[], object]) -> None:
    """Do ``work`` once everything that this request writes is committed: sending an e-mail."""
    request.afterwards.append(work)


def only_once(request: Any, view: View) -> HttpResponseBase:
    """What ``view`` answers; for a form that was sent before, the answer of then.

    ``request`` is one of a brand (``accounts.access.BrandRequest``). A request that is no POST of
    a form with a token goes straight to the view.
    """
    request.afterwards = []
    if request.method != "POST":
        return view()
    token, shown = request.POST.get(FIELD, ""), _said(request)
    if _TOKEN.fullmatch(token):
        response, row = _claimed(request, token, view, len(shown))
    else:
        response, row = view(), None
    if not request.afterwards:
        return response
    for work in request.afterwards:
        work()
    if row is not None:
        SentForm.objects.filter(pk=row.pk).update(messages=_said(request)[len(shown) :])
    return response


def _claimed(
    request: Any, token: str, view: View, before: int
) -> tuple[HttpResponseBase, SentForm | None]:
    """Answer under the token's lock; the row of what this very request has written, if any."""
    content = content_of(request)
    with transaction.atomic():
        row, is_first = SentForm.objects.get_or_create(
            brand=request.brand,
            token=token,
            defaults={"user": request.user, "content": content},
        )
        if not is_first:
            return _again(request, row, content), None
        if (twin := _twin(row, request)) is not None:
            row.delete()
            return _question(request, twin, is_same=True), None
        response = view()
        if not isinstance(response, HttpResponse) or not 300 <= response.status_code < 400:
            row.delete()
            return response, None
        row.url, row.messages = response["Location"], _said(request)[before:]
        row.save(update_fields=["url", "messages"])
        return response, row


def _again(request: Any, row: SentForm, content: str) -> HttpResponse:
    """The first answer; where something else was sent with the same form, a question."""
    if (row.user_id, row.content) == (request.user.pk, content):
        for level, text in row.messages:
            messages.add_message(request, level, text)
        return redirect(row.url)
    return _question(request, row, is_same=False)


def _twin(row: SentForm, request: Any) -> SentForm | None:
    """The same entries by the same person a few minutes ago; None where they were asked already."""
    if AGAIN in request.POST:
        return None
    since = clock.now() - ASKED_FOR
    rows = SentForm.objects.filter(
        brand=row.brand_id, content=row.content, user=row.user_id, sent_at__gte=since
    )
    return rows.exclude(pk=row.pk).order_by("-sent_at").first()


def _question(request: Any, first: SentForm, *, is_same: bool) -> HttpResponse:
    """The page that shows what was done before, and can send this as well."""
    names = [name for name in request.POST if name not in NOT_CONTENT]
    context = {
        "first": first,
        "is_same": is_same,
        "again": AGAIN,
        "results": [text for _, text in first.messages],
        "fields": [(n, masked(value)) for n in names for value in request.POST.getlist(n)],
        "may_resend": not any(_SECRET.search(name) for name in names),
    }
    return render(request, "accounts/sent_already.html", context, status=409)


def content_of(request: HttpRequest) -> str:
    """A short word for where a form was sent and what was in it."""
    values = sorted((n, v) for n, v in request.POST.lists() if n not in NOT_CONTENT)
    return sha256(repr((request.get_full_path(), values)).encode()).hexdigest()


def _said(request: HttpRequest) -> Sequence[Any]:
    """Level and text of each message that waits to be shown, which stay waiting."""
    storage = messages.get_messages(request)
    rows = [[message.level, str(message.message)] for message in storage]
    if isinstance(storage, BaseStorage):  # a request made without middleware has a plain list
        storage.used = False
    return rows


def forget_old() -> int:
    """Remove the tokens that nobody can send any more; answers how many."""
    old = SentForm.objects.filter(sent_at__lt=clock.now() - REMEMBERED_FOR)
    return old.delete()[0]

"""What templates show of entries and threads: plain, frozen, already in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby, islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from activity.describe import Headline, Sentence, entry_data, headline, render
from activity.models import Entry, State, Thread
from activity.shapes import Empty, Shape, read
from core import moments
from core.faults import COULD_NOT_SHOW, NOTHING_LOST, guarded
from core.money import ZERO
from payments.timeline.shapes import EventEntry, PaymentThread, RefundThread
from ui.icons import appearance
from workorders.shapes import MessageEntry

ROWS_SHOWN = 5
KIND_ICONS = {
    "refund": "arrow-uturn-left",
    "job": "calendar-days",
    "charges": "document-text",
    "note": "pencil-square",
    "message": "chat-bubble-left",
    "contact": "user",
    "client": "user",
    "service": "tag",
    "member": "user-group",
    "invitation": "user-group",
    "order": "question-mark-circle",
    "exception": "exclamation-triangle",
    "provider_account": "building-library",
    "invoice": "document-text",
    "draft": "document",
    "credit": "wallet",
    "fee": "receipt-percent",
    "fee_policy": "receipt-percent",
    "billing_settings": "document-text",
    "item": "clipboard-document-check",
}
MESSAGE_ICONS = {
    "agreement_sent": "document-check",
    "agreement_signed": "document-check",
    "call": "phone",
    "email_sent": "envelope",
}
SOURCE_WORDS = {
    "client": "Client",
    "quickbooks": "QuickBooks",
    "system": "System",
    "api": "API",
    "database": "Database",
}


@dataclass(frozen=True)
class Action:
    """Something to do about a payment, where the eye is; only what is allowed is one."""

    label: str
    url: str


@dataclass(frozen=True)
class Place:
    """Where a feed is shown: currency and zone of its brand, and its page's address.

    ``actions`` are those of payments, by id.
    """

    currency: str
    zone: ZoneInfo
    url: str
    oldest_first: bool = False
    actions: Mapping[int, Sequence[Action]] = field(default_factory=dict)


@dataclass(frozen=True)
class RowView:
    """One step."""

    id: int
    headline: str
    label: str
    second: str
    state: str
    state_word: str
    source: str
    source_kind: str
    imported: bool
    occurred_at: datetime
    show_date: bool
    details: list[tuple[str, str, str]]
    url: str
    technical: bool
    code: str
    folded_count: int = 1


@dataclass(frozen=True)
class ThreadView:
    """One thing with its steps, newest first unless the page is turned round."""

    id: int
    kind: str
    title: str
    subtitle: str
    state: str
    state_word: str
    icon: str
    rows: list[RowView]
    hidden_rows: int
    more_url: str
    hot: bool
    last_at: datetime
    day_differs: bool
    children: list["ThreadView"] = field(default_factory=list)
    actions: Sequence[Action] = ()

    @property
    def tone(self) -> str:
        """The colour family, which is the state."""
        return self.state


def row_view(
    entry: Entry, place: Place, day: date | None, previous: Entry | None = None
) -> RowView:
    """One entry as a row; ``day`` is the day heading above it. A plain row where that fails.

    ``previous`` is the provider's step before this one: a step says what it changed.
    """
    return guarded(
        lambda: _row_view(entry, place, day, _text(entry, place, previous)),
        lambda: _row_view(entry, place, day, Sentence(COULD_NOT_SHOW, NOTHING_LOST)),
        part="row",
        entry=entry.pk,
    )


def _text(entry: Entry, place: Place, previous: Entry | None) -> Sentence:
    data = {"currency": place.currency, **entry.data}
    if previous is not None:
        data["previous"] = _nested_fields(previous)
    # A sentence with an instant in it is written by the brand's clock, also in a streamed file.
    with timezone.override(place.zone):
        return render(entry.code, data)


def _row_view(entry: Entry, place: Place, day: date | None, text: Sentence) -> RowView:
    return RowView(
        id=entry.pk,
        headline=text.headline,
        label=text.label,
        second=text.second,
        state=entry.state,
        state_word=_pill_word(entry, text),
        source=entry.actor_label or SOURCE_WORDS.get(entry.actor_kind, ""),
        source_kind=entry.actor_kind,
        imported=entry.imported,
        occurred_at=entry.occurred_at,
        show_date=day is not None and moments.day_of(entry.occurred_at, place.zone) != day,
        details=_details(entry, place, text),
        url=f"{place.url}?entry={entry.pk}#e-{entry.pk}",
        technical=entry.technical,
        code=entry.code,
    )


def _data(entry: Entry) -> Shape:
    """The data of an entry; Empty where nobody can read it."""
    return guarded(lambda: entry_data(entry.code, entry.data), Empty, part="entry", entry=entry.pk)


def _nested_fields(step: Entry) -> dict[str, Any]:
    """The nested fields of a provider's step; none where nobody can read it."""
    data = _data(step)
    return data.row.data if isinstance(data, EventEntry) else {}


def _details(entry: Entry, place: Place, text: Sentence) -> list[tuple[str, str, str]]:
    """What opens under a row: (label, value, kind). When it came to us, where that was later."""
    details = list(text.details)
    if abs((entry.recorded_at - entry.occurred_at).total_seconds()) >= 1:
        label = "Imported" if entry.imported else "Received here"
        details.append((label, moments.moment_text(entry.recorded_at, place.zone), "text"))
    if entry.request_id:
        details.append(("Request", entry.request_id, "ref"))
    return details


def _pill_word(entry: Entry, text: Sentence) -> str:
    """A pill where something is wrong, or where the headline does not say the state itself."""
    if entry.state in (State.FAILED, State.ATTENTION):
        return text.state_word
    if entry.kind in ("provider", "refund"):
        return ""  # "Approved, waiting for funding" needs no "pending" before it
    return "" if text.state_word.lower() in text.headline.lower() else text.state_word


def fold(rows: Iterable[RowView]) -> Iterator[RowView]:
    """Runs of one and the same step of a machine become one row with a count.

    Lazy: what is not shown is not put into words.
    """
    for _, run in groupby(rows, key=_sameness):
        members = list(run)
        last = max(members, key=lambda r: (r.occurred_at, r.id))
        yield replace(last, folded_count=len(members))


def _sameness(row: RowView) -> object:
    machine = row.source_kind in ("system", "provider", "quickbooks")
    return (row.code, row.headline, row.second, row.source) if machine else row.id


def thread_view(
    thread: Thread,
    entries: Iterable[Entry],
    place: Place,
    day: date,
    *,
    whole: bool,
    children: Iterable[Thread] = (),
) -> ThreadView:
    """A thread with its newest rows, or with all of them; a plain line where that fails.

    Without ``entries`` it is the headline alone, over what hangs under it.
    """
    return guarded(
        lambda: _thread_view(thread, list(entries), place, day, whole, children),
        lambda: _plain_thread(thread, place, day),
        part="thread",
        thread=thread.pk,
    )


def _plain_thread(thread: Thread, place: Place, day: date) -> ThreadView:
    """A thread that cannot be shown."""
    return ThreadView(
        id=thread.pk,
        kind=thread.kind,
        title=COULD_NOT_SHOW,
        subtitle=NOTHING_LOST,
        state=State.ATTENTION,
        state_word="",
        icon=KIND_ICONS["exception"],
        rows=[],
        hidden_rows=0,
        more_url=f"{place.url}?open={thread.pk}#t-{thread.pk}",
        hot=False,
        last_at=thread.last_at,
        day_differs=moments.day_of(thread.last_at, place.zone) != day,
    )


def _thread_view(
    thread: Thread,
    entries: Sequence[Entry],
    place: Place,
    day: date,
    whole: bool,
    children: Iterable[Thread],
) -> ThreadView:
    before = _steps_before(entries)
    rows = fold(row_view(e, place, day, before.get(e.pk)) for e in entries)
    shown = list(rows if whole else islice(rows, ROWS_SHOWN))
    hidden = 0 if whole else max(0, thread.entry_count - sum(r.folded_count for r in shown))
    head = _head(thread, shown[0] if shown else None, children, place)
    if place.oldest_first:
        shown.reverse()
    return ThreadView(
        id=thread.pk,
        kind=thread.kind,
        title=head.title,
        subtitle=head.subtitle,
        state=head.state,
        state_word=head.state_word,
        icon=_icon(thread.kind, head.state, entries),
        rows=shown,
        hidden_rows=hidden,
        more_url=f"{place.url}?open={thread.pk}#t-{thread.pk}",
        hot=_is_hot(thread, head.state),
        last_at=thread.last_at,
        day_differs=moments.day_of(thread.last_at, place.zone) != day,
        actions=place.actions.get(thread.object_id, ()) if thread.kind == "payment" else (),
    )


@dataclass(frozen=True)
class _Head:
    """The first line of a thread, and its pill."""

    title: str
    subtitle: str
    state: str
    state_word: str


def _head(
    thread: Thread, newest: RowView | None, children: Iterable[Thread], place: Place
) -> _Head:
    """The thread's own headline; where it has none, its newest row is the headline."""
    head, pill = _headline(thread, place), outcome(thread, children, place)
    if head:
        return _Head(head.title, head.subtitle, pill.state, pill.state_word)
    if newest:
        return _Head(newest.headline, newest.second, newest.state, newest.state_word)
    return _Head("", "", pill.state, pill.state_word)


def _headline(thread: Thread, place: Place) -> Headline | None:
    return headline(thread.kind, {"currency": place.currency, **thread.data}, thread.status)


def _is_hot(thread: Thread, state: str) -> bool:
    """Whether somebody has to look at it now."""
    return state == "failed" or (state == "attention" and thread.kind in ("payment", "order"))


def _steps_before(newest_first: Sequence[Entry]) -> dict[int, Entry]:
    """For each provider's step the one before it in the same thread."""
    steps = [e for e in newest_first if e.code == "provider.added"]
    return {later.pk: earlier for later, earlier in pairwise(steps)}


@dataclass(frozen=True)
class Outcome:
    """The pill of a thread."""

    id: int
    state: str
    state_word: str


def outcome(thread: Thread, children: Iterable[Thread], place: Place) -> Outcome:
    """A thread's pill as of now; *refunded* and *partly refunded* are derived from its refunds."""
    head = _headline(thread, place)
    plain = Outcome(thread.pk, thread.state, head.state_word if head else "")
    back = [c for c in children if c.kind == "refund" and c.status == "completed"]
    if thread.kind != "payment" or thread.status != "completed" or not back:
        return plain
    word = guarded(
        lambda: _refunded_word(thread, back), lambda: "", part="outcome", thread=thread.pk
    )
    return Outcome(thread.pk, "refunded", word) if word else plain


def _refunded_word(payment: Thread, refunds: Iterable[Thread]) -> str:
    """Whether all that came for this job went back, or a part of it; "" where nothing did."""
    paid = read(PaymentThread, payment.data).here
    back = sum((read(RefundThread, c.data).amount for c in refunds), ZERO)
    return "refunded" if paid is not None and back >= paid else "partly refunded"


def _icon(kind: str, state: str, entries: Sequence[Entry]) -> str:
    if kind in ("payment", "attempt") or state in ("voided", "failed"):
        return appearance(state).icon
    if kind == "message" and entries:
        data = _data(entries[0])
        message_kind = data.kind if isinstance(data, MessageEntry) else ""
        return MESSAGE_ICONS.get(message_kind, KIND_ICONS["message"])
    return KIND_ICONS.get(kind, "cog-6-tooth")

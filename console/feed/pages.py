"""Reading a feed: keyset pages of threads (or of single rows), each with its newest entries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from activity.models import Entry, Thread
from console.feed.build import Outcome, Place, RowView, ThreadView, outcome, row_view, thread_view
from core import moments
from core.paging import Page, beyond, pack, page

THREADS_PER_PAGE = 20
ROWS_PER_PAGE = 100
# Enough that a run of equal steps folds before the newest five are chosen.
ROWS_READ = 16
ROWS_READ_WHOLE = 2000

Days = list[tuple[date, list[ThreadView]]]


@dataclass(frozen=True)
class Scope:
    """Which feed: a work order's payment view or all of it, or a brand's."""

    brand_id: int
    work_order_id: int | None = None
    payment_view: bool = False
    whole_brand: bool = False

    def entries(self) -> QuerySet[Entry]:
        """Its entries, in no order."""
        entries = Entry.objects.filter(brand_id=self.brand_id)
        if not self.whole_brand:
            entries = entries.filter(work_order_id=self.work_order_id)
        return entries.filter(payment_view=True) if self.payment_view else entries

    def threads(self) -> QuerySet[Thread]:
        """Its top threads, in no order."""
        threads = Thread.objects.filter(
            brand_id=self.brand_id, work_order_id=self.work_order_id, parent=None
        )
        return threads.filter(payment_view=True) if self.payment_view else threads


@dataclass(frozen=True)
class FeedPage:
    """A page of days with threads; cursors lead on."""

    days: Days
    older: str | None
    newer: str | None
    thread_ids: list[int]


def threads_page(
    scope: Scope,
    place: Place,
    wanted: Q,
    *,
    after: str = "",
    before: str = "",
    opened: frozenset[int] = frozenset(),
    at: Thread | None = None,
) -> FeedPage:
    """A page of threads that have a matching entry, or one under them that has.

    ``at``: the page that starts with this thread (a deep link). ``opened``: threads shown whole.
    """
    threads = scope.threads()
    matching = scope.entries().filter(wanted)
    if wanted:
        own = matching.filter(thread=OuterRef("pk"))
        below = matching.filter(thread__parent=OuterRef("pk"))
        threads = threads.filter(Exists(own) | Exists(below))
    order = ["last_at", "id"] if place.oldest_first else ["-last_at", "-id"]
    if at is not None:
        after, before = _ahead_of(threads, at, place), ""
    shown = page(threads, order, after=after, before=before, size=THREADS_PER_PAGE)
    views = _views(shown.rows, matching, place, opened)
    return FeedPage(
        days=_by_day(views, place),
        older=shown.older,
        newer=shown.newer,
        thread_ids=[t.pk for t in shown.rows],
    )


def _ahead_of(threads: QuerySet[Thread], at: Thread, place: Place) -> str:
    """The cursor of the thread before ``at``, so that the page also has a way back."""
    order = ["-last_at", "-id"] if place.oldest_first else ["last_at", "id"]
    ahead = threads.filter(beyond(order, [at.last_at, at.pk])).order_by(*order).first()
    return pack([ahead.last_at, ahead.pk]) if ahead else ""


def _views(
    tops: list[Thread], matching: QuerySet[Entry], place: Place, opened: frozenset[int]
) -> list[ThreadView]:
    children: dict[int, list[Thread]] = defaultdict(list)
    ids = [t.pk for t in tops]
    for child in Thread.objects.filter(parent_id__in=ids).order_by("-last_at", "-id"):
        children[child.parent_id or 0].append(child)
    everyone = [*tops, *(c for group in children.values() for c in group)]
    entries = newest_entries(matching, everyone, opened)
    views = []
    for top in tops:
        day = moments.day_of(top.last_at, place.zone)
        below = [
            thread_view(c, entries[c.pk], place, day, whole=c.pk in opened)
            for c in children[top.pk]
            if entries[c.pk]
        ]
        if place.oldest_first:
            below.reverse()
        # A parent whose own rows a filter hides still heads what hangs under it.
        view = thread_view(
            top,
            entries[top.pk],
            place,
            day,
            whole=top.pk in opened,
            children=children[top.pk],
        )
        view.children.extend(below)
        views.append(view)
    return views


def newest_entries(
    matching: QuerySet[Entry], threads: Iterable[Thread], opened: frozenset[int]
) -> Mapping[int, list[Entry]]:
    """The newest entries of each thread, newest first; all of them for opened threads."""
    ranked = matching.filter(thread_id__in=[t.pk for t in threads]).annotate(
        rank=Window(RowNumber(), partition_by=[F("thread_id")], order_by=["-occurred_at", "-id"])
    )
    limit = Q(rank__lte=ROWS_READ) | Q(thread_id__in=opened, rank__lte=ROWS_READ_WHOLE)
    by_thread: dict[int, list[Entry]] = defaultdict(list)
    for entry in ranked.filter(limit).order_by("-occurred_at", "-id"):
        by_thread[entry.thread_id].append(entry)
    return by_thread


def _by_day(views: Iterable[ThreadView], place: Place) -> Days:
    days: Days = []
    for view in views:
        day = moments.day_of(view.last_at, place.zone)
        if not days or days[-1][0] != day:
            days.append((day, []))
        days[-1][1].append(view)
    return days


def flat_page(
    scope: Scope, place: Place, wanted: Q, *, after: str = "", before: str = ""
) -> FeedPage:
    """Pure chronology: each row is a thread of its own."""
    order = ["occurred_at", "id"] if place.oldest_first else ["-occurred_at", "-id"]
    rows = scope.entries().filter(wanted).select_related("thread")
    shown: Page[Entry] = page(rows, order, after=after, before=before, size=ROWS_PER_PAGE)
    views = [_single(entry, place) for entry in shown.rows]
    return FeedPage(
        days=_by_day(views, place),
        older=shown.older,
        newer=shown.newer,
        thread_ids=[],
    )


def _single(entry: Entry, place: Place) -> ThreadView:
    """One entry as a thread of one row, with the thing it belongs to before it."""
    day = moments.day_of(entry.occurred_at, place.zone)
    view = thread_view(entry.thread, [entry], place, day, whole=True)
    row = view.rows[0] if view.rows else row_view(entry, place, day)
    return ThreadView(
        id=view.id,
        kind=view.kind,
        title=row.headline,
        subtitle=row.second,
        state=row.state,
        state_word=row.state_word,
        icon=view.icon,
        rows=[row],
        hidden_rows=0,
        more_url=view.more_url,
        hot=row.state == "failed",
        last_at=entry.occurred_at,
        day_differs=False,
    )


def flat_rows(entries: Iterable[Entry], place: Place) -> list[RowView]:
    """Rows for other pages: the client's, the brand's, exports."""
    return [row_view(entry, place, None) for entry in entries]


def outcomes(scope: Scope, ids: Iterable[int], place: Place) -> list[Outcome]:
    """The pills of the threads that an open page shows, as of now."""
    children: dict[int, list[Thread]] = defaultdict(list)
    tops = list(scope.threads().filter(pk__in=ids))
    below = Thread.objects.filter(parent_id__in=[t.pk for t in tops])
    for child in below:
        children[child.parent_id or 0].append(child)
    return [
        *(outcome(t, children[t.pk], place) for t in tops),
        *(outcome(child, (), place) for child in below),
    ]

"""Pages, asked for in process by Django's test client: all middleware, no network, no browser."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.access import public
from accounts.models import Brand
from activity.models import Change, Thread
from activity.projection import Feed, project
from activity.reading import PAGE_BATCH
from bench import data
from bench.measure import Figure, Times, queries, times
from console.feed import live
from core import clock
from demo.brands import webhook_secret
from payments.models import Provider
from workorders.models import WorkOrder

# The peer's pages and its bare view, in milliseconds, on this machine when nothing else ran. The
# machine is not always that calm: pages are compared as multiples of the bare view.
PEER_BARE = 0.73
PEER_ORDER, PEER_LONG, PEER_LIST, PEER_SEARCH = 101, 145, 153, 224


@public
def bare(request: HttpRequest) -> HttpResponse:
    """The yardstick: one SELECT, one line of text, the same middleware as every page."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return HttpResponse(str(cursor.fetchone()[0]))


class Visitor:
    """Somebody signed in, asking for pages."""

    def __init__(self, rounds: int, bare_ms: float) -> None:
        self.bare_ms = bare_ms
        self.client = Client()
        self.client.force_login(data.user())
        self.rounds = rounds

    def get(self, url: str, status: int = 200, holds: str = "") -> Any:
        """The answer, once: it must be what it should be."""
        answer = self.client.get(url)
        if answer.status_code != status:
            raise RuntimeError(f"{url}: {answer.status_code} instead of {status}")
        if holds and holds not in answer.content.decode():
            raise RuntimeError(f"{url} does not show “{holds}”")
        return answer

    def figure(self, group: str, name: str, url: str, peer: float = 0, **expect: Any) -> Figure:
        """A page, warm. Slower than the ``peer``'s (ms), in bare views, is a gross regression."""
        self.get(url, **expect)
        taken = times(lambda: self.client.get(url), self.rounds)
        count = queries(lambda: self.client.get(url))
        comparison = f"{taken.median / self.bare_ms:.0f} bare views"
        if peer:
            comparison += f"; peer {peer / PEER_BARE:.0f} ({peer:.0f} ms)"
        limit = self.bare_ms * peer / PEER_BARE if peer else None
        return _figure(group, name, taken, comparison, limit, count)


def _figure(
    group: str, name: str, taken: Times, peer: str, limit: float | None, count: int | None
) -> Figure:
    return Figure(group, name, taken.median, "ms", peer, count, taken.spread, limit)


def figures(brand: Brand, fhi624: WorkOrder, long: WorkOrder, rounds: int) -> Iterator[Figure]:
    """Every page that staff open all day."""
    bare_view = _bare(rounds)
    yield _figure("Pages", "A bare view with one SELECT", bare_view, "peer 0.73 ms", None, 1)
    visitor = Visitor(rounds, bare_view.median)
    yield visitor.figure("Pages", "The same, signed in, all middleware", "/bare/")
    yield from _job_page(visitor, fhi624, "FHI624", PEER_ORDER)
    entries = f"Job of {_entries(long):,} entries"
    yield from _job_page(visitor, long, entries, PEER_LONG)
    yield from _poll(visitor, fhi624)
    yield from _lists(visitor, brand)
    yield from _searches(visitor, brand)
    yield from _webhook(visitor, brand, rounds)


def _bare(rounds: int) -> Times:
    request = RequestFactory().get("/bare/")
    return times(lambda: bare(request), rounds * 10)


def _entries(job: WorkOrder) -> int:
    project(Feed(job.brand_id, job.pk))
    return sum(Thread.objects.filter(work_order_id=job.pk).values_list("entry_count", flat=True))


def _job_page(visitor: Visitor, job: WorkOrder, name: str, peer: float) -> Iterator[Figure]:
    url = reverse("work_order", args=[job.brand.slug, job.number])
    page: Callable[[], Any] = lambda: visitor.get(url, holds="timeline-title")  # noqa: E731
    yield visitor.figure("Pages", f"{name}: page, warm", url, peer)
    cold = []
    for _ in range(max(3, visitor.rounds // 5)):
        data.forget_feed(job)
        cold += times(page, 1, warm=0).rounds
    data.forget_feed(job)
    count = queries(page)
    changes = Change.objects.filter(brand_id=job.brand_id, work_order_id=job.pk).count()
    note = f"of {changes:,} changes the page itself reads at most {PAGE_BATCH}"
    yield _figure("Pages", f"{name}: page, nothing projected", Times(cold), note, None, count)


def _poll(visitor: Visitor, job: WorkOrder) -> Iterator[Figure]:
    shown = Thread.objects.filter(work_order_id=job.pk, payment_view=True, parent=None)
    ids = ",".join(str(pk) for pk in shown.values_list("pk", flat=True)[:20])
    path = reverse("work_order_updates", args=[job.brand.slug, job.number])
    url = f"{path}?since={live.snapshot()}&threads={ids}"
    yield visitor.figure("Pages", "Poll of an open page", url)


def _lists(visitor: Visitor, brand: Brand) -> Iterator[Figure]:
    jobs = reverse("work_orders", args=[brand.slug])
    payments = reverse("payments", args=[brand.slug])
    count = WorkOrder.objects.filter(brand=brand).count()
    of = f"of {count:,} jobs"
    yield visitor.figure("Lists", f"Needs attention {of}", jobs, PEER_LIST)
    yield visitor.figure("Lists", f"All {of}", f"{jobs}?view=all", PEER_LIST)
    yield visitor.figure("Lists", "Payments of the brand", payments, PEER_LIST)


def _searches(visitor: Visitor, brand: Brand) -> Iterator[Figure]:
    search = reverse("search", args=[brand.slug])
    asked = (
        ("By number (one hit: leads there)", "BEN000123", 302),
        ("By reference (one hit: leads there)", "pi_00000124", 302),
        ("By name (many hits)", "Moreno", 200),
        ("By last four (many hits)", "4025", 200),
    )
    for name, text, status in asked:
        url = f"{search}?q={text}"
        yield visitor.figure("Search", name, url, PEER_SEARCH, status=status)


def _webhook(visitor: Visitor, brand: Brand, rounds: int) -> Iterator[Figure]:
    url = reverse("pac_webhook", args=[Provider.GUARDIAN, brand.slug])
    secret = webhook_secret(brand.slug, Provider.GUARDIAN)
    jobs = list(WorkOrder.objects.filter(brand=brand, number__startswith="BEN0")[:500])
    numbers = iter(range(10**9))

    def post(job: WorkOrder) -> None:
        n = next(numbers)
        fact = {
            "event_id": f"bench_{n}",
            "order_id": f"bench_order_{n}",
            "work_order": job.number,
            "status": "captured",
            "method": "card",
            "at": clock.now().isoformat(),
            "amount": "340.52",
            "fee": "11.52",
            "data": {"last4": "4242", "card_brand": "Visa"},
        }
        raw = json.dumps(fact).encode()
        signature = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        answer = visitor.client.post(
            url, raw, content_type="application/json", headers={"X-Signature": signature}
        )
        if answer.status_code != 200:
            raise RuntimeError(f"webhook: {answer.status_code} {answer.content!r}")

    def seen() -> None:
        job = jobs[next(numbers) % len(jobs)]
        since = live.snapshot()
        post(job)
        poll = reverse("work_order_updates", args=[brand.slug, job.number])
        visitor.get(f"{poll}?since={since}", holds="new event")

    def one() -> None:
        post(jobs[next(numbers) % len(jobs)])

    taken = times(one, rounds * 2)
    yield _figure("Webhooks", "Signed fact → payment", taken, "", 300, queries(one))
    taken = times(seen, rounds * 2)
    yield _figure("Webhooks", "Signed fact → “1 new event”", taken, "", 500, queries(seen))

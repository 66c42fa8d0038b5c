"""Reading through: a page that shows a feed first projects what is pending for it.

So pages are right without a worker; what they could not read in time they count and say.
"""

import time
from collections.abc import Collection

import structlog

from activity.models import Change
from activity.projection import Feed, pending_count, project

log = structlog.get_logger()

READ_THROUGH_MS = 300
NS_PER_MS = 1_000_000
# One page reads no more: a long queue is the workers'.
PAGE_BATCH = 500
MOST_FEEDS = 50


def read_through(feed: Feed) -> int:
    """Bring a feed up to date for a page. Answers how many changes are still being read.

    A page waits for a busy worker no longer than READ_THROUGH_MS and reads one batch itself;
    it is shown even if reading fails.
    """
    try:
        if project(feed, wait_ms=READ_THROUGH_MS, most=PAGE_BATCH):
            return 0
    except Exception:  # the page tells how many are missing; the alarm tells why
        log.exception("activity.feed_failed", work_order_id=feed.work_order_id)
    return pending_count(feed)


def read_through_brand(brand_id: int, work_order_ids: Collection[int] | None = None) -> int:
    """Bring many feeds up to date for a page that shows them together.

    The brand's own feed and those of its jobs (all, or some) that have something pending, one
    after the other until READ_THROUGH_MS are over. Answers how many changes are left.
    """
    until = time.monotonic_ns() + READ_THROUGH_MS * NS_PER_MS
    pending = Change.objects.filter(projected_at=None, brand_id=brand_id)
    if work_order_ids is not None:
        pending = pending.filter(work_order_id__in=work_order_ids)
    jobs = pending.order_by().values_list("work_order_id", flat=True).distinct()
    for work_order_id in list(jobs[:MOST_FEEDS]):
        left = (until - time.monotonic_ns()) // NS_PER_MS
        if left <= 0:
            break
        try:
            project(Feed(brand_id, work_order_id), wait_ms=left, most=PAGE_BATCH)
        except Exception:  # as in read_through: the count tells, the alarm tells why
            log.exception("activity.feed_failed", work_order_id=work_order_id)
    return pending.count()

"""What is new on an open page: entries that the page's database snapshot could not see.

Not "a higher number": an entry with a lower id or an older date may arrive later. Entries that a
dump brought along carry transaction numbers of another server: one that has not been reached
here yet is no transaction of ours, and not news.
"""

import re

from django.db import connection
from django.db.models import BigIntegerField, BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from activity.models import Entry

_SNAPSHOT = re.compile(r"^\d{1,19}:\d{1,19}:(\d{1,19}(,\d{1,19})*)?$")


def snapshot() -> str:
    """The current snapshot, taken before the page reads its entries."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return str(cursor.fetchone()[0])


def is_snapshot(text: str) -> bool:
    """Whether ``text`` has the form of a snapshot (it comes back from the browser)."""
    if len(text) > 4000 or not _SNAPSHOT.match(text):
        return False
    lowest, highest, listed = text.split(":")
    running = [int(number) for number in listed.split(",") if number]
    bounds = [int(lowest), *running]
    rising = bounds == sorted(bounds) and len(set(running)) == len(running)
    # Past 2^63 there is no transaction, and PostgreSQL's own parser refuses the rest.
    return (
        rising
        and bounds[0] > 0
        and bounds[-1] <= int(highest) < 2**63
        and (not running or running[-1] < int(highest))
    )


def unseen(entries: QuerySet[Entry], since: str) -> QuerySet[Entry]:
    """Those of ``entries`` that a page rendered at snapshot ``since`` cannot have shown."""
    oldest = int(since.split(":")[0])
    reached = RawSQL(
        "greatest(pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1,"
        " pg_current_xact_id_if_assigned()::text::bigint)",
        [],
        output_field=BigIntegerField(),
    )
    visible = RawSQL(
        "pg_visible_in_snapshot(activity_entry.txid::text::xid8, %s::pg_snapshot)",
        [since],
        output_field=BooleanField(),
    )
    recent = entries.filter(txid__gte=oldest, txid__lte=reached)
    return recent.annotate(was_visible=visible).filter(was_visible=False)

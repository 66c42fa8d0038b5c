"""The made-up threads have what the real ones have: the templates read nothing else."""

from collections.abc import Iterable
from dataclasses import fields

from console.feed.build import RowView, ThreadView
from ui.icons import NEUTRAL, appearance
from ui.styleguide.threads import OPEN_DAY, PAYMENT_DAY, SampleThread

# What a row has only for files and folding.
UNSHOWN = {"code"}


def _all(threads: Iterable[SampleThread]) -> list[SampleThread]:
    return [t for thread in threads for t in (thread, *_all(thread.children))]


THREADS = _all([*PAYMENT_DAY, *OPEN_DAY])


def test_a_sample_has_every_field_of_a_thread_and_of_its_rows() -> None:
    thread = THREADS[0]

    for field in fields(ThreadView):
        if field.name != "actions":
            assert hasattr(thread, field.name), field.name
    for field in fields(RowView):
        if field.name not in UNSHOWN:
            assert hasattr(thread.rows[0], field.name), field.name


def test_ids_are_unique_so_that_each_row_has_an_address() -> None:
    ids = [row.id for thread in THREADS for row in thread.rows]

    assert len(ids) == len(set(ids))


def test_every_state_that_is_shown_has_an_appearance() -> None:
    states = {thread.state for thread in THREADS} | {r.state for t in THREADS for r in t.rows}

    assert {s for s in states if appearance(s) == NEUTRAL} <= {"neutral"}
    assert {"succeeded", "pending", "failed"} <= states


def test_rows_are_newest_first() -> None:
    for thread in THREADS:
        times = [row.occurred_at for row in thread.rows if not row.technical]
        assert times[0] == max(times)

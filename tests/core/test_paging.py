"""Keyset pages: forward, backward, through ties, and with cursors that nobody made."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Brand
from core import paging
from tests.factories import BrandFactory, WorkOrderFactory
from workorders.models import WorkOrder

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORDER = ["-happened_at", "-id"]


@pytest.fixture
def jobs(db: None) -> list[WorkOrder]:
    """Eleven jobs, three at each time, newest first."""
    brand = BrandFactory()
    made = [
        WorkOrderFactory(brand=brand, happened_at=START + timedelta(days=n // 3)) for n in range(11)
    ]
    return sorted(made, key=lambda job: (job.happened_at, job.pk), reverse=True)


def _page(**cursor: str) -> paging.Page[WorkOrder]:
    return paging.page(WorkOrder.objects.all(), ORDER, size=4, **cursor)


def test_forward_through_ties_shows_each_row_once(jobs: list[WorkOrder]) -> None:
    first = _page()
    second = _page(after=first.older or "")
    third = _page(after=second.older or "")

    assert [*first.rows, *second.rows, *third.rows] == jobs
    assert (first.newer, third.older) == (None, None)
    assert [len(p.rows) for p in (first, second, third)] == [4, 4, 3]


def test_backward_shows_the_same_pages(jobs: list[WorkOrder]) -> None:
    first = _page()
    second = _page(after=first.older or "")
    third = _page(after=second.older or "")

    back = _page(before=third.newer or "")
    front = _page(before=back.newer or "")

    assert back.rows == second.rows
    assert front.rows == first.rows
    assert front.newer is None
    assert back.newer is not None
    assert front.older == first.older


def test_a_row_that_arrives_meanwhile_moves_no_page(jobs: list[WorkOrder]) -> None:
    first = _page()
    WorkOrderFactory(brand=jobs[0].brand, happened_at=START + timedelta(days=30))

    second = _page(after=first.older or "")

    assert second.rows == jobs[4:8]


def test_exactly_one_page_has_no_next(jobs: list[WorkOrder]) -> None:
    page = paging.page(WorkOrder.objects.all(), ORDER, size=11)

    assert (len(page.rows), page.older, page.newer) == (11, None, None)


def test_nothing_gives_an_empty_page(db: None) -> None:
    page = _page()

    assert (page.rows, page.older, page.newer) == ([], None, None)


def test_words_page_in_the_databases_order(db: None) -> None:
    for name in ("b", "A", "ä", "a", "B"):
        BrandFactory(name=name)
    rows = Brand.objects.all()
    names = list(rows.order_by("name", "id").values_list("name", flat=True))

    seen, cursor = [], ""
    for _ in names:
        page = paging.page(rows, ["name", "id"], size=1, after=cursor)
        seen += [brand.name for brand in page.rows]
        cursor = page.older or ""

    assert seen == names


def _cursor(values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "%%%",
        "ä",
        _cursor({"a": 1}),
        _cursor([1]),
        _cursor([1, 2, 3]),
        _cursor([None, 1]),
        _cursor([True, 1]),
        _cursor([["2026-03-01"], 1]),
        _cursor(["yesterday", 1]),
        _cursor([5, 1]),
        _cursor(["2026-03-02T12:00:00+00:00", "x"]),
        _cursor(["2026-03-02T12:00:00+00:00", "1.5"]),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    ],
    ids=lambda cursor: cursor[:20],
)
@pytest.mark.parametrize("side", ["after", "before"])
def test_a_broken_cursor_starts_at_the_top(jobs: list[WorkOrder], cursor: str, side: str) -> None:
    page = _page(**{side: cursor})

    assert page.rows == jobs[:4]
    assert page.newer is None


@pytest.mark.parametrize("number", [10**30, -(10**30)])
def test_a_number_that_no_column_holds_is_no_fault(jobs: list[WorkOrder], number: int) -> None:
    page = _page(after=_cursor(["2026-03-02T12:00:00+00:00", number]))

    assert set(page.rows) <= set(jobs)


def test_a_letter_that_no_column_holds_is_no_fault(db: None) -> None:
    brand = BrandFactory()

    page = paging.page(Brand.objects.all(), ["name", "id"], after=_cursor(["a\x00b", 1]))

    assert page.rows == [brand]


@given(st.text(max_size=60))
def test_unpack_never_raises(cursor: str) -> None:
    assert paging.unpack(cursor, 2) is None or len(paging.unpack(cursor, 2) or []) == 2


def test_a_cursor_is_packed_and_unpacked() -> None:
    values = [START, 7, "ß"]

    packed = paging.pack(values)

    assert paging.unpack(packed, 3) == [START.isoformat(), 7, "ß"]
    assert "=" not in packed


def test_a_list_by_a_column_without_values_is_refused(db: None) -> None:
    brand = BrandFactory()
    for _ in range(2):
        WorkOrderFactory(brand=brand, scheduled_for=None)

    with pytest.raises(ValueError, match="has no value there"):
        paging.page(WorkOrder.objects.all(), ["-scheduled_for", "-id"], size=1)

"""Keyset paging: every list reads by the position of its last row, never by offset.

A cursor is the ordering values of the row at a page's edge, packed into a URL-safe string.
It carries no secret and needs no signature: a changed cursor only shows another part of a
list whose rows are scoped by brand anyway. A cursor that cannot be read is no cursor.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import Model, Q, QuerySet

PAGE_SIZE = 50

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Page(Generic[M]):
    """One page of a list; ``older`` and ``newer`` are cursors, None where nothing is there."""

    rows: list[M]
    older: str | None
    newer: str | None


def pack(values: Sequence[Any]) -> str:
    """Ordering values as one URL-safe word."""
    plain = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    raw = json.dumps(plain, separators=(",", ":"), default=str).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unpack(cursor: str, length: int) -> list[Any] | None:
    """The values of a cursor made by ``pack``; None for anything else."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values = json.loads(raw, parse_float=str)
    except (ValueError, binascii.Error, RecursionError):
        return None
    if not isinstance(values, list) or len(values) != length:
        return None
    if not all(isinstance(v, (str, int)) and not isinstance(v, bool) for v in values):
        return None
    return values


def beyond(order: Sequence[str], values: Sequence[Any], *, reverse: bool = False) -> Q:
    """Rows strictly after ``values`` in ``order`` (``-name`` for descending), lexicographically."""
    condition = Q()
    for index, name in enumerate(order):
        field = name.lstrip("-")
        descending = name.startswith("-") != reverse
        equal = {order[i].lstrip("-"): values[i] for i in range(index)}
        condition |= Q(**equal, **{f"{field}__{'lt' if descending else 'gt'}": values[index]})
    return condition


def page(
    rows: QuerySet[M],
    order: Sequence[str],
    *,
    after: str = "",
    before: str = "",
    size: int = PAGE_SIZE,
) -> Page[M]:
    """The page of ``rows`` after (or before) a cursor.

    ``order`` names columns that are never NULL, and ends in a unique one. Raises ValueError for
    a NULL: such a list would show its first page for ever.
    """
    values = unpack(before or after, len(order)) if (before or after) else None
    backwards = bool(before) and values is not None
    asked = [_flip(name) for name in order] if backwards else list(order)
    queryset = rows.order_by(*asked)
    try:
        if values is not None:
            queryset = queryset.filter(beyond(order, values, reverse=backwards))
        page_rows = list(queryset[: size + 1])
    except (ValidationError, ValueError, TypeError, OverflowError, DataError):
        # A cursor of well-formed nonsense (a word where a time belongs): start at the top.
        values, backwards = None, False
        page_rows = list(rows.order_by(*order)[: size + 1])
    more, page_rows = len(page_rows) > size, page_rows[:size]
    if backwards:
        page_rows.reverse()
    edge = values is not None
    has_older, has_newer = (edge, more) if backwards else (more, edge)
    return Page(
        rows=page_rows,
        older=_cursor(page_rows[-1], order) if page_rows and has_older else None,
        newer=_cursor(page_rows[0], order) if page_rows and has_newer else None,
    )


def _flip(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _cursor(row: Model, order: Sequence[str]) -> str:
    values = [getattr(row, name.lstrip("-")) for name in order]
    if None in values:
        raise ValueError(f"cannot page by {order}: row {row.pk} has no value there")
    return pack(values)

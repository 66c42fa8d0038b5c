"""Believable values for every tracked column, so that tests name none of them by hand."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from activity.tracking import tracked
from core.fields import MoneyField

_ENTITY = re.compile(r"'([a-z_]+\.[a-z_]+)', 'I'")
DAY = "2026-03-02"


@dataclass(frozen=True)
class Table:
    """A tracked table: its entity name, model and tracked columns."""

    entity: str
    model: type[models.Model]
    columns: tuple[str, ...]

    def field(self, column: str) -> Any:
        """The model field behind a database column."""
        return next(f for f in self.model._meta.concrete_fields if f.column == column)

    @property
    def base(self) -> dict[str, Any]:
        """A row with everything set, as the triggers capture it."""
        return {c: values(self.field(c))[-1] for c in self.columns}

    @property
    def bare(self) -> dict[str, Any]:
        """A row with only what must be set."""
        return {c: values(self.field(c))[0] for c in self.columns}


def tables() -> dict[str, Table]:
    """Every tracked table by entity: the tables that have a capture trigger."""
    by_entity = {}
    for model in apps.get_models():
        for trigger in getattr(model._meta, "triggers", ()):
            named = _ENTITY.search(trigger.func if isinstance(trigger.func, str) else "")
            if trigger.name == "capture_insert" and named:
                entity = named[1]
                by_entity[entity] = Table(entity, model, tracked()[entity].columns)
    return by_entity


def values(field: Any) -> list[Any]:
    """Values that differ as their captured JSON; the emptiest is first."""
    empty: list[Any] = [None] if field.null else []
    if field.choices:
        # Choices are words of ours; a blank one is an empty string.
        return [*([""] if field.blank and not field.null else []), *(c for c, _ in field.choices)]
    if isinstance(field, ArrayField):
        return [[], ["pi_3Mtw"], ["pi_3Mtw", "ch_9Kxz"]]
    if isinstance(field, MoneyField):
        return [*empty, Decimal("11.520"), Decimal("340.520")]
    if isinstance(field, models.DecimalField):
        return [*empty, Decimal("0.0000"), Decimal("8.2500"), Decimal("11.0000")]
    if isinstance(field, models.BooleanField):
        return [False, True]
    if isinstance(field, models.DateTimeField):
        return [*empty, f"{DAY}T16:00:00+00:00", f"{DAY}T17:30:05+00:00"]
    if isinstance(field, models.DateField):
        return [*empty, DAY, "2026-04-09"]
    if isinstance(field, models.JSONField):
        return [{}, {"closing_agent": "Alder Title"}, {"closing_agent": "Birch Title", "days": 3}]
    if field.column == "work_order_id":
        return [None, 41]  # a feed is one job's: there is no other number to tell apart
    if isinstance(field, models.ForeignKey | models.IntegerField):
        return [*empty, 41, 42]
    if field.column == "status":  # of a share: that of what it is a part of
        return ["queued", "completed", "lost"]
    if field.column == "currency":
        return ["USD", "CAD"]
    if field.column == "method":  # a provider's own word, where it is not a choice of ours
        return ["", "card", "pac"]
    if field.column == "provider":
        return ["guardian", "flexfund"]
    texts = ["alder", "birch"] if (field.max_length or 99) >= 5 else ["4242", "0002"]
    return [*([""] if field.blank else empty), *texts]


TABLES = tables()

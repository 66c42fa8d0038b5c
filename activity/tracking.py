"""Declaring a tracked table: ``triggers = track("payments.payment", [...])`` in its Meta.

Statement-level triggers with transition tables write one Change per changed row, whatever
changed it: ORM, bulk update, raw SQL, psql, a cascade. They read only the tracked columns and
the row's own ``id``, ``brand_id``, ``work_order_id`` and ``happened_at``. Transition tables do
not see a changed primary key or TRUNCATE, so those two are refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pgtrigger

# Raised to a name so that pages and tests can tell this refusal from others.
REFUSED = "paystory_tracked"


@dataclass(frozen=True)
class Tracked:
    """What is captured of one table. ``columns`` are database column names.

    ``only`` is the SQL condition on the row ``r`` of which changes are captured; empty: all are.
    """

    entity: str
    columns: tuple[str, ...]
    only: str = ""


_tracked: dict[str, Tracked] = {}


def tracked() -> dict[str, Tracked]:
    """Every tracked table by entity name, complete once the apps are loaded."""
    return dict(_tracked)


_INSERT_INTO = """
    INSERT INTO activity_change (
        occurred_at, recorded_at, txid, entity, op, object_id, brand_id, work_order_id,
        before, after, actor_kind, actor_id, actor_label, request_id, step, imported
    )
    SELECT
        coalesce((actor->>'at')::timestamptz, {happened_at}),
        clock_timestamp(), pg_current_xact_id()::text::bigint, '{entity}', '{op}',
        r.id, {brand}, {work_order}, {before}, {after},
        coalesce(actor->>'kind', 'database'), coalesce(actor->>'id', ''),
        coalesce(actor->>'label', session_user), coalesce(actor->>'request_id', ''),
        coalesce(actor->>'step', ''), coalesce((actor->>'imported')::boolean, false)
    FROM {rows}
    ORDER BY r.id;
    RETURN NULL;
"""
_DECLARE = [("actor", "jsonb := nullif(current_setting('paystory.actor', true), '')::jsonb")]


def _image(alias: str, columns: Sequence[str]) -> str:
    pairs = ", ".join(f"'{c}', {alias}.\"{c}\"" for c in columns)
    return f"jsonb_build_object({pairs})"


def _row(alias: str, columns: Sequence[str]) -> str:
    return "ROW(" + ", ".join(f'{alias}."{c}"' for c in columns) + ")"


def track(
    entity: str,
    columns: Sequence[str],
    *,
    happened_at: str | None = None,
    brand: str = "brand_id",
    work_order: str = "work_order_id",
    only: str = "",
) -> list[pgtrigger.Trigger]:
    """The triggers that capture ``columns`` of a table as ``entity``.

    ``happened_at`` names the column that says when an inserted row's fact really happened.
    ``brand`` and ``work_order`` name the columns that scope it (``NULL`` where there is none;
    the work order's own table passes ``id``). ``only`` is an SQL condition on the row ``r``: rows
    of which it is untrue are shown by another table's changes and not captured here.
    """
    _tracked[entity] = Tracked(entity, tuple(columns), only)

    def scope(column: str) -> str:
        return "NULL::bigint" if column == "NULL" else f'r."{column}"'

    def body(op: str, rows: str, before: str, after: str) -> str:
        return _INSERT_INTO.format(
            happened_at=f'coalesce(r."{happened_at}", now())'
            if happened_at and op == "I"
            else "now()",
            entity=entity,
            op=op,
            brand=scope(brand),
            work_order=scope(work_order),
            before=before,
            after=after,
            rows=rows,
        )

    def capture(
        name: str, operation: pgtrigger.Operation, func: str, referencing: pgtrigger.Referencing
    ) -> pgtrigger.Trigger:
        return pgtrigger.Trigger(
            name=name,
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=referencing,
            declare=_DECLARE,
            func=func,
        )

    changed = (
        "new_rows r JOIN old_rows o ON o.id = r.id "
        f"WHERE {_row('o', columns)} IS DISTINCT FROM {_row('r', columns)}"
    ) + (f" AND {only}" if only else "")
    where = f" WHERE {only}" if only else ""
    return [
        capture(
            "capture_insert",
            pgtrigger.Insert,
            body("I", f"new_rows r{where}", "NULL::jsonb", _image("r", columns)),
            pgtrigger.Referencing(new="new_rows"),
        ),
        capture(
            "capture_update",
            pgtrigger.Update,
            body("U", changed, _image("o", columns), _image("r", columns)),
            pgtrigger.Referencing(old="old_rows", new="new_rows"),
        ),
        capture(
            "capture_delete",
            pgtrigger.Delete,
            body("D", f"old_rows r{where}", _image("r", columns), "NULL::jsonb"),
            pgtrigger.Referencing(old="old_rows"),
        ),
        *_refusals(entity),
    ]


def _refusals(entity: str) -> list[pgtrigger.Trigger]:
    """What transition tables do not see, and what is therefore refused."""
    return [
        pgtrigger.Trigger(
            name="refuse_new_id",
            level=pgtrigger.Row,
            when=pgtrigger.Before,
            operation=pgtrigger.UpdateOf("id"),
            condition=pgtrigger.Condition("OLD.id IS DISTINCT FROM NEW.id"),
            func=f"RAISE EXCEPTION '{REFUSED}: the primary key of {entity} never changes';",
        ),
        pgtrigger.Trigger(
            name="refuse_truncate",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func=(
                "IF coalesce(current_setting('paystory.resetting', true), '') <> 'on' THEN "
                f"RAISE EXCEPTION '{REFUSED}: TRUNCATE of {entity} would go unseen'; "
                "END IF; RETURN NULL;"
            ),
        ),
    ]

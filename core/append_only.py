"""What the database itself refuses: rewriting rows that only ever grow in number (law 2).

The triggers hold against anything: the ORM, bulk statements, raw SQL, psql. TRUNCATE of a tracked
table is refused by ``activity.tracking``.
"""

import pgtrigger

# Raised to a name so that pages and tests can tell this refusal from others.
REFUSED = "paystory_append_only"


def append_only(what: str) -> list[pgtrigger.Trigger]:
    """Rows of this table are neither changed nor deleted; a correction is a new row."""
    return [
        pgtrigger.Trigger(
            name="refuse_update",
            level=pgtrigger.Row,
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            func=f"RAISE EXCEPTION '{REFUSED}: {what} are never changed; add a new one';",
        ),
        pgtrigger.Trigger(
            name="refuse_delete",
            level=pgtrigger.Row,
            when=pgtrigger.Before,
            operation=pgtrigger.Delete,
            func=f"RAISE EXCEPTION '{REFUSED}: {what} are never deleted';",
        ),
    ]

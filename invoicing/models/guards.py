"""What the database itself refuses: rewriting issued bills and the ledger (law 2).

These triggers hold against anything: the ORM, bulk statements, raw SQL, psql. Deleting and
TRUNCATE are possible only while a demo database is being reset.
"""

import pgtrigger

from core.append_only import REFUSED as REFUSED
from core.append_only import append_only as append_only
from invoicing.settlement.types import held_sign_sql

RESETTING = "coalesce(current_setting('paystory.resetting', true), '') = 'on'"


def no_truncate(what: str) -> pgtrigger.Trigger:
    """For tables that are not tracked: tracked ones refuse TRUNCATE already."""
    return pgtrigger.Trigger(
        name="refuse_truncate",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func=(
            f"IF NOT ({RESETTING}) THEN "
            f"RAISE EXCEPTION '{REFUSED}: {what} are never deleted'; END IF; RETURN NULL;"
        ),
    )


def issued_stays() -> list[pgtrigger.Trigger]:
    """An issued invoice keeps number, kind, job and date, is never deleted, never a draft again."""
    fixed = (
        *("number", "sequence", "kind", "work_order_id", "brand_id", "client_id", "currency"),
        *("invoice_date", "credits_id"),
    )
    differs = " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in fixed)
    backwards = "NEW.status = 'draft' OR (OLD.status = 'void' AND NEW.status <> 'void')"
    return [
        pgtrigger.Trigger(
            name="refuse_rewrite",
            level=pgtrigger.Row,
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            condition=pgtrigger.Condition(f"OLD.status <> 'draft' AND ({differs} OR {backwards})"),
            func=f"RAISE EXCEPTION '{REFUSED}: what an issued invoice is never changes';",
        ),
        pgtrigger.Trigger(
            name="refuse_delete",
            level=pgtrigger.Row,
            when=pgtrigger.Before,
            operation=pgtrigger.Delete,
            condition=pgtrigger.Condition("OLD.status <> 'draft'"),
            func=f"RAISE EXCEPTION '{REFUSED}: an issued invoice is voided, never deleted';",
        ),
        _void_holds_no_money(),
    ]


_SIGN = held_sign_sql()
# Whether services or fee money is left on the invoice that a trigger looks at.
_HELD = (
    f"EXISTS (SELECT 1 FROM invoicing_ledgerentry WHERE invoice_id = NEW.id "  # noqa: S608  # our own SQL
    f"HAVING sum({_SIGN} * services_amount) <> 0 OR sum({_SIGN} * fee_amount) <> 0)"
)


def _void_holds_no_money() -> pgtrigger.Trigger:
    """An invoice that holds money, or waits for some, is not voided (docs/decisions/009)."""
    return pgtrigger.Trigger(
        name="refuse_void_with_money",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("status"),
        condition=pgtrigger.Condition("OLD.status = 'issued' AND NEW.status = 'void'"),
        func=(
            f"IF {_HELD} OR EXISTS (SELECT 1 FROM invoicing_moneyinflight "  # noqa: S608  # our own
            "WHERE invoice_id = NEW.id) THEN "
            f"RAISE EXCEPTION '{REFUSED}: money is held on this invoice, or under way'; "
            "END IF; RETURN NEW;"
        ),
    )


def in_force_stays() -> list[pgtrigger.Trigger]:
    """A policy that has begun never changes, and none is moved to where it would have begun."""
    refused = f"RAISE EXCEPTION '{REFUSED}: a fee policy in force never changes; add a later one';"
    return [
        pgtrigger.Trigger(
            name=name,
            level=pgtrigger.Row,
            when=pgtrigger.Before,
            operation=operation,
            func=f"IF ({begun}) AND NOT ({RESETTING}) THEN {refused} END IF; RETURN {row};",
        )
        for name, operation, begun, row in (
            (
                "refuse_update",
                pgtrigger.Update,
                "OLD.effective_from <= now() OR NEW.effective_from <= now()",
                "NEW",
            ),
            ("refuse_delete", pgtrigger.Delete, "OLD.effective_from <= now()", "OLD"),
        )
    ]


def granted_stays() -> pgtrigger.Trigger:
    """What a credit is never changes; only how much of it was used, or given back.

    An overpayment is not given back by itself: it is put back on its invoice and refunded.
    """
    fixed = ("amount", "kind", "client_id", "invoice_id", "brand_id")
    differs = " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in fixed)
    given = "NEW.kind = 'overpayment' AND NEW.returned <> 0"
    return pgtrigger.Trigger(
        name="refuse_rewrite",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(f"{differs} OR ({given})"),
        func=(
            f"IF NOT ({RESETTING}) THEN RAISE EXCEPTION "
            f"'{REFUSED}: what a credit is never changes'; END IF; RETURN NEW;"
        ),
    )


def stamped_with_its_transaction() -> pgtrigger.Trigger:
    """A revision knows the transaction that wrote it, so that no line can join it later."""
    return pgtrigger.Trigger(
        name="stamp_txid",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func="NEW.txid := pg_current_xact_id()::text::bigint; RETURN NEW;",
    )


def only_with_its_revision() -> pgtrigger.Trigger:
    """A line comes in the transaction of its revision, or not at all."""
    return pgtrigger.Trigger(
        name="refuse_late_line",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=(
            "IF (SELECT txid FROM invoicing_invoicerevision "  # noqa: S608  # our own SQL
            "WHERE id = NEW.revision_id) "
            "IS DISTINCT FROM pg_current_xact_id()::text::bigint THEN "
            f"RAISE EXCEPTION '{REFUSED}: a revision gets no lines later'; END IF; RETURN NEW;"
        ),
    )

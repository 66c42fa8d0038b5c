"""What an open transaction still owes a job, so that none ends with money half written.

Django has no hook before commit, and a flag in Python misses SQL. So triggers on the money tables
write down what a changed row calls for; posting and recomputing strike it out; a deferred
constraint looks at the end of the transaction, and fails it, naming the job and the step. The
table is empty whenever no transaction is open, so nothing is to be migrated. Each transaction has
rows of its own, so that nobody waits here for anybody else.
"""

from collections.abc import Sequence

import pgtrigger
from django.db import models

from invoicing.models.guards import RESETTING
from workorders.models import Charge

# Raised to a name so that pages and tests can tell this refusal from others.
UNSETTLED = "paystory_unsettled"
TABLE = "invoicing_unsettled"
_TXID = "pg_current_xact_id()::text::bigint"


class Step(models.TextChoices):
    """What a change of money calls for."""

    POST = "post", "Post"
    RECOMPUTE = "recompute", "Recompute"


_MISSING = (
    "CASE NEW.step WHEN 'post' THEN 'payment ' || NEW.payment_id || ' changed and was not posted' "
    "ELSE 'its money changed and it was not recomputed' END"
)

# A job that is gone owes nothing: its rows went with it.
SETTLED_AT_COMMIT = pgtrigger.Trigger(
    name="settled_at_commit",
    level=pgtrigger.Row,
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    timing=pgtrigger.Deferred,
    declare=[("job", "text")],
    func=(
        f"IF NOT EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id) THEN RETURN NULL; END IF; "  # noqa: S608  # our own SQL
        "SELECT number INTO job FROM workorders_workorder WHERE id = NEW.work_order_id; "
        f"IF job IS NULL THEN DELETE FROM {TABLE} WHERE id = NEW.id; RETURN NULL; END IF; "
        f"RAISE EXCEPTION '{UNSETTLED}: job %: %', job, {_MISSING} "
        "USING ERRCODE = 'integrity_constraint_violation';"
    ),
)


class Unsettled(models.Model):
    """One step that the open transaction still owes a job. Never captured, never committed.

    No foreign keys: a row is gone before anything could point at it in vain.
    """

    work_order_id = models.BigIntegerField()
    # The payment that is to be posted; 0 where the job is to be recomputed.
    payment_id = models.BigIntegerField(default=0)
    step = models.CharField(max_length=9, choices=Step)
    txid = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["work_order_id", "step", "payment_id", "txid"],
                name="invoicing_unsettled_once",
            ),
        ]
        indexes = [models.Index(fields=["payment_id"], name="invoicing_unsettled_payment")]
        triggers = [SETTLED_AT_COMMIT]


def calls_for_recompute(columns: Sequence[str], only: str = "") -> pgtrigger.Trigger:
    """A change of these columns moves a figure of the row's job; ``only`` is SQL about ``r``."""
    return _calls_for(Step.RECOMPUTE, columns, _one_row("0", Step.RECOMPUTE), only)


def calls_for_posting(columns: Sequence[str], shares: str = "") -> pgtrigger.Trigger:
    """A change of these columns moves money of a payment, on the row's job.

    ``shares`` is for payments themselves: SQL that selects the jobs and the payment of ``r``.
    """
    if not shares:
        return _calls_for(Step.POST, columns, _one_row("r.payment_id", Step.POST))
    rows = (
        f"INSERT INTO {TABLE} (work_order_id, payment_id, step, txid) "  # noqa: S608  # our own SQL
        f"SELECT s.work_order_id, s.payment_id, 'post', {_TXID} FROM ({shares}) s "
        "ORDER BY s.work_order_id ON CONFLICT DO NOTHING;"
    )
    return _calls_for(Step.POST, columns, rows, operation=pgtrigger.Update)


def _one_row(payment: str, step: Step) -> str:
    return (
        f"INSERT INTO {TABLE} (work_order_id, payment_id, step, txid) "  # noqa: S608  # our own SQL
        f"VALUES (r.work_order_id, {payment}, '{step.value}', {_TXID}) ON CONFLICT DO NOTHING;"
    )


def _calls_for(
    step: Step,
    columns: Sequence[str],
    insert: str,
    only: str = "",
    operation: pgtrigger.Operation | None = None,
) -> pgtrigger.Trigger:
    before, after = (", ".join(f'{row}."{c}"' for c in columns) for row in ("OLD", "NEW"))
    when, end = (f"IF {only} THEN ", " END IF;") if only else ("", "")
    return pgtrigger.Trigger(
        name=f"calls_for_{step.value}",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=operation or (pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete),
        declare=[("r", "record")],
        func=(
            f"IF TG_OP = 'UPDATE' AND ROW({before}) IS NOT DISTINCT FROM ROW({after}) "
            f"THEN RETURN NULL; END IF; IF {RESETTING} THEN RETURN NULL; END IF; "
            # A row that moves to another job or payment calls for both.
            f"IF TG_OP <> 'INSERT' THEN r := OLD; {when}{insert}{end} END IF; "
            f"IF TG_OP <> 'DELETE' THEN r := NEW; {when}{insert}{end} END IF; RETURN NULL;"
        ),
    )


class BilledCharge(Charge):
    """The charges of jobs, watched from here: their own floor knows no invoices."""

    class Meta:
        proxy = True
        triggers = [
            calls_for_recompute(
                [
                    *("work_order_id", "description", "amount", "service_type"),
                    *("tax_percent", "tax_amount"),
                ]
            ),
        ]

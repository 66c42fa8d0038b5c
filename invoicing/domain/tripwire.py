"""Striking out what a changed row called for, and asking early whether anything is left.

The triggers are in ``invoicing.models.tripwire``; only posting and recomputing come here.
"""

from collections.abc import Sequence

from django.db import connection

from invoicing.models.tripwire import SETTLED_AT_COMMIT, Step, Unsettled
from workorders.models import WorkOrder


def was_posted(payment_id: int, work_order_ids: Sequence[int]) -> None:
    """Note that a payment was posted on these jobs, and on no other that it may have paid."""
    Unsettled.objects.filter(
        step=Step.POST, payment_id=payment_id, work_order_id__in=work_order_ids
    ).delete()


def were_posted_on(job: WorkOrder, payment_ids: Sequence[int]) -> None:
    """Note that these payments were posted on ``job``."""
    Unsettled.objects.filter(
        step=Step.POST, work_order_id=job.pk, payment_id__in=payment_ids
    ).delete()


def was_recomputed(job: WorkOrder) -> None:
    """Note that the rollups of ``job`` say what its rows say."""
    Unsettled.objects.filter(step=Step.RECOMPUTE, work_order_id=job.pk).delete()


def check() -> None:
    """Fail here rather than at commit where a job was not posted or not recomputed.

    IntegrityError names the job and the missing step; a savepoint around it can be undone.
    """
    # Its hint says an instance; it takes, and migrations give it, the model.
    name = SETTLED_AT_COMMIT.get_pgid(Unsettled)  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS {name} IMMEDIATE; SET CONSTRAINTS {name} DEFERRED")

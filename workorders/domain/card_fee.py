"""Whether a job's card fee was switched off at a moment: dated rows, like fee policies.

A card payment is quoted by the switch as it was when the money came (docs/decisions/003), in
whatever order payments and switches become known. ``WorkOrder.fee_disabled`` is the state now;
who writes it calls ``record_switch`` in the same transaction.
"""

from datetime import datetime

from activity import actors
from core import clock
from workorders.models import CardFeeSwitch, WorkOrder


def record_switch(job: WorkOrder, *, at: datetime | None = None) -> CardFeeSwitch:
    """Date the state that ``job.fee_disabled`` was just given, with the job's reason.

    ``at`` is by default when the open step says it happened, else now. It is never before the
    switch that is there already: the last row is always the state now. The caller holds the job's
    lock.
    """
    acting = actors.current()
    at = at or (acting.at if acting and acting.at else clock.now())
    last = job.card_fee_switches.last()
    return CardFeeSwitch.objects.create(
        brand_id=job.brand_id,
        work_order=job,
        disabled=job.fee_disabled,
        reason=job.reason,
        by=acting.actor.label[:200] if acting else "",
        happened_at=max(at, last.happened_at) if last else at,
    )


def was_disabled(job: WorkOrder, at: datetime) -> bool:
    """Whether the job's card fee was off at ``at``: the last switch at or before it.

    Money that is dated before its job was booked is quoted as the job was booked.
    """
    switches = list(job.card_fee_switches.all())  # in the order in which they happened
    so_far = [row for row in switches if row.happened_at <= at]
    as_booked = [row for row in switches if row.happened_at == job.happened_at]
    counts = so_far[-1:] or as_booked[:1]
    return bool(counts) and counts[0].disabled

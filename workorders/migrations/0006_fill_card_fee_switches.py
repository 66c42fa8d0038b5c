"""Dates every switch of a card fee that the change log has, and the state of each job now.

The quote of a card payment was read from the log: the state before the first switch after it,
else the job's own. The rows say the same at every moment.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import migrations
from django.db.models import F, Q

from activity.filling import filling

NAME = "workorders.0006_fill_card_fee_switches"


@dataclass(frozen=True)
class Switch:
    """A change of ``fee_disabled`` as the log has it."""

    at: datetime
    before: bool
    reason: str
    by: str


def fill(apps: Any, schema_editor: Any) -> None:
    """Write the rows of every job whose fee was ever off."""
    model = apps.get_model("workorders", "CardFeeSwitch")
    jobs = apps.get_model("workorders", "WorkOrder").objects
    switches = dict(_switches(apps))
    touched = jobs.filter(Q(fee_disabled=True) | Q(pk__in=list(switches))).order_by("pk")
    with filling(NAME):
        for job in touched.iterator():
            rows = _rows(job, switches.get(job.pk, []))
            model.objects.bulk_create(
                model(brand_id=job.brand_id, work_order_id=job.pk, **row) for row in rows
            )


def _switches(apps: Any) -> Iterator[tuple[int, list[Switch]]]:
    """The switches of each job, in the order in which they happened."""
    changes = apps.get_model("activity", "Change").objects
    rows = (
        changes.filter(entity="workorders.work_order", op="U")
        .exclude(before__fee_disabled=F("after__fee_disabled"))
        .order_by("object_id", "occurred_at", "id")
    )
    for pk, of_job in groupby(rows.iterator(), key=lambda change: change.object_id):
        yield (
            pk,
            [
                Switch(
                    change.occurred_at,
                    bool(change.before["fee_disabled"]),
                    change.after["reason"],
                    change.actor_label,
                )
                for change in of_job
            ],
        )


def _rows(job: Any, switches: list[Switch]) -> Iterator[dict[str, Any]]:
    """The state as booked, if the fee was off then; and each that a switch left behind."""
    states = [*(switch.before for switch in switches), job.fee_disabled]
    is_off = states[0]
    if is_off:
        booked = min([job.happened_at, *(switch.at for switch in switches)])
        reason = "" if switches else job.reason
        yield {"disabled": True, "happened_at": booked, "reason": reason}
    for switch, after in zip(switches, states[1:], strict=True):
        if after != is_off:
            is_off = after
            yield {
                "disabled": after,
                "happened_at": switch.at,
                "reason": switch.reason,
                "by": switch.by,
            }


class Migration(migrations.Migration):
    dependencies = [
        ("activity", "0001_initial"),
        ("workorders", "0005_card_fee_switch"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

"""A refund that a person asked for so far took the share of the job on which it was asked for."""

from typing import Any

from django.db import migrations
from django.db.models import F

from activity.filling import filling

NAME = "payments.0012_fill_share_of"


def fill(apps: Any, schema_editor: Any) -> None:
    """Name that job; what providers and imports reported named none."""
    with filling(NAME):
        refunds = apps.get_model("payments", "Refund").objects
        refunds.filter(origin="person").update(share_of=F("work_order"))


class Migration(migrations.Migration):
    dependencies = [
        ("activity", "0001_initial"),
        ("payments", "0011_money_back_shares"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
